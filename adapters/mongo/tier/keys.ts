import { createHash } from "node:crypto";
import type { PointKey } from "@caudal/core";

/** Bytes of a point's id. */
const POINT_BYTES = 16;
const SIGN = 2n ** 63n;
/** Entries of one lane's log; ids of the next lane's begin after them. Whole numbers of both stay exact in a double. */
const LANE_STRIDE = 2 ** 40;

/** Key of a point in maps: names hold no NUL. */
export function textOf({ client, point }: PointKey): string {
  return `${client}\0${point}`;
}

/** Id of a point in the store: names of up to a kilobyte would stand in every bucket's key otherwise. */
export function pointIdOf(text: string): Buffer {
  return createHash("sha256").update(text).digest().subarray(0, POINT_BYTES);
}

/** Id of the bucket of a point that begins at an instant (-Infinity is before all); ids of a point order by that. */
export function bucketId(pointId: Uint8Array, startUs: number): Buffer {
  const id = Buffer.alloc(POINT_BYTES + 8);
  id.set(pointId);
  if (startUs === Infinity) id.fill(255, POINT_BYTES);
  else if (startUs !== -Infinity) id.writeBigUInt64BE(BigInt(startUs) + SIGN, POINT_BYTES);
  return id;
}

/** The instant at which a bucket begins. */
export function bucketStartUs(id: Buffer): number {
  const start = id.readBigUInt64BE(POINT_BYTES);
  return start === 0n ? -Infinity : Number(start - SIGN);
}

/** Id of the nth entry of a lane's log. */
export function entryId(lane: number, sequence: number): number {
  return lane * LANE_STRIDE + sequence;
}

/** Id of the document that says how far a lane is folded: it stands behind all entries. */
export function headId(lane: number): number {
  return entryId(lane + 1, -1);
}

export function sequenceOf(id: number): number {
  return id % LANE_STRIDE;
}
