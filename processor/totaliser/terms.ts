import { multiplyDecimals, usualModuli, type PointSettings, type VariableConfig } from "@caudal/core";

const US_PER_S = 1_000_000;
/** Facts: 500 m3 an hour, over at least a tenth of one; two hours of silence make a reconnection. */
const MOST_M3_PER_S = 500 / 3600;
const LEAST_SPAN_S = 360;
const RECONNECTION_S = 7200;
/** A dial wobbles by some litres where pipes are drained or a reed switch bounces. */
const JITTER_M3 = 0.05;
const JITTER_PULSES = 2;

/** How the counts of a variable are read from an instant on. */
export interface CounterTerms {
  readonly fromUs: number;
  /** m3 a count. */
  readonly factorM3: number;
  /** True when the point's volume comes from this variable. */
  readonly gives: boolean;
  /** 0 when nobody said. */
  readonly modulus: number;
  /** After which registers of the variable's unit usually are at zero again. */
  readonly moduli: readonly number[];
  readonly jitter: number;
  readonly reconnectionUs: number;
  /** Infinity when nothing says what is too fast. */
  readonly mostPerS: number;
}

/** Variables that count and never go back by themselves. */
export function isCounter(variable: string): boolean {
  return variable === "pulses" || variable === "total";
}

/** The terms of a counter for each period of its point's settings and of what people said of its limits. */
export function counterTerms(variable: string, periods: readonly { readonly fromUs: number; readonly settings: PointSettings; readonly given: VariableConfig | undefined }[]): CounterTerms[] {
  return periods.map(({ fromUs, settings, given }) => {
    const { pulseFactorL, counter = pulseFactorL === undefined ? undefined : "pulses", counterModulus = 0, counterJitter, reconnectionS = RECONNECTION_S } = settings;
    const known = variable === "total" || pulseFactorL !== undefined;
    const factorM3 = variable === "total" || pulseFactorL === undefined ? 1 : multiplyDecimals(pulseFactorL, 0.001);
    const jitter = variable === "total" ? JITTER_M3 : known ? Math.max(JITTER_PULSES, JITTER_M3 / factorM3) : JITTER_PULSES;
    return {
      fromUs, factorM3, gives: known && counter === variable, modulus: counterModulus, moduli: usualModuli(variable), jitter: counterJitter ?? jitter,
      reconnectionUs: reconnectionS * US_PER_S, mostPerS: given?.maxRatePerS ?? (known ? MOST_M3_PER_S / factorM3 : Infinity),
    };
  });
}

export function termsAt(terms: readonly CounterTerms[], timeUs: number): CounterTerms {
  let index = terms.length - 1;
  while (index > 0 && terms[index]!.fromUs > timeUs) index--;
  return terms[index]!;
}

/** Counts that may have passed between two instants. */
export function mostBetween({ mostPerS }: CounterTerms, fromUs: number, toUs: number): number {
  return mostPerS * Math.max((toUs - fromUs) / US_PER_S, LEAST_SPAN_S);
}
