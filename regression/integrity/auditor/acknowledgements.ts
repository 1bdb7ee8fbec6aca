import type { Acknowledgement } from "./truth.ts";

const outcomes = ["unknown", "refused", "acknowledged"] as const;
const MOST = 2 ** 28;

/** What became of every message, in some bytes a message. A message of which nothing was written is unknown. */
export class Acknowledgements {
  #outcomes = new Uint8Array(1024);
  #attempts = new Uint32Array(1024);
  acknowledged = 0;

  /** What was acknowledged once stays acknowledged; attempts only grow. */
  take({ seq, outcome, attempts }: Acknowledgement): void {
    if (!Number.isInteger(seq) || seq < 0 || seq >= MOST) throw new RangeError(`a message's number is not from 0 to ${MOST}: ${seq}`);
    if (seq >= this.#outcomes.length) this.#grow(seq + 1);
    this.#attempts[seq] = Math.max(this.#attempts[seq]!, attempts);
    const code = outcomes.indexOf(outcome);
    if (this.#outcomes[seq] === 2) return;
    this.#outcomes[seq] = code;
    if (code === 2) this.acknowledged += 1;
  }

  of(seq: number): { readonly outcome: (typeof outcomes)[number]; readonly attempts: number } {
    return { outcome: outcomes[this.#outcomes[seq] ?? 0]!, attempts: Math.max(1, this.#attempts[seq] ?? 1) };
  }

  #grow(atLeast: number): void {
    const size = Math.max(atLeast, this.#outcomes.length * 2);
    const [outcomesBefore, attemptsBefore] = [this.#outcomes, this.#attempts];
    this.#outcomes = new Uint8Array(size);
    this.#outcomes.set(outcomesBefore);
    this.#attempts = new Uint32Array(size);
    this.#attempts.set(attemptsBefore);
  }
}
