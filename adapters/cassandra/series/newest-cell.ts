import { CaudalError, compareRevisions, type LatestFact, type Revision } from "@caudal/core";
import type { Fact } from "@caudal/schemas";

/** The newest fact of one variable, withdrawn or not. */
export type NewestFact = Omit<LatestFact, "client" | "point" | "variable">;

/*
 * Bytes of the cell: authority, knownAt, instant, flag, value, reasons (JSON; nothing for none). The cell is written with the instant as its
 * time of writing, so Cassandra itself keeps the newest whatever the order; of two with one time it keeps the greater bytes, so the revision stands
 * first, its numbers moved to where bytes compare as they do. A repeated write changes nothing and needs no reading before.
 */
const HEADER_BYTES = 26;
const SIGN = 2 ** 31;
const WORD = 2 ** 32;

export function encodeNewest(fact: Fact, instantUs: number, { authority, knownAtUs }: Revision): Buffer {
  const reasons = fact.reasons.length === 0 ? "" : JSON.stringify(fact.reasons.toSorted());
  const bytes = Buffer.allocUnsafe(HEADER_BYTES + Buffer.byteLength(reasons));
  let at = bytes.writeUInt8(authority, 0);
  at = bytes.writeUInt32BE(Math.floor(knownAtUs / WORD) + SIGN, at);
  at = bytes.writeUInt32BE(knownAtUs - Math.floor(knownAtUs / WORD) * WORD, at);
  at = bytes.writeInt32BE(Math.floor(instantUs / WORD), at);
  at = bytes.writeUInt32BE(instantUs - Math.floor(instantUs / WORD) * WORD, at);
  at = bytes.writeUInt8(fact.flag, at);
  at = bytes.writeDoubleBE(fact.value ?? NaN, at);
  bytes.write(reasons, at);
  return bytes;
}

export function decodeNewest(bytes: Buffer): NewestFact {
  if (bytes.length < HEADER_BYTES) throw new CaudalError("corrupt", `a newest fact has only ${bytes.length} bytes`);
  const value = bytes.readDoubleBE(18);
  return {
    authority: bytes.readUInt8(0), knownAtUs: (bytes.readUInt32BE(1) - SIGN) * WORD + bytes.readUInt32BE(5), instantUs: bytes.readInt32BE(9) * WORD + bytes.readUInt32BE(13), flag: bytes.readUInt8(17),
    value: Number.isNaN(value) ? null : value, reasons: bytes.length === HEADER_BYTES ? [] : (JSON.parse(bytes.toString("utf8", HEADER_BYTES)) as string[]),
  };
}

/** Instant and revision, by which facts of a variable are newer or older. */
export interface FactAge extends Revision {
  readonly instantUs: number;
}

export function compareAges(a: FactAge, b: FactAge): number {
  return a.instantUs - b.instantUs || compareRevisions(a, b);
}
