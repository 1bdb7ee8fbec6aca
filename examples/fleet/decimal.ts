/** Exact sums of decimals kept as text, so that totals never pass through added doubles. */

interface Scaled {
  readonly units: bigint;
  readonly digits: number;
}

/** a + b; a itself when either is not a finite decimal. */
export function addDecimal(a: string, b: string): string {
  const [left, right] = [scaled(a), scaled(b)];
  if (left === null || right === null) return a;
  const digits = Math.max(left.digits, right.digits);
  return written({ units: widened(left, digits) + widened(right, digits), digits });
}

/** a − b; a itself when either is not a finite decimal. */
export function subtractDecimal(a: string, b: string): string {
  const right = scaled(b);
  return right === null ? a : addDecimal(a, written({ ...right, units: -right.units }));
}

/** a × times, for a whole number of times; a itself when it is not a finite decimal. */
export function timesDecimal(a: string, times: number): string {
  const value = scaled(a);
  return value === null ? a : written({ ...value, units: value.units * BigInt(times) });
}

const DECIMAL = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,2}))?$/;

function scaled(text: string): Scaled | null {
  const m = DECIMAL.exec(text);
  if (!m) return null;
  const digits = (m[3] ?? "").length - Number(m[4] ?? 0);
  const units = BigInt(`${m[1]}${m[2]}${m[3] ?? ""}`);
  return digits >= 0 ? { units, digits } : { units: units * 10n ** BigInt(-digits), digits: 0 };
}

function widened(value: Scaled, digits: number): bigint {
  return value.units * 10n ** BigInt(digits - value.digits);
}

function written({ units, digits }: Scaled): string {
  if (digits === 0) return String(units);
  const body = String(units < 0n ? -units : units).padStart(digits + 1, "0");
  return `${units < 0n ? "-" : ""}${body.slice(0, -digits)}.${body.slice(-digits)}`;
}
