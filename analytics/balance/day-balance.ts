import { roundDecimal } from "@caudal/core";
import { HOUR_US, type Span } from "../buckets/calendar.ts";
import { countedIn, type Counts } from "./counted.ts";
import { integrateFlow, type FlowSamples } from "./flow-integral.ts";
import { longestUs, slackUs, usualIntervalUs } from "./usual-interval.ts";
import { compare, LEAST_COVERAGE, type Incomparable, type Tolerance, type Verdict } from "./verdict.ts";

/** Litres: finer than any meter of a well. */
const M3_DECIMALS = 3;
const PERCENT_DECIMALS = 2;
/** Where too few samples say how often one comes. */
const USUAL_US = HOUR_US;

export type TotaliserVariable = "volume" | "total";

/** What is known around a day; more than the day, for lines and counts reach over its ends. */
export interface DaySamples {
  readonly flow: FlowSamples;
  readonly volume: Counts;
  readonly total: Counts;
}

export interface DayTerms {
  /** What the point has, in units that can be held against each other. */
  readonly has: { readonly flow: Incomparable | true; readonly volume: Incomparable | true; readonly total: Incomparable | true };
  /** What a person said of the point. */
  readonly intervalUs: number | undefined;
  readonly tolerance: Tolerance;
  /** The day is over by then, or nobody knows yet. */
  readonly nowUs: number;
}

export interface DayBalance extends Span {
  /** Between which flow and totaliser are held against each other: the counts' own instants; the day's ends where there are none to go by. */
  readonly compared: Span;
  readonly flowM3: number | null;
  /** 0 to 1: share of the day, or of the compared stretch where that is longer, over which a flow is known. */
  readonly coverage: number;
  /** Which variable counted; null where none did. */
  readonly totaliser: TotaliserVariable | null;
  readonly totaliserM3: number | null;
  readonly differenceM3: number | null;
  readonly differencePercent: number | null;
  readonly allowedM3: number | null;
  readonly verdict: Verdict;
  readonly why: Incomparable | null;
}

/** One day's balance. Both sides are taken over the same stretch, so a count that stands some minutes before midnight makes no difference of its own. */
export function balanceOf(day: Span, samples: DaySamples, terms: DayTerms): DayBalance {
  const { flow } = samples;
  const totaliser = countingIn(day, samples, terms);
  const counts = samples[totaliser ?? "volume"];
  const stretch = totaliser === null ? undefined : countedIn(counts, day);
  const slack = slackUs(terms.intervalUs ?? usualIntervalUs(counts.timesUs, day, USUAL_US));
  const isNear = stretch !== undefined && stretch.fromUs >= day.fromUs - slack && stretch.toUs >= day.toUs - slack;
  const compared = isNear ? { fromUs: stretch.fromUs, toUs: stretch.toUs } : { fromUs: day.fromUs, toUs: day.toUs };
  const known = integrateFlow(flow, compared, longestUs(terms.intervalUs ?? usualIntervalUs(flow.timesUs, day, USUAL_US)));
  const coverage = known.knownUs / Math.max(day.toUs - day.fromUs, compared.toUs - compared.fromUs);
  const flowM3 = known.knownUs === 0 ? null : roundDecimal(known.m3, M3_DECIMALS);
  const totaliserM3 = stretch?.m3 ?? null;
  const shown = { ...day, compared, flowM3, coverage, totaliser: stretch === undefined ? null : totaliser, totaliserM3 };
  const why = whyNot(day, { terms, totaliser, stretch, counts, isNear, coverage });
  if (why !== undefined || flowM3 === null || totaliserM3 === null) {
    return { ...shown, differenceM3: null, differencePercent: null, allowedM3: null, verdict: "not-comparable", why: why ?? "coverage" };
  }
  const { m3, percent, allowedM3, verdict } = compare({ flowM3, totaliserM3, coverage }, terms.tolerance);
  return {
    ...shown, differenceM3: m3, differencePercent: percent === null ? null : roundDecimal(percent, PERCENT_DECIMALS), allowedM3: roundDecimal(allowedM3, M3_DECIMALS), verdict, why: null,
  };
}

/** The volume goes before the dial where the day has both; a dial alone is read as it stands. */
function countingIn(day: Span, { volume, total }: DaySamples, { has }: DayTerms): TotaliserVariable | null {
  if (has.volume === true && countedIn(volume, day) !== undefined) return "volume";
  if (has.total === true && countedIn(total, day) !== undefined) return "total";
  return has.volume === true ? "volume" : has.total === true ? "total" : null;
}

interface Found {
  readonly terms: DayTerms;
  readonly totaliser: TotaliserVariable | null;
  readonly stretch: ReturnType<typeof countedIn>;
  readonly counts: Counts;
  readonly isNear: boolean;
  readonly coverage: number;
}

function whyNot(day: Span, { terms, totaliser, stretch, counts, isNear, coverage }: Found): Incomparable | undefined {
  const { has, nowUs } = terms;
  if (day.toUs > nowUs) return "day-open";
  if (has.flow !== true) return has.flow;
  if (totaliser === null) return has.volume === "totaliser-unit" || has.total === "totaliser-unit" ? "totaliser-unit" : "no-totaliser";
  if (stretch === undefined) return counts.timesUs.some((timeUs) => timeUs >= day.fromUs && timeUs < day.toUs) ? "no-count-before" : "no-counts";
  if (stretch.disturbed !== undefined) return stretch.disturbed;
  if (!isNear) return "count-gap";
  return coverage < LEAST_COVERAGE ? "coverage" : undefined;
}
