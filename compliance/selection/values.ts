import { convert, DecimalSum, parseUnit, variableRow } from "@caudal/core";
import type { TakenValue } from "../ledger/entry.ts";
import type { Feed, Obra, Quantity } from "../obras/obra.ts";
import type { SlotValues } from "../regulators/regulator.ts";

/** What each quantity is called in a slot's values, and the unit that it is reported in. */
const reported = {
  flow: { member: "flowLps", unit: "L/s" }, total: { member: "totalM3", unit: "m3" }, depth: { member: "depthM", unit: "m" }, stage: { member: "stageM", unit: "m" },
} as const satisfies Readonly<Record<Quantity, { readonly member: keyof SlotValues; readonly unit: string }>>;

/**
 * A stored value of the variable in L/s, m3 or m; undefined for a variable whose unit nobody knows or that is of another kind, since a number without its unit says nothing.
 */
export function inReportedUnit(quantity: Quantity, variable: string, value: number): number | undefined {
  return inUnitOf(quantity, variableRow(variable)?.unit, value);
}

/** The same of a value in a unit as somebody writes it: 36 m3/h of flow are 10 L/s. */
export function inUnitOf(quantity: Quantity, unit: string | undefined, value: number): number | undefined {
  const [from, to] = [unit === undefined ? undefined : parseUnit(unit), parseUnit(reported[quantity].unit)];
  return from === undefined || to === undefined || from.quantity !== to.quantity ? undefined : convert(value, from, to);
}

/**
 * What taken values add up to, by quantity. A quantity of which one feed has none is not there at all: half a sum would be a wrong number.
 */
export function valuesOf({ feeds }: Pick<Obra, "feeds">, taken: readonly TakenValue[]): SlotValues {
  const values: { -readonly [member in keyof SlotValues]: SlotValues[member] } = {};
  for (const quantity of Object.keys(reported) as Quantity[]) {
    const value = valueOf(feeds.filter((feed) => feed.quantity === quantity), taken);
    if (value !== undefined) values[reported[quantity].member] = value;
  }
  return values;
}

function valueOf(feeds: readonly Feed[], taken: readonly TakenValue[]): number | undefined {
  if (feeds.length === 0) return undefined;
  const sum = new DecimalSum();
  for (const { quantity, point, variable } of feeds) {
    const found = taken.find((each) => each.point === point && each.variable === variable);
    const value = found === undefined || found.value === "" ? undefined : inReportedUnit(quantity, variable, Number(found.value));
    if (value === undefined) return undefined;
    sum.add(value);
  }
  return sum.value();
}
