import type { TopicSpec } from "@caudal/core";
import type { Slab } from "./slab.ts";

/** One partition as the files hold it; `id` names its table and its place in slabs. */
export interface PartitionRow {
  readonly id: number;
  readonly topic: string;
  readonly partition: number;
  readonly startOffset: number;
  readonly endOffset: number;
}

export interface OffsetRow {
  readonly partitionId: number;
  readonly group: string;
  readonly nextOffset: number;
}

export interface TopicRow {
  readonly name: string;
  readonly partitions: number;
  readonly retentionMs: number | null;
}

export interface LogState {
  readonly topics: readonly TopicRow[];
  readonly partitions: readonly PartitionRow[];
  readonly offsets: readonly OffsetRow[];
  /** Time of the newest record of all; 0 without one. */
  readonly newestAtUs: number;
  /** One text for each partition whose last records do not have the bytes that were written. */
  readonly corruptTails: readonly string[];
}

export interface AppendRequest {
  readonly slab: Slab;
  readonly appendedAtUs: number;
  /** Groups' positions to be made durable by the same commit. */
  readonly offsets: readonly OffsetRow[];
}

export interface AppendReply {
  /** The request's own slab, handed back. */
  readonly slab: Slab;
  /** Offset that each record got, in the slab's order. */
  readonly offsets: Float64Array<ArrayBuffer>;
}

export interface SweepRow {
  readonly partitionId: number;
  /** Records appended before it have been kept long enough. */
  readonly keepFromUs: number;
  /** Never let go of this offset or a later one. */
  readonly limitOffset: number;
}

export interface StartRow {
  readonly partitionId: number;
  readonly startOffset: number;
}

export interface MendRow {
  readonly partitionId: number;
  readonly offset: number;
  readonly appendedAtUs: number;
  readonly key: string;
  /** JSON; undefined without any. */
  readonly headers: string | undefined;
  readonly value: Uint8Array;
}

export interface SweepReply {
  readonly starts: readonly StartRow[];
  /** Bytes of the file that hold something; what was let go of is used again. */
  readonly usedBytes: number;
}

export type WriterCalls = {
  open: { request: { readonly path: string; readonly maxFileBytes: number | undefined }; reply: LogState };
  declare: { request: readonly TopicSpec[]; reply: LogState };
  append: { request: AppendRequest; reply: AppendReply };
  trim: { request: StartRow; reply: StartRow };
  advance: { request: StartRow; reply: undefined };
  mend: { request: MendRow; reply: undefined };
  sweep: { request: readonly SweepRow[]; reply: SweepReply };
  close: { request: undefined; reply: undefined };
};

export interface FetchRequest {
  readonly partitionId: number;
  /** For the text of an error. */
  readonly topic: string;
  readonly partition: number;
  readonly fromOffset: number;
  /** Do not read this offset or a later one. */
  readonly endOffset: number;
  readonly maxRecords: number;
  readonly maxBytes: number;
}

export interface FetchReply {
  /** Without a hole, from the offset asked for. */
  readonly slab: Slab;
  readonly appendedAtUs: Float64Array<ArrayBuffer>;
}

export type ReaderCalls = {
  open: { request: { readonly path: string }; reply: undefined };
  fetch: { request: FetchRequest; reply: FetchReply };
  close: { request: undefined; reply: undefined };
};
