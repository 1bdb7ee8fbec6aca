import { Problem } from "@caudal/runtime";
import { z } from "zod";
import { bucketResolutions, type BucketResolution } from "../buckets/calendar.ts";

/** Where the next page begins, and at which resolution: what `auto` chose for the first page holds for all. */
export interface HistoryCursor {
  readonly fromUs: number;
  readonly resolution: "raw" | BucketResolution;
}

const cursorSchema = z.tuple([z.int(), z.enum(["raw", ...bucketResolutions])]);

export function writeCursor({ fromUs, resolution }: HistoryCursor): string {
  return Buffer.from(JSON.stringify([fromUs, resolution])).toString("base64url");
}

/** Throws Problem "invalid-cursor" for what `writeCursor` did not write. */
export function readCursor(text: string): HistoryCursor {
  try {
    const [fromUs, resolution] = cursorSchema.parse(JSON.parse(Buffer.from(text, "base64url").toString("utf8")));
    return { fromUs, resolution };
  } catch (cause) {
    throw new Problem("invalid-cursor", { field: "query.cursor", cause });
  }
}
