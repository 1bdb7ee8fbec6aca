const DIGITS = 15;
const MAX_UNITS = 999_999_999_999_999;

/** The shortest decimal form of a finite double as whole units of 10^-scale. */
function unitsOf(value: number): { readonly units: bigint; readonly scale: number } {
  const [mantissa = "0", exponent = "0"] = String(value).split("e");
  const [whole = "0", fraction = ""] = mantissa.split(".");
  return { units: BigInt(whole + fraction), scale: fraction.length - Number(exponent) };
}

/** `a × b` by their shortest decimal forms, as the nearest double: 42 817 pulses of 0.1 m3 are 4281.7 m3. Throws a RangeError for what is not finite. */
export function multiplyDecimals(a: number, b: number): number {
  if (Number.isInteger(a) && Number.isInteger(b)) {
    const product = a * b;
    if (product <= MAX_UNITS && product >= -MAX_UNITS) return product + 0;
  }
  if (!Number.isFinite(a) || !Number.isFinite(b)) throw new RangeError(`${a} times ${b} is no decimal`);
  const left = unitsOf(a);
  const right = unitsOf(b);
  return Number(`${left.units * right.units}e${-(left.scale + right.scale)}`) + 0;
}

/** Cuts off what stands behind the decimals, by the shortest decimal form: 1010.7 to none is 1010. At most 15 decimals. */
export function cutDecimal(value: number, decimals: number): number {
  if (!Number.isFinite(value) || decimals < 0 || decimals > DIGITS) throw new RangeError(`${value} cannot be cut to ${decimals} decimals`);
  const { units, scale } = unitsOf(value);
  if (scale <= decimals) return value;
  return Number(`${units / 10n ** BigInt(scale - decimals)}e${-decimals}`) + 0;
}

/** Rounds to decimals by the shortest decimal form, halves away from zero: 1.005 to two decimals is 1.01. At most 15 decimals. */
export function roundDecimal(value: number, decimals: number): number {
  if (!Number.isFinite(value) || decimals < 0 || decimals > DIGITS) throw new RangeError(`${value} does not round to ${decimals} decimals`);
  const { units, scale } = unitsOf(value);
  if (scale <= decimals) return value;
  const step = 10n ** BigInt(scale - decimals);
  const half = units < 0n ? -step / 2n : step / 2n;
  return Number(`${(units + half) / step}e${-decimals}`) + 0;
}
