import { createHash, type Hash } from "node:crypto";
import type { Digest } from "../ports/series-tier.ts";

/** What a digest says of a fact. Its revision is left out: tiers that agree on what holds agree on the digest. */
export interface DigestFact {
  readonly instantUs: number;
  readonly variable: string;
  readonly value: number | null;
  readonly flag: number;
  readonly reasons: readonly string[];
}

/** True when both tiers hold the same, as far as digests tell. */
export function sameDigest(a: Digest, b: Digest): boolean {
  return a.facts === b.facts && a.hash === b.hash;
}

const FLUSH_BYTES = 16_384;

/**
 * Digest of facts, each at its greatest revision: SHA-256 over the facts in order of (instant, variable), where variables compare by
 * UTF-16 code units. A fact is: instant as int64, variable, one byte 1 and the value's eight IEEE 754 bytes (one byte 0 and eight zeros
 * without a value), flag as uint8, number of reasons as uint16, the reasons in order of code units. Text is a uint16 length in bytes and
 * UTF-8. All numbers are little-endian.
 *
 * `add` takes facts in that order and throws a RangeError otherwise; memory does not grow with them.
 */
export class DigestBuilder {
  readonly #hash: Hash = createHash("sha256");
  #bytes: Buffer = Buffer.allocUnsafe(FLUSH_BYTES * 2);
  #used = 0;
  #facts = 0;
  #lastInstantUs = -Infinity;
  #lastVariable = "";

  add(fact: DigestFact): void {
    const { instantUs, variable, value, flag, reasons } = fact;
    if (instantUs < this.#lastInstantUs || (instantUs === this.#lastInstantUs && variable <= this.#lastVariable && this.#facts > 0)) {
      throw new RangeError(`facts of a digest must come in order: ${instantUs} ${variable} after ${this.#lastInstantUs} ${this.#lastVariable}`);
    }
    this.#lastInstantUs = instantUs;
    this.#lastVariable = variable;
    this.#facts += 1;
    this.#room(8);
    this.#used = this.#bytes.writeBigInt64LE(BigInt(instantUs), this.#used);
    this.#text(variable);
    this.#room(12);
    this.#used = this.#bytes.writeUInt8(value === null ? 0 : 1, this.#used);
    this.#used = this.#bytes.writeDoubleLE(value ?? 0, this.#used);
    this.#used = this.#bytes.writeUInt8(flag, this.#used);
    this.#used = this.#bytes.writeUInt16LE(reasons.length, this.#used);
    for (const reason of reasons.length > 1 ? reasons.toSorted(byCodeUnits) : reasons) this.#text(reason);
  }

  /** Ends it; nothing may be added after. */
  finish(): Digest {
    this.#hash.update(this.#bytes.subarray(0, this.#used));
    return { facts: this.#facts, hash: this.#hash.digest("hex") };
  }

  #text(text: string): void {
    const bytes = Buffer.byteLength(text);
    this.#room(2 + bytes);
    this.#used = this.#bytes.writeUInt16LE(bytes, this.#used);
    this.#used += this.#bytes.write(text, this.#used);
  }

  #room(bytes: number): void {
    if (this.#used >= FLUSH_BYTES) {
      this.#hash.update(this.#bytes.subarray(0, this.#used));
      this.#used = 0;
    }
    if (this.#used + bytes > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(this.#used + bytes + FLUSH_BYTES);
      this.#bytes.copy(larger, 0, 0, this.#used);
      this.#bytes = larger;
    }
  }
}

/** Digest of facts in any order, all in memory at once; each (instant, variable) once. */
export function digestOf(facts: Iterable<DigestFact>): Digest {
  const builder = new DigestBuilder();
  const inOrder = [...facts].sort((a, b) => a.instantUs - b.instantUs || byCodeUnits(a.variable, b.variable));
  for (const fact of inOrder) builder.add(fact);
  return builder.finish();
}

function byCodeUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
