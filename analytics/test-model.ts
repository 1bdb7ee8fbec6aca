import { compareRevisions, flags } from "@caudal/core";
import type { Measurement } from "@caudal/schemas";

/** The plain meaning of a history, over facts in an array: what the service must agree with however it finds it. */

const HOLD_US = 3_600_000_000;

export interface ModelFact {
  readonly timeUs: number;
  readonly value: number | null;
  readonly flag: number;
}

export interface ModelBucket {
  readonly count: number;
  readonly flagged: number;
  readonly min: number | null;
  readonly max: number | null;
  readonly mean: number | null;
  readonly first: number | null;
  readonly last: number | null;
  readonly consumption: number | null;
}

/** Facts of a variable at their greatest revision, in time order, without the withdrawn. */
export function factsOf(measurements: readonly Measurement[], point: string, variable: string): ModelFact[] {
  const held = new Map<number, { readonly measurement: Measurement; readonly fact: Measurement["facts"][number] }>();
  for (const measurement of measurements) {
    const fact = measurement.facts.find((candidate) => candidate.variable === variable);
    if (measurement.point !== point || fact === undefined) continue;
    const before = held.get(measurement.instantUs);
    if (before === undefined || compareRevisions(measurement, before.measurement) > 0) held.set(measurement.instantUs, { measurement, fact });
  }
  return [...held].filter(([, { fact }]) => !fact.reasons.includes("withdrawn"))
    .map(([timeUs, { fact }]) => ({ timeUs, value: fact.value, flag: fact.flag })).sort((a, b) => a.timeUs - b.timeUs);
}

/** One bucket by definition; undefined when nothing was received in it. Totals are whole thousandths. */
export function bucketOf(facts: readonly ModelFact[], span: { readonly fromUs: number; readonly toUs: number }, isTotal: boolean): ModelBucket | undefined {
  const inside = facts.filter(({ timeUs }) => timeUs >= span.fromUs && timeUs < span.toUs);
  if (inside.length === 0) return undefined;
  const usable = facts.filter((fact): fact is ModelFact & { value: number } => fact.flag < flags.bad && fact.value !== null);
  const counted = usable.filter(({ timeUs }) => timeUs >= span.fromUs && timeUs < span.toUs);
  let [integral, weight, thousandths, pairs] = [0, 0, 0, 0];
  usable.forEach(({ timeUs, value }, i) => {
    const untilUs = Math.min(usable[i + 1]?.timeUs ?? Infinity, timeUs + HOLD_US, span.toUs);
    const heldUs = untilUs - Math.max(timeUs, span.fromUs);
    if (heldUs > 0) [integral, weight] = [integral + value * heldUs, weight + heldUs];
    const before = usable[i - 1]?.value;
    if (before === undefined || timeUs < span.fromUs || timeUs >= span.toUs) return;
    pairs += 1;
    thousandths += Math.max(0, Math.round(value * 1000) - Math.round(before * 1000));
  });
  const values = counted.map(({ value }) => value);
  return {
    count: inside.length, flagged: inside.filter(({ flag }) => flag >= flags.suspect).length,
    min: values.length === 0 ? null : Math.min(...values), max: values.length === 0 ? null : Math.max(...values),
    mean: values.length === 0 ? null : integral / weight, first: values[0] ?? null, last: values.at(-1) ?? null,
    consumption: isTotal && pairs > 0 ? thousandths / 1000 : null,
  };
}
