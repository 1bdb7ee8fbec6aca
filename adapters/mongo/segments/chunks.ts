import { createHash } from "node:crypto";
import { CaudalError } from "@caudal/core";
import { isDuplicateKey } from "../connection/failure.ts";
import type { MongoConnection } from "../connection/open-mongo.ts";
import { chunkId, chunksOf, type SegmentRow, type SegmentRows } from "./rows.ts";

/** Half of what a document may hold. */
export const CHUNK_BYTES = 8 * 1024 * 1024;

/** Writes the content of an upload, a chunk at a time, each durable before the next; gives how many. */
export async function writeChunks(mongo: MongoConnection, { chunks }: SegmentRows, upload: string, bytes: Uint8Array): Promise<number> {
  const count = Math.ceil(bytes.length / CHUNK_BYTES);
  for (let index = 0; index < count; index++) {
    const data = bytes.subarray(index * CHUNK_BYTES, (index + 1) * CHUNK_BYTES);
    await mongo.onceMore(async (attempt) => {
      try {
        await chunks.insertOne({ _id: chunkId(upload, index), data });
      } catch (error) {
        // Nobody else writes under the upload's name: it was there from an attempt whose answer was lost.
        if (attempt === 1 || !isDuplicateKey(error)) throw error;
      }
    });
  }
  return count;
}

/** The content of a segment; undefined when chunks of it are missing. CaudalError "corrupt" when it is not what was put. */
export async function readChunks(mongo: MongoConnection, { chunks }: SegmentRows, { _id: name, upload, bytes, chunks: count, sha256 }: SegmentRow): Promise<Uint8Array | undefined> {
  const whole = Buffer.allocUnsafeSlow(bytes);
  let end = 0;
  for (let index = 0; index < count; index++) {
    const chunk = await mongo.onceMore(() => chunks.findOne({ _id: chunkId(upload, index) }));
    if (chunk === null) return undefined;
    if (end + chunk.data.length > bytes) throw damaged(name);
    whole.set(chunk.data, end);
    end += chunk.data.length;
  }
  if (end !== bytes || createHash("sha256").update(whole).digest("hex") !== sha256) throw damaged(name);
  return whole;
}

export async function dropChunks(mongo: MongoConnection, { chunks, uploads }: SegmentRows, upload: string): Promise<void> {
  await mongo.onceMore(() => chunks.deleteMany(chunksOf(upload)));
  await mongo.onceMore(() => uploads.deleteOne({ _id: upload }));
}

export function damaged(name: string): CaudalError {
  return new CaudalError("corrupt", `segment ${name} is not what was put: its bytes do not have its SHA-256`);
}
