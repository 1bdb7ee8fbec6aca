import type { PointKey } from "@caudal/core";

/**
 * Why a fact would change. lost: cold lacks it, or holds an older revision. altered: cold holds something else at that revision or a later one.
 * unconfirmed: cold holds a fact that nothing in archive and log gives; it is taken back only when that is asked for. Where rules are tried a fact that cold
 * lacks `appears`, one that they do not give `disappears`, and what is otherwise is `altered`.
 */
export const changeReasons = ["lost", "altered", "unconfirmed", "appears", "disappears"] as const;
export type ChangeReason = (typeof changeReasons)[number];

/** A fact at a revision. */
export interface FactState {
  readonly value: number | null;
  readonly flag: number;
  readonly reasons: readonly string[];
  readonly authority: number;
  readonly knownAtUs: number;
}

/** One fact as a tier holds it. */
export interface HeldFact extends FactState {
  readonly instantUs: number;
  readonly variable: string;
}

/** One fact that a replay finds otherwise than cold has it. */
export interface Change extends PointKey {
  readonly instantUs: number;
  readonly variable: string;
  readonly reason: ChangeReason;
  /** What cold holds; null where it holds nothing. */
  readonly before: FactState | null;
  /** What archive and log give; null where they give nothing. */
  readonly after: FactState | null;
}

/** True when both say the same of the fact; by which revision makes no difference, as in a digest. */
export function sameContent(a: FactState, b: FactState): boolean {
  if (!Object.is(a.value, b.value) || a.flag !== b.flag || a.reasons.length !== b.reasons.length) return false;
  const others = new Set(b.reasons);
  return a.reasons.every((reason) => others.has(reason));
}

export function isWithdrawn({ reasons }: FactState): boolean {
  return reasons.includes("withdrawn");
}
