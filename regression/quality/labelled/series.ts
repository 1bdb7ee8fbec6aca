import { convert, parseUnit, storedUnit, type VariableConfig } from "@caudal/core";

/** A real series of one sensor in which people marked what is wrong. */
export interface LabelledSeries {
  readonly source: string;
  readonly sensor: string;
  readonly variable: string;
  readonly unit: string;
  readonly rows: readonly { readonly timeUs: number; readonly value: number }[];
  /** First and last instant of each event. */
  readonly events: readonly (readonly [fromUs: number, toUs: number])[];
  /** What a person would set who knows what is measured, and has seen no label; in the variable's stored unit. Where nobody can know, it is read from the first rows. */
  readonly byNature?: VariableConfig;
  /** Rows, from the first, that whoever sets up the point may look at; nothing is measured on them. */
  readonly commissionedRows: number;
}

/** Limits that are read from the first rows, in the stored unit: half their span beyond it, and twice the fastest and furthest that they ever went. */
export function commissionedLimits({ rows, commissionedRows, variable, unit }: LabelledSeries): VariableConfig {
  const [source, stored] = [parseUnit(unit), parseUnit(storedUnit(variable, unit))];
  const seen = rows.slice(0, commissionedRows).map(({ timeUs, value }) => ({ timeUs, value: source === undefined || stored === undefined ? value : convert(value, source, stored) }));
  const values = seen.map(({ value }) => value);
  const [least, most] = values.reduce(([low, high], value) => [Math.min(low, value), Math.max(high, value)], [Infinity, -Infinity]);
  let [ratePerS, spike, stillS] = [0, 0, 0];
  let sinceUs = seen[0]!.timeUs;
  for (let index = 1; index < seen.length; index++) {
    const [before, now, after] = [seen[index - 1]!, seen[index]!, seen[index + 1]];
    ratePerS = Math.max(ratePerS, Math.abs(now.value - before.value) / ((now.timeUs - before.timeUs) / 1e6));
    if (after !== undefined) spike = Math.max(spike, Math.abs(now.value - (before.value + after.value) / 2));
    if (now.value !== before.value) sinceUs = now.timeUs;
    stillS = Math.max(stillS, (now.timeUs - sinceUs) / 1e6);
  }
  const span = most - least;
  return { min: least - span / 2, max: most + span / 2, maxRatePerS: 2 * ratePerS, spike: 2 * spike, flatLineS: Math.max(3 * stillS, 3600) };
}
