const US_PER_S = 1_000_000;
const L_PER_M3 = 1000;
/** A quotient has no exact decimal form: as many digits as a meter can mean. */
const DIGITS = 12;

/**
 * Average flow over the time in which the growth was counted, L/s: 18 m3 in an hour are 5. NaN where there is none: no time passed, the meter was silent for
 * longer than `longestUs`, or the growth is negative (a total that goes back has counted nothing).
 */
export function averageFlowLps(growthM3: number, { fromUs, toUs }: { readonly fromUs: number; readonly toUs: number }, longestUs: number): number {
  const spanUs = toUs - fromUs;
  if (!(spanUs > 0) || spanUs > longestUs || !(growthM3 >= 0)) return NaN;
  return Number(((growthM3 * L_PER_M3) / (spanUs / US_PER_S)).toPrecision(DIGITS));
}

/** Flow at the probe's own scale, L/s: the number divided by its scale. Small flows stay what they are, whatever their unit was. */
export function scaledFlowLps(raw: number, scale: number, sourceIsM3ph: boolean): number {
  return Number((raw / scale / (sourceIsM3ph ? 3.6 : 1)).toPrecision(DIGITS));
}
