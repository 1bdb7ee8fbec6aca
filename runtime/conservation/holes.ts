import { hasCode, type EventLog, type RecordBatch } from "@caudal/core";

/** A stretch of offsets, half-open, without a record in what was delivered. */
export interface Gap {
  readonly from: number;
  readonly to: number;
}

/** What a gap turned out to be, in offsets. */
export interface GapCount {
  /** The log had let go of them. */
  readonly trimmed: number;
  /** No record stands there. */
  readonly holes: number;
  /** Records that stand in the log and were not delivered. */
  readonly skipped: number;
}

/** Offsets that a batch passes over, when all below `expected` was delivered before. */
export function gapsOf(batch: RecordBatch, expected: number): Gap[] {
  const { records, nextOffset } = batch;
  // Offsets grow, so as many records as offsets leave no room for a gap.
  if (records.length === nextOffset - expected && records[0]?.offset === expected) return [];
  const gaps: Gap[] = [];
  let at = expected;
  for (const { offset } of records) {
    if (offset > at) gaps.push({ from: at, to: offset });
    at = Math.max(at, offset + 1);
  }
  if (nextOffset > at) gaps.push({ from: at, to: nextOffset });
  return gaps;
}

const READ_RECORDS = 1000;

/** Looks at the log for why a gap is there. Rejects when the log cannot be asked. */
export async function countGap(log: EventLog, topic: string, partition: number, gap: Gap): Promise<GapCount> {
  const bounds = (await log.bounds(topic)).find((each) => each.partition === partition);
  const startOffset = bounds?.startOffset ?? gap.from;
  const from = Math.min(Math.max(gap.from, startOffset), gap.to);
  let skipped = 0;
  let at = from;
  while (at < gap.to) {
    const batch = await readFrom(log, topic, partition, at);
    if (batch === undefined) {
      // Let go of while it was looked at.
      return { trimmed: gap.to - gap.from, holes: 0, skipped: 0 };
    }
    skipped += batch.records.filter(({ offset }) => offset >= at && offset < gap.to).length;
    if (batch.nextOffset <= at) break;
    at = batch.nextOffset;
  }
  return { trimmed: from - gap.from, holes: gap.to - from - skipped, skipped };
}

async function readFrom(log: EventLog, topic: string, partition: number, fromOffset: number): Promise<RecordBatch | undefined> {
  try {
    return await log.read({ topic, partition, fromOffset, maxRecords: READ_RECORDS, waitMs: 0 });
  } catch (error) {
    if (hasCode(error, "offset-out-of-range")) return undefined;
    throw error;
  }
}
