import type { PageWords } from "../app/hooks.tsx";
import { measuredVariables, type Point } from "../wire/point.ts";
import type { LimitPeriod, SettingRow } from "../wire/setting.ts";
import type { VariableOption } from "../wire/operations.ts";

const totals = ["total", "pulses", "volume"];

interface LimitName {
  readonly name: string;
  readonly unitOf: (unit: string) => string;
  /** Limits that say nothing unless they are above zero. */
  readonly isPositive: boolean;
  readonly ofTotals?: true;
}

const limits: readonly LimitName[] = [
  { name: "min", unitOf: (unit) => unit, isPositive: false }, { name: "max", unitOf: (unit) => unit, isPositive: false },
  { name: "maxRatePerS", unitOf: (unit) => (unit === "" ? "/s" : `${unit}/s`), isPositive: true }, { name: "flatLineS", unitOf: () => "s", isPositive: true },
  { name: "spike", unitOf: (unit) => unit, isPositive: true }, { name: "stuckM3", unitOf: () => "m3", isPositive: true, ofTotals: true },
];

/** The limits of a variable, in the shape of settings; in its stored unit. */
export function limitRows(variable: string, unit: string, texts: PageWords["t"]): SettingRow[] {
  return limits.filter((row) => row.ofTotals === undefined || totals.includes(variable)).map(({ name, unitOf, isPositive }) => {
    const says = texts(`page.limit.name.${name}`);
    return { name, unit: unitOf(unit), says: { en: says, es: says }, choices: null, min: null, above: isPositive ? 0 : null, max: null, whole: false };
  });
}

export interface LimitedVariable {
  readonly variable: string;
  readonly name: string;
  readonly unit: string;
  readonly periods: readonly LimitPeriod[];
}

/** Variables whose limits can be said: those that devices send, and those of which something is said already. */
export function limitedVariables(point: Point, catalogue: ReadonlyMap<string, VariableOption>, words: PageWords): LimitedVariable[] {
  const sent = measuredVariables(point).map((row) => ({ variable: row.variable, name: words.name(row.name), unit: row.unit }));
  const others = [...new Set(point.limits.map(({ variable }) => variable))].filter((variable) => !sent.some((row) => row.variable === variable)).map((variable) => {
    const row = catalogue.get(variable);
    return { variable, name: row === undefined ? variable : words.name(row.name), unit: row?.unit ?? "" };
  });
  return [...sent, ...others].map((row) => ({ ...row, periods: point.limits.filter(({ variable }) => variable === row.variable) }));
}
