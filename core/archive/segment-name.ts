import { createHash } from "node:crypto";

/** What a segment holds: records of one partition with firstOffset <= offset < nextOffset, appended on `day` (UTC). */
export interface SegmentSpan {
  readonly topic: string;
  readonly partition: number;
  readonly firstOffset: number;
  readonly nextOffset: number;
  /** YYYY-MM-DD. */
  readonly day: string;
  /** SHA-256 of the file, lower-case hex: the name is the proof of the content. */
  readonly sha256: string;
}

const PATTERN = /^([a-z0-9._-]+)\/(\d{4})\/(\d{16})-(\d{16})\.(\d{4}-\d{2}-\d{2})\.([0-9a-f]{64})\.avro$/;

/** Names of a partition's segments start with this, and sort by first offset. */
export function segmentPrefix(topic: string, partition: number): string {
  return `${topic}/${String(partition).padStart(4, "0")}/`;
}

export function segmentName(span: SegmentSpan): string {
  const offsets = `${String(span.firstOffset).padStart(16, "0")}-${String(span.nextOffset).padStart(16, "0")}`;
  return `${segmentPrefix(span.topic, span.partition)}${offsets}.${span.day}.${span.sha256}.avro`;
}

/** Undefined for a name that is no segment's. */
export function parseSegmentName(name: string): SegmentSpan | undefined {
  const [, topic, partition, first, next, day, sha256] = PATTERN.exec(name) ?? [];
  if (topic === undefined || day === undefined || sha256 === undefined) return undefined;
  return { topic, partition: Number(partition), firstOffset: Number(first), nextOffset: Number(next), day, sha256 };
}

export function sha256Hex(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
