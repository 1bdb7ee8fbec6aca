import type { MongoConnection } from "../connection/open-mongo.ts";
import { dropChunks } from "./chunks.ts";
import type { SegmentRows } from "./rows.ts";

/** A put that lasts longer than this gives up before it names anything. */
export const UPLOAD_MS = 3600_000;
/** Far more than a put lasts, and than clocks differ. */
const LEFT_BEHIND_MS = 24 * 3600_000;
const UPLOADS_PER_SWEEP = 1000;

/** Removes chunks that a crash left without a segment. Harmless beside puts and removes of any process, and beside another sweep. */
export async function sweep(mongo: MongoConnection, rows: SegmentRows, nowMs: number): Promise<number> {
  const left = await mongo.onceMore(() => rows.uploads.find({ at: { $lt: new Date(nowMs - LEFT_BEHIND_MS) } }, { limit: UPLOADS_PER_SWEEP }).toArray());
  let swept = 0;
  for (const { _id: upload, name } of left) {
    const segment = await mongo.onceMore(() => rows.segments.findOne({ _id: name }));
    if (segment?.upload === upload) {
      await mongo.onceMore(() => rows.uploads.deleteOne({ _id: upload }));
    } else {
      await dropChunks(mongo, rows, upload);
      swept += 1;
    }
  }
  return swept;
}
