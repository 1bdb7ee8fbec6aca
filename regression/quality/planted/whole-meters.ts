import { subtractDecimals } from "@caudal/core";
import { Confusion } from "../confusion.ts";
import type { Meter, MeterRow } from "../meter-file.ts";
import { mainReason, meterSetUp, volumeBetween } from "../meter-replay.ts";
import { inTimeOrder, kindsOf, reasonOfKind, rowKinds, type RowKind } from "../odd-rows.ts";
import { replaySeries } from "../replayed-series.ts";
import { Random } from "./random.ts";

const APART = [30, 120] as const;

interface Strewn {
  readonly rows: readonly MeterRow[];
  readonly kinds: readonly RowKind[];
}

type Change = (before: number, random: Random) => { readonly rows: number; readonly alter: (litres: number) => number };

/** Faults that leave what comes after them as it was. */
const passing: readonly (readonly [RowKind, Change])[] = [
  ["step back", (before, random) => ({ rows: random.whole(1, 3), alter: () => before - random.whole(1, 50) })],
  ["dip", (_, random) => ({ rows: 1, alter: (litres) => litres - 2 ** random.whole(10, 12) })],
  ["cut digits", (_, random) => {
    const power = random.of([10, 100]);
    return { rows: random.whole(1, 2), alter: (litres) => Math.floor(litres / power) };
  }],
  ["zero", (_, random) => ({ rows: random.whole(1, 3), alter: () => 0 })],
  ["peak", (_, random) => ({ rows: 1, alter: (litres) => litres + 2 ** random.whole(14, 28) })],
  ["code", (_, random) => ({ rows: random.whole(1, 2), alter: () => random.of([-999, -9999, -32768, -999999]) })],
];

/** The meter with faults all over its year, some tens of rows apart, and now and then begun anew at its last reading. */
export function strewn(meter: Meter, random: Random): Strewn {
  const rows = inTimeOrder(meter.rows).map((row) => ({ ...row }));
  const kinds: RowKind[] = kindsOf(rows);
  // What was low by itself would be below zero after a reset.
  const mayReset = !kinds.includes("dip");
  let zero = 0;
  let at = random.whole(...APART);
  let last = 0;
  while (at < rows.length - 10) {
    for (let index = last; index < rows.length && index < at; index++) rows[index]!.litres -= zero;
    last = at;
    const before = rows[at - 1]!.litres;
    const clear = kinds.slice(Math.max(0, at - 10), at + 12).every((kind) => kind === "plain");
    if (clear && mayReset && before > 30_000 && random.next() < 0.1) {
      zero += before;
      kinds[at] = "reset";
    } else if (clear && before > 30_000) {
      const [kind, change] = random.of(passing);
      const { rows: count, alter } = change(before, random);
      for (let index = at; index < at + count; index++) {
        rows[index]!.litres = alter(rows[index]!.litres - zero);
        kinds[index] = kind;
      }
      last = at + count;
    }
    at += random.whole(...APART);
  }
  for (let index = last; index < rows.length; index++) rows[index]!.litres -= zero;
  return { rows: rows.map((row) => ({ ...row, text: String(row.litres) })), kinds };
}

export interface StrewnFindings {
  /** What was planted against the reason that was given, and against what the reading of the file says. */
  readonly reasons: Confusion;
  readonly readings: Confusion;
  readonly planted: number;
  readonly right: number;
  readonly stretches: number;
  readonly wrong: number;
  /** Volume over the whole file less what was drawn, L, of the meter where that is most. */
  readonly worstL: number;
}

/** Strews faults over each meter from the seed and compares what the processor says. */
export function replayStrewn(meters: readonly Meter[], seed: number): StrewnFindings {
  const random = new Random(seed);
  const reasons = new Confusion(rowKinds, ["nothing", "jitter", "spike", "truncated", "zero-kept", "counter-reset", "sentinel"]);
  const readings = new Confusion(rowKinds, rowKinds);
  let [planted, right, stretches, wrong, worstL] = [0, 0, 0, 0, 0];
  for (const meter of meters) {
    const { rows, kinds } = strewn(meter, random);
    const replayed = replaySeries(rows.map(({ timeUs, text }) => ({ timeUs, values: { reading: text } })), meterSetUp);
    const read = kindsOf(rows);
    let first: MeterRow | undefined;
    for (const [index, row] of rows.entries()) {
      const [is, said] = [kinds[index]!, mainReason(replayed.at("total", row.timeUs)?.reasons ?? ["no fact"])];
      reasons.add(is, said);
      readings.add(is, read[index]!);
      if (is !== "plain") planted += 1;
      if (is !== "plain" && said === reasonOfKind[is]) right += 1;
      const next = kinds[index + 1];
      if (is === "plain") first ??= row;
      if (first === undefined || is !== "plain" || next === "plain") continue;
      stretches += 1;
      if (volumeBetween(replayed, first, row) !== subtractDecimals(row.litres, first.litres)) wrong += 1;
      first = undefined;
    }
    const truth = inTimeOrder(meter.rows);
    worstL = Math.max(worstL, Math.abs(volumeBetween(replayed, rows[0]!, rows.at(-1)!) - (truth.at(-1)!.litres - truth[0]!.litres)));
  }
  return { reasons, readings, planted, right, stretches, wrong, worstL };
}
