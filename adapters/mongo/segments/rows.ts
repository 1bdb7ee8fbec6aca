import type { Collection } from "mongodb";
import type { MongoConnection } from "../connection/open-mongo.ts";

/** The document that makes a segment be there. It is inserted last and deleted first. */
export interface SegmentRow {
  /** The segment's name. */
  readonly _id: string;
  /** Whose chunks are its content. */
  readonly upload: string;
  readonly bytes: number;
  readonly chunks: number;
  /** Of the whole content, lower-case hex. */
  readonly sha256: string;
}

/** A piece of an upload; `_id` is `chunkId`. */
export interface ChunkRow {
  readonly _id: string;
  readonly data: Uint8Array;
}

/** Says, while chunks may lie about without a segment, that they may: a crash leaves it behind, and the sweep finds it. */
export interface UploadRow {
  /** The upload. */
  readonly _id: string;
  readonly name: string;
  /** When it began. */
  readonly at: Date;
}

export interface SegmentRows {
  readonly segments: Collection<SegmentRow>;
  readonly chunks: Collection<ChunkRow>;
  readonly uploads: Collection<UploadRow>;
}

export function segmentRowsOf({ database }: MongoConnection): SegmentRows {
  return { segments: database.collection("segments"), chunks: database.collection("segments.chunks"), uploads: database.collection("segments.uploads") };
}

/** Ids of an upload's chunks sort as the chunks do. */
export function chunkId(upload: string, index: number): string {
  return `${upload}/${String(index).padStart(6, "0")}`;
}

/** All chunks of an upload: "0" follows "/". */
export function chunksOf(upload: string): { readonly _id: { readonly $gt: string; readonly $lt: string } } {
  return { _id: { $gt: `${upload}/`, $lt: `${upload}0` } };
}
