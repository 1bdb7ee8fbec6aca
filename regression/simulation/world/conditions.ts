import type { Random } from "../time/random.ts";

/** How a store behaves while faults are on. Probabilities are of one call. */
export interface StoreTemper {
  /** Usual milliseconds of an answer, and of a sync. */
  readonly answerMs: number;
  readonly syncMs: number;
  /** A call in so many takes up to `slowMs`. */
  readonly slow: number;
  readonly slowMs: number;
  /** The effect is there and the answer is not. */
  readonly lostAnswer: number;
  /** Nothing happened, and the store says so. */
  readonly refused: number;
  /** Of a publish whose answer was lost: it appears once more later. */
  readonly ghost: number;
}

export const quietTemper: StoreTemper = { answerMs: 1, syncMs: 2, slow: 0, slowMs: 0, lostAnswer: 0, refused: 0, ghost: 0 };

/** What a world does to whatever is in it, now. */
export interface Conditions {
  readonly random: Random;
  readonly canCrash: boolean;
  readonly tears: boolean;
  temperOf(name: string): StoreTemper;
  isAway(name: string): boolean;
  /** A line of the trace. */
  tell(line: string): void;
}
