/** A unit is a name that people write, and a factor to the unit that facts of its quantity are stored in. */
export interface UnitRow {
  readonly code: string;
  /** Units of one quantity convert into each other. */
  readonly quantity: string;
  /** stored = value × factor + offset, where stored is in the quantity's first unit. Factor as a decimal ratio, so that conversion can round once. */
  readonly factor: number;
  readonly offset?: number;
  /** Used in column names: `flow_lps`. */
  readonly slug: string;
  /** Other spellings, lower case, without spaces. */
  readonly aliases: readonly string[];
}

/** The first unit of each quantity is the one that facts are stored in. */
export const units = [
  { code: "L/s", quantity: "flow", factor: 1, slug: "lps", aliases: ["l/s", "lps", "l_s", "lt/s", "lts/s", "l/seg"] },
  { code: "L/min", quantity: "flow", factor: 1 / 60, slug: "lpm", aliases: ["l/min", "lpm", "l/m", "l_min"] },
  { code: "L/h", quantity: "flow", factor: 1 / 3600, slug: "lph", aliases: ["l/h", "lph"] },
  { code: "mL/s", quantity: "flow", factor: 0.001, slug: "mlps", aliases: ["ml/s", "mlps"] },
  { code: "m3/h", quantity: "flow", factor: 1 / 3.6, slug: "m3ph", aliases: ["m3/h", "m³/h", "m3h", "m3ph", "m3_h", "m3/hr", "cmh"] },
  { code: "m3/s", quantity: "flow", factor: 1000, slug: "m3ps", aliases: ["m3/s", "m³/s", "m3ps", "cumecs"] },
  { code: "m3/d", quantity: "flow", factor: 1 / 86.4, slug: "m3pd", aliases: ["m3/d", "m³/d", "m3/day", "m3/dia", "m3pd"] },
  { code: "ft3/s", quantity: "flow", factor: 28.316846592, slug: "cfs", aliases: ["ft3/s", "ft³/s", "cfs"] },
  { code: "gal/min", quantity: "flow", factor: 3.785411784 / 60, slug: "gpm", aliases: ["gal/min", "gpm"] },
  { code: "m3", quantity: "volume", factor: 1, slug: "m3", aliases: ["m3", "m³", "cbm"] },
  { code: "L", quantity: "volume", factor: 0.001, slug: "l", aliases: ["l", "lt", "lts", "liters", "litres", "litros"] },
  { code: "m", quantity: "length", factor: 1, slug: "m", aliases: ["m", "mt", "mts", "meter", "metre", "metros"] },
  { code: "cm", quantity: "length", factor: 0.01, slug: "cm", aliases: ["cm"] },
  { code: "mm", quantity: "length", factor: 0.001, slug: "mm", aliases: ["mm"] },
  { code: "ft", quantity: "length", factor: 0.3048, slug: "ft", aliases: ["ft", "feet"] },
  { code: "Cel", quantity: "temperature", factor: 1, slug: "c", aliases: ["cel", "c", "°c", "ºc", "degc", "celsius"] },
  { code: "degF", quantity: "temperature", factor: 5 / 9, offset: -160 / 9, slug: "f", aliases: ["f", "°f", "ºf", "degf", "fahrenheit"] },
  { code: "kPa", quantity: "pressure", factor: 1, slug: "kpa", aliases: ["kpa"] },
  { code: "bar", quantity: "pressure", factor: 100, slug: "bar", aliases: ["bar"] },
  { code: "mbar", quantity: "pressure", factor: 0.1, slug: "mbar", aliases: ["mbar", "hpa"] },
  { code: "psi", quantity: "pressure", factor: 6.894757293168, slug: "psi", aliases: ["psi"] },
  { code: "uS/cm", quantity: "conductivity", factor: 1, slug: "us_cm", aliases: ["us/cm", "µs/cm", "μs/cm", "us_cm"] },
  { code: "mS/cm", quantity: "conductivity", factor: 1000, slug: "ms_cm", aliases: ["ms/cm"] },
  { code: "pulse", quantity: "count", factor: 1, slug: "n", aliases: ["pulse", "pulses", "pulsos", "count", "n"] },
  { code: "pH", quantity: "acidity", factor: 1, slug: "ph", aliases: ["ph"] },
  { code: "mg/L", quantity: "concentration", factor: 1, slug: "mgpl", aliases: ["mg/l", "ppm", "mgpl"] },
  { code: "NTU", quantity: "turbidity", factor: 1, slug: "ntu", aliases: ["ntu", "fnu"] },
  { code: "vol", quantity: "gas-volumes", factor: 1, slug: "vol", aliases: ["vol", "volumes"] },
  { code: "V", quantity: "voltage", factor: 1, slug: "v", aliases: ["v", "volt", "volts"] },
  { code: "mV", quantity: "voltage", factor: 0.001, slug: "mv", aliases: ["mv"] },
  { code: "mA", quantity: "current", factor: 1, slug: "ma", aliases: ["ma"] },
  { code: "%", quantity: "share", factor: 1, slug: "pct", aliases: ["%", "pct", "percent"] },
] as const satisfies readonly UnitRow[];

export type UnitCode = (typeof units)[number]["code"];

const bySpelling = new Map<string, UnitRow>();
for (const row of units) for (const spelling of [row.code.toLowerCase(), ...row.aliases]) bySpelling.set(spelling, row);

/** The unit that a source means by this text, or undefined. */
export function parseUnit(text: string): UnitRow | undefined {
  return bySpelling.get(text.trim().toLowerCase().replaceAll(" ", ""));
}

/** The unit that facts of this unit's quantity are stored in. */
export function storedUnitOf(unit: UnitRow): UnitRow {
  return units.find((row) => row.quantity === unit.quantity) ?? unit;
}

/**
 * Converts between units of one quantity; the same unit gives the very same double. The result is rounded to 15 significant digits, so
 * that 0.1 L is 0.0001 m3 and not its neighbour. Throws when the quantities differ: a bug of the caller.
 */
export function convert(value: number, from: UnitRow, to: UnitRow): number {
  if (from.code === to.code) return value;
  if (from.quantity !== to.quantity) throw new Error(`${from.code} does not convert to ${to.code}`);
  const stored = value * from.factor + (from.offset ?? 0);
  return Number(((stored - (to.offset ?? 0)) / to.factor).toPrecision(15));
}

/** What stands in a column name for a unit, known or not. */
export function unitSlug(unit: string): string {
  return parseUnit(unit)?.slug ?? unit.toLowerCase().replace(/[^a-z0-9]+/g, "_").replace(/^_+|_+$/g, "");
}
