import { CaudalError, parseSegmentName, sha256Hex, type SegmentStore, type StoredRecord } from "@caudal/core";
import { decodeContainer } from "@caudal/schemas";
import { sealSegment } from "./segment-buffer.ts";

/** A segment as it was written, for merging it later. */
export interface WrittenSegment {
  readonly name: string;
  readonly bytes: number;
}

/** So many small neighbours become one: a quiet partition must not leave a file every half minute for ever. */
export const MERGE_RUN = 32;
export const SMALL_BYTES = 512 * 1024;

function dayOf(name: string): string | undefined {
  return parseSegmentName(name)?.day;
}

/** The newest run of small segments of one day, when it is long enough to merge; else none. */
export function runToMerge(written: readonly WrittenSegment[]): readonly WrittenSegment[] {
  const last = written.at(-1);
  if (last === undefined) return [];
  const start = written.findLastIndex((segment) => segment.bytes > SMALL_BYTES || dayOf(segment.name) !== dayOf(last.name)) + 1;
  const run = written.slice(start);
  return run.length >= MERGE_RUN ? run : [];
}

/** Merges a run into one segment. Safe to stop anywhere: the merged segment is durable before a part goes, and overlaps are passed over on read. */
export async function mergeSegments(segments: SegmentStore, run: readonly WrittenSegment[]): Promise<WrittenSegment | undefined> {
  const records: StoredRecord[] = [];
  const spans = run.map(({ name }) => parseSegmentName(name)).filter((span) => span !== undefined);
  const [first] = spans;
  if (first === undefined) return undefined;
  let nextOffset = first.firstOffset;
  for (const [index, { name }] of run.entries()) {
    const bytes = await segments.get(name);
    if (bytes === undefined || sha256Hex(bytes) !== spans[index]?.sha256) throw new CaudalError("corrupt", `segment ${name} is not what its name says`);
    for (const record of await decodeContainer(bytes)) if (record.offset >= nextOffset) records.push(record);
    nextOffset = Math.max(nextOffset, spans[index].nextOffset);
  }
  const merged = await sealSegment({ ...first, nextOffset, day: Date.parse(`${first.day}T00:00:00Z`) / 86_400_000 }, records);
  await segments.put(merged.name, merged.bytes);
  for (const { name } of run) if (name !== merged.name) await segments.remove(name);
  return { name: merged.name, bytes: merged.bytes.length };
}
