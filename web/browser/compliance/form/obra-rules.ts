/** What a regulator asks of a work, as far as the form shows it ahead; the server decides, and a test holds these rows against its rules. */
export const regulators = ["dga", "sma"] as const;
export const standards = ["mayor", "medio", "menor", "caudales-muy-pequenos", "custom"] as const;
export const waterKinds = ["groundwater", "surface-flowmeter", "surface-channel"] as const;
export const quantities = ["flow", "total", "depth", "stage"] as const;
export type Quantity = (typeof quantities)[number];

export interface AskedWork {
  readonly regulator: string;
  readonly standard: string;
  readonly water: string;
  readonly levelMayBeMissing: boolean;
}

/** Quantities that the work cannot do without. */
export function requiredQuantities({ regulator, standard, water, levelMayBeMissing }: AskedWork): readonly Quantity[] {
  if (regulator === "sma") return ["flow", "total"];
  const mayLackLevel = levelMayBeMissing || standard === "caudales-muy-pequenos";
  if (water === "surface-channel") return mayLackLevel ? ["flow"] : ["flow", "stage"];
  return water === "groundwater" && !mayLackLevel ? ["flow", "total", "depth"] : ["flow", "total"];
}

/** Quantities that a work of such water may have. */
export function offeredQuantities(water: string): readonly Quantity[] {
  return quantities.filter((quantity) => (quantity !== "depth" || water === "groundwater") && (quantity !== "stage" || water === "surface-channel"));
}

/** Flow and total of several meters are added up. */
export function mayHaveSeveral(quantity: Quantity): boolean {
  return quantity === "flow" || quantity === "total";
}

/** What a quantity's unit measures. */
export const measuredBy: Readonly<Record<Quantity, string>> = { flow: "flow", total: "volume", depth: "length", stage: "length" };

/** Days after which an unsent slot is to be declared, unless the work says otherwise. */
export function standardDelayDays(standard: string): number {
  return { mayor: 7, medio: 15, menor: 30, "caudales-muy-pequenos": 30 }[standard] ?? 7;
}

/** What a RUT lacks while it is typed; `digits`: all but its check digit, which is `expected`. */
export type RutHint = { readonly state: "empty" | "shape" } | { readonly state: "digits" | "wrong"; readonly expected: string } | { readonly state: "good"; readonly rut: string };

export function rutHint(typed: string): RutHint {
  const text = typed.trim().replaceAll(".", "").toUpperCase();
  if (text === "") return { state: "empty" };
  const [, digits, check] = /^(\d{1,8})(?:-([0-9K])?)?$/.exec(text) ?? [];
  if (digits === undefined) return { state: "shape" };
  const expected = checkDigit(digits);
  if (check === undefined) return { state: "digits", expected };
  return check === expected ? { state: "good", rut: `${Number(digits)}-${check}` } : { state: "wrong", expected };
}

/** Weights 2 to 7 in turn from the right, modulo 11. */
function checkDigit(digits: string): string {
  const sum = [...digits].reverse().reduce((total, digit, at) => total + Number(digit) * (2 + (at % 6)), 0);
  return "0K987654321"[sum % 11] ?? "0";
}
