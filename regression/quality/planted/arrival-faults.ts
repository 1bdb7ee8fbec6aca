import type { Sent, SetUp } from "../replayed-series.ts";
import { cleanMeters, type Base } from "./bases.ts";
import { middleOf, pulseRow } from "./counter-faults.ts";
import type { FaultPlan, Planted } from "./plan.ts";
import type { Random } from "./random.ts";

const MINUTE_US = 60_000_000;
const HOUR_US = 60 * MINUTE_US;
const pulses: SetUp = { keys: { pulsos: { variable: "pulses", unit: "pulse" } }, settings: { pulseFactorL: 1 } };
const own = { into: "household meters", variable: "pulses", limits: "default", setUp: pulses, partRows: 150, bases: () => cleanMeters(3) } as const;

const rowsOf = (part: Base): Sent[] => part.map(({ timeUs, value }) => pulseRow(timeUs, value));
const trueL = (part: Base): number => part.at(-1)!.value - part[0]!.value;

/** A row that arrives when so many after it have; before it, in its place, what `first` says. */
function behind(part: Base, random: Random, rows: number, first?: (value: number) => number): Planted {
  const at = middleOf(part, random);
  const sent = rowsOf(part);
  const row = sent[at]!;
  const last = at + rows;
  const late: Sent = { ...row, receivedAtUs: part[last]!.timeUs + 2 * MINUTE_US };
  const early = first === undefined ? [] : [pulseRow(row.timeUs, first(part[at]!.value))];
  return { sent: [...sent.slice(0, at), ...early, ...sent.slice(at + 1, last + 1), late, ...sent.slice(last + 1)], timesUs: [row.timeUs], countedL: trueL(part) };
}

/** Runs of hourly rows without a gap, so that each gap found is one that was made. */
function withoutGaps(bases: readonly Base[]): Base[] {
  const runs: Base[] = [];
  for (const base of bases) {
    let run: Base[number][] = [];
    for (const row of base) {
      if (run.length > 0 && row.timeUs - run.at(-1)!.timeUs > 2 * HOUR_US) {
        runs.push(run);
        run = [];
      }
      run.push(row);
    }
    runs.push(run);
  }
  return runs;
}

export const arrivalFaults: readonly FaultPlan[] = [
  { ...own, fault: "arrives 2 to 24 rows late", reason: "late", plant: (part, random) => behind(part, random, random.whole(2, 24)) },
  { ...own, fault: "arrives 40 to 80 rows late", reason: "late", partRows: 250, plant: (part, random) => behind(part, random, random.whole(40, 80)) },
  { ...own, fault: "first with a bit lost, mended 2 to 12 rows later", reason: "late", plant: (part, random) => behind(part, random, random.whole(2, 12), (value) => value - 2 ** random.whole(10, 15)) },
  { ...own, fault: "arrives again 1 to 24 rows later", reason: "duplicate", plant: (part, random) => {
    const at = middleOf(part, random);
    const sent = rowsOf(part);
    const last = at + random.whole(1, 24);
    return { sent: [...sent.slice(0, last + 1), sent[at]!, ...sent.slice(last + 1)], timesUs: [], drops: 1, countedL: trueL(part) };
  } },
  { ...own, fault: "NaN in place of a number, 1 to 3 rows", reason: "not-numeric", plant: (part, random) => texts(part, random, ["NaN", "nan", "Infinity", "#N/A"]) },
  { ...own, fault: "nothing in place of a number, 1 to 3 rows", reason: "no-value", plant: (part, random) => texts(part, random, ["", " "]) },
  { ...own, fault: "the logger's clock 6 min to 5 h ahead, 1 row", reason: "clock-ahead", plant: (part, random) => {
    const at = middleOf(part, random);
    const sent = rowsOf(part);
    sent[at] = { ...sent[at]!, receivedAtUs: part[at]!.timeUs - random.whole(6, 300) * MINUTE_US };
    return { sent, timesUs: [part[at]!.timeUs], countedL: trueL(part) };
  } },
  { ...own, fault: "3 to 24 rows missing", reason: "gap-before", partRows: 60, bases: () => withoutGaps(cleanMeters(3)), plant: (part, random) => {
    const at = middleOf(part, random);
    const next = Math.min(at + random.whole(3, 24), part.length - 2);
    return { sent: rowsOf(part).filter((_, index) => index < at || index >= next), timesUs: [part[next]!.timeUs], countedL: trueL(part) };
  } },
];

function texts(part: Base, random: Random, choices: readonly string[]): Planted {
  const at = middleOf(part, random);
  const rows = random.whole(1, 3);
  const sent = part.map(({ timeUs, value }, index) => pulseRow(timeUs, index >= at && index < at + rows ? random.of(choices) : value));
  return { sent, timesUs: [], drops: rows, countedL: trueL(part) };
}
