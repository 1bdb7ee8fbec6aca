import type { WordChange } from "@caudal/core";
import type { SetUp, Sent } from "../replayed-series.ts";
import type { Base } from "./bases.ts";
import type { Random } from "./random.ts";

/** Part of a real series with one fault in it. */
export interface Planted {
  /** In the order of arrival. */
  readonly sent: readonly Sent[];
  /** Instants of the rows that the reason belongs to; of a fault that goes on, all its rows. */
  readonly timesUs: readonly number[];
  /** What people said of the counter. */
  readonly words?: readonly WordChange[];
  /** What the meter truly counted from the first row to the last, L; absent where that is not asked. */
  readonly countedL?: number;
  /** Samples that must be dropped for the reason, where it is one of dropping. */
  readonly drops?: number;
}

/** A kind of fault, the real series that it is planted into, and what ought to be said of it. */
export interface FaultPlan {
  readonly fault: string;
  readonly reason: string;
  /** Whose series. */
  readonly into: string;
  /** The limits that it is judged by: the product's own, or those that a person would set, in words. */
  readonly limits: string;
  readonly setUp: SetUp;
  /** Variable whose facts are looked at. */
  readonly variable: string;
  /** Rows of the part that one fault is planted into. */
  readonly partRows: number;
  readonly bases: () => readonly Base[];
  /** Plants one fault about the middle of the part. */
  readonly plant: (part: Base, random: Random) => Planted;
}
