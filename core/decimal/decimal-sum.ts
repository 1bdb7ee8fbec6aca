const POWERS: readonly number[] = Array.from({ length: 16 }, (_, exponent) => Number(`1e${exponent}`));
/** Fifteen digits: below it a double and its shortest decimal form stand for each other. */
const MAX_UNITS = 999_999_999_999_999;

/** Digits after the point, `from` at least, with which the value is a whole number of at most fifteen digits; -1 when there are none. */
function scaleOf(value: number, from: number): number {
  for (let scale = from; scale < POWERS.length; scale++) {
    const power = POWERS[scale]!;
    const units = Math.round(value * power);
    if (units > MAX_UNITS || units < -MAX_UNITS) return -1;
    if (units / power === value) return scale;
  }
  return -1;
}

/** The shortest decimal form of a finite double as whole units of 10^-scale. */
function parseUnits(value: number): { units: bigint; scale: number } {
  const [mantissa = "0", exponent = "0"] = String(value).split("e");
  const [whole = "0", fraction = ""] = mantissa.split(".");
  const scale = fraction.length - Number(exponent);
  const units = BigInt(whole + fraction);
  return scale >= 0 ? { units, scale } : { units: units * 10n ** BigInt(-scale), scale: 0 };
}

/**
 * Sums doubles by their shortest decimal form: 0.1 + 0.2 is 0.3. The sum is kept as a whole number of decimal units, in a double while
 * fifteen digits hold it and in a BigInt beyond, so nothing is lost however many are added.
 */
export class DecimalSum {
  #scale = 0;
  #units = 0;
  #large: bigint | undefined;

  /** Throws a RangeError for what is not finite. */
  add(value: number): this {
    return this.#take(value, 1);
  }

  subtract(value: number): this {
    return this.#take(value, -1);
  }

  /** The double nearest to the exact sum. */
  value(): number {
    if (this.#large === undefined) return this.#units / POWERS[this.#scale]!;
    return Number(`${this.#large}e${-this.#scale}`);
  }

  #take(value: number, sign: 1 | -1): this {
    if (!Number.isFinite(value)) throw new RangeError(`${value} cannot be summed`);
    if (this.#large !== undefined || !this.#takeSmall(value, sign)) this.#takeLarge(value, sign);
    return this;
  }

  #takeSmall(value: number, sign: 1 | -1): boolean {
    const scale = scaleOf(value, this.#scale);
    if (scale < 0) return false;
    const sum = this.#units * POWERS[scale - this.#scale]! + sign * Math.round(value * POWERS[scale]!);
    if (sum > MAX_UNITS || sum < -MAX_UNITS) return false;
    this.#units = sum + 0;
    this.#scale = scale;
    return true;
  }

  #takeLarge(value: number, sign: 1 | -1): void {
    const { units, scale } = parseUnits(value);
    const kept = this.#large ?? BigInt(this.#units);
    const common = Math.max(scale, this.#scale);
    this.#large = kept * 10n ** BigInt(common - this.#scale) + BigInt(sign) * units * 10n ** BigInt(common - scale);
    this.#scale = common;
  }
}

/** `a + b` by their shortest decimal forms, as the nearest double. */
export function addDecimals(a: number, b: number): number {
  return new DecimalSum().add(a).add(b).value();
}

/** `a - b` by their shortest decimal forms, as the nearest double. */
export function subtractDecimals(a: number, b: number): number {
  return new DecimalSum().add(a).subtract(b).value();
}
