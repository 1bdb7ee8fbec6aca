import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Response } from "express";

/** Rows to a piece of the stream, so that years of them are not a million small writes. */
const LINES_TO_A_PIECE = 500;

/** One JSON document a line, as fast as the caller reads. */
export async function lines(response: Response, items: Iterable<unknown>): Promise<void> {
  response.type("application/x-ndjson");
  await pipeline(Readable.from(pieces(items)), response).catch(() => response.destroy());
}

function* pieces(items: Iterable<unknown>): Generator<string> {
  let piece: string[] = [];
  for (const item of items) {
    piece.push(`${JSON.stringify(item)}\n`);
    if (piece.length < LINES_TO_A_PIECE) continue;
    yield piece.join("");
    piece = [];
  }
  if (piece.length > 0) yield piece.join("");
}
