/** What a source's unit is in the unit that facts of its quantity are kept in: value × times / over + plus. Written down anew here, by the SI. */
interface Conversion {
  readonly times: number;
  readonly over: number;
  readonly plus?: number;
}

const conversions: Readonly<Record<string, Conversion>> = {
  "L/min": { times: 1, over: 60 }, "L/h": { times: 1, over: 3600 }, "mL/s": { times: 1, over: 1000 }, "m3/h": { times: 10, over: 36 },
  "m3/s": { times: 1000, over: 1 }, "m3/d": { times: 10, over: 864 }, "ft3/s": { times: 28.316846592, over: 1 }, "gal/min": { times: 3.785411784, over: 60 },
  "L": { times: 1, over: 1000 }, "cm": { times: 1, over: 100 }, "mm": { times: 1, over: 1000 }, "ft": { times: 0.3048, over: 1 },
  "degF": { times: 5, over: 9, plus: -160 / 9 }, "bar": { times: 100, over: 1 }, "mbar": { times: 1, over: 10 }, "psi": { times: 6.894757293168, over: 1 },
  "mS/cm": { times: 1000, over: 1 }, "mV": { times: 1, over: 1000 },
};

/** Numbers with which sources say that they have none, in units of the source where they are no quantity. */
const noReading = new Map<number, readonly string[]>([
  [-999, ["cm", "mm"]], [-999.9, ["mm"]], [-999.99, []], [-3200, ["mm"]], [-9999, []], [-32768, []], [-99999, []], [-999999, []],
]);

/** What a fact of this reading must hold; null when the source's number says that there is none. */
export interface ExpectedValue {
  readonly value: number | null;
  /** False where the conversion rounds: the last digit may differ. */
  readonly isExact: boolean;
}

export function expectedValue(value: number, variable: string, unit: string): ExpectedValue {
  if (value < 0 && (variable === "pulses" || noReading.get(value)?.includes(unit) === false)) return { value: null, isExact: true };
  const conversion = conversions[unit];
  if (conversion === undefined) return { value, isExact: true };
  const { times, over, plus = 0 } = conversion;
  return { value: Number(((value * times) / over + plus).toPrecision(15)), isExact: false };
}

/** Of values that were rounded to 15 digits after a multiplication: two units of the last digit and the rounding of the double. */
const ROUNDING = 4e-15;

/** Bit for bit, but for what a conversion rounds. 0 and -0 are one: JSON does not tell them apart. */
export function isSameValue(expected: ExpectedValue, found: number | null): boolean {
  if (expected.value === found) return true;
  if (expected.isExact || expected.value === null || found === null) return false;
  return Math.abs(found - expected.value) <= Math.abs(expected.value) * ROUNDING;
}
