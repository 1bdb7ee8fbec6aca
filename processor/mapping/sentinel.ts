/**
 * Numbers that sources write for "no reading" (providers.md 6.5 and trap 5; USGS writes -999999, Logan River -9999). They are no
 * quantity that the sensors can measure, in whatever unit; where one is (a level in centimetres below its datum) it is not taken for a
 * sentinel.
 */
const sentinels: readonly { readonly value: number; readonly plausibleIn?: readonly string[] }[] = [
  { value: -999, plausibleIn: ["cm", "mm"] },
  { value: -999.9, plausibleIn: ["mm"] },
  { value: -999.99 },
  { value: -3200, plausibleIn: ["mm"] },
  { value: -9999 },
  { value: -32768 },
  { value: -99999 },
  { value: -999999 },
];
const byValue = new Map(sentinels.map((row) => [row.value, row]));
const LARGEST = -999;

/** True when the source's number in its own unit says that there is none. A negative count of pulses is a status code. */
export function isSentinel(value: number, variable: string, unit: string): boolean {
  if (value >= 0) return false;
  if (variable === "pulses") return true;
  if (value > LARGEST) return false;
  const row = byValue.get(value);
  return row !== undefined && row.plausibleIn?.includes(unit) !== true;
}
