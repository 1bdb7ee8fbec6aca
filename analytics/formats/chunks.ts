/** Strings are handed to the socket in parts of about this many characters. */
export const CHUNK_CHARACTERS = 65_536;

/** Joins small strings into large ones; bytes pass as they come. Never holds more than one chunk and the piece that fills it. */
export async function* inChunks<Piece extends string | Uint8Array>(pieces: AsyncIterable<Piece>): AsyncGenerator<Piece | string> {
  let chunk = "";
  for await (const piece of pieces) {
    if (typeof piece !== "string") {
      if (chunk !== "") yield chunk;
      chunk = "";
      yield piece;
      continue;
    }
    chunk += piece;
    if (chunk.length >= CHUNK_CHARACTERS) {
      yield chunk;
      chunk = "";
    }
  }
  if (chunk !== "") yield chunk;
}
