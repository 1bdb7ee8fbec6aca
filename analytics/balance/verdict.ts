import { subtractDecimals } from "@caudal/core";
import { disturbances } from "./counted.ts";

export const verdicts = ["agrees", "differs", "not-comparable"] as const;
export type Verdict = (typeof verdicts)[number];

/** Why flow and totaliser of a day cannot be held against each other. */
export const incomparable = ["day-open", "no-flow", "no-totaliser", "flow-unit", "totaliser-unit", "no-counts", "no-count-before", ...disturbances, "count-gap", "coverage"] as const;
export type Incomparable = (typeof incomparable)[number];

/**
 * What a difference may be and still say nothing. A meter of class 2 may be off by 5 % at low flow (ISO 4064) and the rate is read by other electronics than the count, so twice that;
 * and a m3, since many meters give one pulse a m3.
 */
export const DEFAULT_TOLERANCE_PERCENT = 10;
export const DEFAULT_TOLERANCE_M3 = 1;
/** Of less than this of the day a flow says too little. */
export const LEAST_COVERAGE = 0.8;

export interface Tolerance {
  readonly percent: number;
  readonly m3: number;
}

export interface Compared {
  readonly flowM3: number;
  readonly totaliserM3: number;
  /** 0 to 1: share of the stretch over which a flow is known. */
  readonly coverage: number;
}

export interface Difference {
  /** Flow minus totaliser. */
  readonly m3: number;
  /** Of what the totaliser counted; null where it counted nothing. */
  readonly percent: number | null;
  /** The most that it may be. */
  readonly allowedM3: number;
  readonly verdict: "agrees" | "differs";
}

/** Holds a flow's integral against a totaliser's growth. Time without a known flow may hold its share of what was counted. */
export function compare({ flowM3, totaliserM3, coverage }: Compared, tolerance: Tolerance): Difference {
  const m3 = subtractDecimals(flowM3, totaliserM3);
  const allowedM3 = Math.max(tolerance.m3, (tolerance.percent / 100) * totaliserM3) + (1 - coverage) * totaliserM3;
  return { m3, percent: totaliserM3 === 0 ? null : (m3 / totaliserM3) * 100, allowedM3, verdict: Math.abs(m3) <= allowedM3 ? "agrees" : "differs" };
}

