import type { TierEvidence, TierFact } from "./evidence.ts";

/** Looks at a tier's facts of a point one by one. */
export class TierCursor {
  readonly tier: TierEvidence;
  readonly floorUs: number | undefined;
  readonly #batches: AsyncIterator<readonly TierFact[]>;
  #batch: readonly TierFact[] = [];
  #at = 0;
  #ended = false;

  constructor(tier: TierEvidence, floorUs: number | undefined, facts: AsyncIterable<readonly TierFact[]>) {
    this.tier = tier;
    this.floorUs = floorUs;
    this.#batches = facts[Symbol.asyncIterator]();
  }

  /** Undefined when it has to be filled, or is at its end. */
  get head(): TierFact | undefined {
    return this.#batch[this.#at];
  }

  get needsFill(): boolean {
    return !this.#ended && this.#at >= this.#batch.length;
  }

  async fill(): Promise<void> {
    while (this.needsFill) {
      const next = await this.#batches.next();
      if (next.done === true) this.#ended = true;
      else {
        this.#batch = next.value;
        this.#at = 0;
      }
    }
  }

  step(): void {
    this.#at += 1;
  }

  /** Lets go of what is not read. */
  async close(): Promise<void> {
    this.#ended = true;
    await this.#batches.return?.();
  }
}

/** Order of facts of a point: by instant, then variable by code units. */
export function compareFacts(a: { readonly instantUs: number; readonly variable: string }, b: { readonly instantUs: number; readonly variable: string }): number {
  return a.instantUs - b.instantUs || (a.variable < b.variable ? -1 : a.variable > b.variable ? 1 : 0);
}

export const WITHDRAWN = "withdrawn";

export function isWithdrawn(fact: { readonly value: number | null; readonly reasons: readonly string[] }): boolean {
  return fact.value === null && fact.reasons.includes(WITHDRAWN);
}
