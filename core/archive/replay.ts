import { decodeContainer } from "@caudal/schemas";
import { CaudalError, hasCode } from "../errors.ts";
import type { EventLog, StoredRecord } from "../ports/event-log.ts";
import type { SegmentStore } from "../ports/segment-store.ts";
import { parseSegmentName, segmentPrefix, sha256Hex } from "./segment-name.ts";

export interface ReplayRequest {
  readonly segments: SegmentStore;
  readonly log: EventLog;
  readonly topic: string;
  readonly partition: number;
  /** Half-open: fromOffset <= offset < toOffset. */
  readonly fromOffset: number;
  readonly toOffset: number;
  readonly signal?: AbortSignal;
}

const LOG_BATCH_RECORDS = 2000;

async function* fromSegments(request: ReplayRequest): AsyncGenerator<readonly StoredRecord[], number> {
  let position = request.fromOffset;
  let after: string | undefined;
  for (;;) {
    const names = await request.segments.list(segmentPrefix(request.topic, request.partition), after);
    if (names.length === 0) return position;
    for (const name of names) {
      after = name;
      const span = parseSegmentName(name);
      // Segments may overlap where a crash made one be written again with another end.
      if (span === undefined || span.nextOffset <= position || span.firstOffset >= request.toOffset) continue;
      request.signal?.throwIfAborted();
      // Segments follow each other without a hole: where one is missing, only the log may still have its records.
      if (span.firstOffset > position) yield* whatTheLogHas({ ...request, toOffset: span.firstOffset }, position);
      const bytes = await request.segments.get(name);
      if (bytes === undefined || sha256Hex(bytes) !== span.sha256) throw new CaudalError("corrupt", `segment ${name} is not what its name says`);
      const records = (await decodeContainer(bytes)).filter((record) => record.offset >= position && record.offset < request.toOffset);
      position = Math.min(span.nextOffset, request.toOffset);
      if (records.length > 0) yield records;
    }
  }
}

async function* fromLog(request: ReplayRequest, fromOffset: number): AsyncGenerator<readonly StoredRecord[]> {
  let position = fromOffset;
  while (position < request.toOffset) {
    request.signal?.throwIfAborted();
    const { topic, partition } = request;
    const batch = await request.log.read({ topic, partition, fromOffset: position, maxRecords: LOG_BATCH_RECORDS, waitMs: 0 });
    const records = batch.records.filter((record) => record.offset < request.toOffset);
    if (records.length > 0) yield records;
    if (batch.nextOffset <= position) return;
    position = batch.nextOffset;
  }
}

async function* whatTheLogHas(request: ReplayRequest, fromOffset: number): AsyncGenerator<readonly StoredRecord[]> {
  try {
    yield* fromLog(request, fromOffset);
  } catch (error) {
    if (!hasCode(error, "offset-out-of-range")) throw error;
    throw new CaudalError("offset-out-of-range", `${request.topic}/${request.partition}: offsets from ${fromOffset} to ${request.toOffset} are neither in the archive nor in the log`, { cause: error });
  }
}

/**
 * The past of a partition as one stream in offset order: segments of the raw archive, then the log. What neither has, because a segment is gone or
 * the log was trimmed past the archive, fails with "offset-out-of-range" rather than being passed over.
 */
export async function* replayRecords(request: ReplayRequest): AsyncGenerator<readonly StoredRecord[]> {
  const position = yield* fromSegments(request);
  yield* whatTheLogHas(request, position);
}
