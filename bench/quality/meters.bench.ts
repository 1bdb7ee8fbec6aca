import { Confusion } from "../../regression/quality/confusion.ts";
import { missingShared } from "../../regression/quality/data-folder.ts";
import { handFiles, replayHandReadings } from "../../regression/quality/hand-readings.ts";
import { mainReason, NOTHING, replayMeter, together } from "../../regression/quality/meter-replay.ts";
import { allMeters, awkwardRows } from "../../regression/quality/meters.ts";
import { replayStrewn } from "../../regression/quality/planted/whole-meters.ts";
import type { Replayed } from "../../regression/quality/replayed-series.ts";
import { defineBenchmark } from "../harness/benchmark.ts";

const SEEDS = [1, 2, 3, 4, 5, 6];

/** What was said of a row, a gap before it where nothing else was. */
function saidOf(replayed: Replayed | undefined, timeUs: number): string {
  const fact = replayed?.at("total", timeUs);
  if (fact === undefined) return "no fact";
  const reason = mainReason(fact.reasons);
  return reason === NOTHING && fact.reasons.includes("gap-before") ? "gap-before" : reason;
}

export const benchmark = defineBenchmark({
  name: "quality-meters",
  about: "Real smart water meters of households (DAIAD, CC BY-SA 4.0), every row in the order of the file through mapping, judging and totaliser with default limits. What each row is, is read from the file by code that shares nothing with the processor (`regression/quality/odd-rows.ts`): a row below the highest reading so far is odd.",
  needs: [],
  seconds: 0,
  run: async (context) => {
    const { meters, missing } = allMeters();
    const began = performance.now();
    const all = meters.map((meter) => ({ meter, ...replayMeter(meter) }));
    const seconds = (performance.now() - began) / 1000;
    const found = together(all.map(({ findings }) => findings));
    context.figure({ name: "meters", value: meters.length, unit: "" });
    context.figure({ name: "rows", value: found.rows, unit: "" });
    context.figure({ name: "stretches between odd rows", value: found.stretches, unit: "" });
    context.figure({ name: "stretches whose volume is not last minus first, exactly", value: found.wrong.length, unit: "", atMost: 1 });
    context.figure({ name: "volume over whole files less last minus first", value: found.volumeL - found.countedL, unit: "L", atMost: 1 });
    context.figure({ name: "rows with another reason than the right one", value: found.mistaken.length, unit: "", atMost: 1 });
    context.figure({ name: "rows a second, read, mapped and judged", value: found.rows / seconds, unit: "rows/s" });
    context.table({ name: "What a row is (rows), and the reason that it was given (columns)", ...found.reasons.table("is") });
    context.table({ name: "Time since the row before, and whether a gap was said", ...found.gaps.table("since the row before") });
    if (missing === false) {
      const replays = new Map(all.map(({ meter, replayed }) => [meter.key, { meter, replayed }]));
      const kinds = ["gap", "time_not_increasing", "totalizer_decrease", "large_jump", "scientific_notation", "diff_mismatch"];
      const awkward = new Confusion(kinds, ["gap-before", "jitter", "spike", NOTHING]);
      for (const { meter, row, kind } of awkwardRows()) {
        const one = replays.get(meter)!;
        awkward.add(kind, saidOf(one.replayed, one.meter.rows[row]!.timeUs));
      }
      context.table({ name: "Rows that the file's makers listed as awkward", ...awkward.table("listed as") });
      context.note("Listed: 22 rows of the hour that October repeats are instants of their own; of 5 large jumps 3 follow 17 to 20 days of silence and 2 come back from a dip; 6e+05 is 600,000. None of these is odd.");
    } else context.note(`12 meters that the product carries; the others were not here: ${missing}.`);
    const handMissing = missingShared(...handFiles);
    if (handMissing === false) {
      const hand = replayHandReadings();
      context.table({
        name: "Dials of other households, read by hand about every quarter over decades (whole m³)",
        head: ["households", "readings", "changed meters", "told as counter-reset", "other rows with a reason", "stretches", "volume not last minus first"],
        rows: [[hand.households, hand.rows, hand.changes, hand.toldAsReset, hand.mistaken, hand.stretches, hand.wrong].map((count) => count.toLocaleString("en-US"))],
      });
      context.figure({ name: "hand readings: stretches whose volume is not last minus first", value: hand.wrong, unit: "", atMost: 1 });
    } else context.note(`1 file left out: hand readings: ${handMissing}.`);
    const strewn = SEEDS.map((seed) => replayStrewn(meters, seed));
    const sown = strewn[0]!.reasons;
    for (const { reasons } of strewn.slice(1)) sown.take(reasons);
    const sum = (of: (one: (typeof strewn)[number]) => number): number => strewn.reduce((total, one) => total + of(one), 0);
    context.table({ name: `The same meters with faults strewn over the whole year (seeds ${SEEDS.join(", ")})`, ...sown.table("planted") });
    context.figure({ name: "rows with a strewn or a real oddity", value: sum(({ planted }) => planted), unit: "" });
    context.figure({ name: "of these, with the right reason", value: sum(({ right }) => right) / sum(({ planted }) => planted), unit: "", atLeast: 0.99 });
    context.figure({ name: "stretches between them", value: sum((one) => one.stretches), unit: "" });
    context.figure({ name: "of these, whose volume is not last minus first", value: sum(({ wrong }) => wrong), unit: "", atMost: 1 });
    context.note("Strewn: one fault every 30 to 120 rows, and now and then a meter that begins anew at its last reading. Where that happens just below a register's end (65,536 or a million litres, say) it may be taken for a turn.");
    const { stretches, off, mostL } = found.byRowBefore;
    context.note(`Where only a row below the one before it is called odd, ${off} of ${stretches} stretches begin below the highest reading, and the volume, which holds there, grows by up to ${mostL} L less than they do; over the whole file nothing is missing.`);
    context.note("A gap is more than three hours for hourly meters; two of the first rows of a meter are not called so, since the rule knows a meter's interval from its fifth row on.");
  },
});
