/** One look at a process: seconds since the start of the soak, and what was counted then. */
export interface Look {
  readonly atS: number;
  readonly value: number;
}

export interface Trend {
  readonly first: number;
  readonly last: number;
  readonly highest: number;
  readonly mean: number;
  /** Growth an hour by least squares, in the unit of the looks. */
  readonly perHour: number;
}

/** How looks went over time. NaN of fewer than two looks. */
export function trendOf(looks: readonly Look[]): Trend {
  const count = looks.length;
  const mean = looks.reduce((sum, { value }) => sum + value, 0) / count;
  const meanS = looks.reduce((sum, { atS }) => sum + atS, 0) / count;
  const spread = looks.reduce((sum, { atS }) => sum + (atS - meanS) ** 2, 0);
  const shared = looks.reduce((sum, { atS, value }) => sum + (atS - meanS) * (value - mean), 0);
  return {
    first: looks[0]?.value ?? Number.NaN, last: looks.at(-1)?.value ?? Number.NaN, highest: Math.max(...looks.map(({ value }) => value)), mean,
    perHour: (shared / spread) * 3600,
  };
}

/** True where what it grows by in as long as was looked at is within the share of its mean. */
export function isFlat(looks: readonly Look[], share: number): boolean {
  const { mean, perHour } = trendOf(looks);
  const spanS = (looks.at(-1)?.atS ?? 0) - (looks[0]?.atS ?? 0);
  return (perHour * spanS) / 3600 <= share * mean;
}
