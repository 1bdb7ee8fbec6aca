/** Middle value; the mean of the two middle ones when there is an even number. NaN of nothing. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** Value below which the share `part` (0…1) lies, interpolated between neighbours. NaN of nothing. */
export function quantile(values: readonly number[], part: number): number {
  if (values.length === 0) return Number.NaN;
  const sorted = Float64Array.from(values).sort();
  const place = part * (sorted.length - 1);
  const below = sorted[Math.floor(place)] ?? Number.NaN;
  const above = sorted[Math.ceil(place)] ?? Number.NaN;
  return below + (above - below) * (place - Math.floor(place));
}

export interface Spread {
  readonly median: number;
  readonly lowest: number;
  readonly highest: number;
}

/** Median and the ends. */
export function spreadOf(values: readonly number[]): Spread {
  return { median: median(values), lowest: quantile(values, 0), highest: quantile(values, 1) };
}

/**
 * Ratio of two rates measured in turns. Each round's pair stood under the same load of the machine, so the ratio is taken within the round and the
 * median over the rounds: another program that slows some rounds slows both sides of them.
 */
export function pairedRatio(ours: readonly number[], baseline: readonly number[]): Spread {
  if (ours.length !== baseline.length) throw new RangeError(`${ours.length} rounds against ${baseline.length}`);
  return spreadOf(ours.map((rate, round) => rate / (baseline[round] ?? Number.NaN)));
}

/** Distance between the quartiles as a share of the median: what the rounds differ by, whatever a few of them met. NaN of nothing and about 0. */
export function middleHalf(values: readonly number[]): number {
  const middle = median(values);
  return middle === 0 ? Number.NaN : (quantile(values, 0.75) - quantile(values, 0.25)) / Math.abs(middle);
}
