/** Strings are handed to the socket in parts of about this many characters. */
export const CHUNK_CHARACTERS = 65_536;

/** Joins small strings into large ones. Never holds more than one chunk and the piece that fills it. */
export async function* inChunks(pieces: AsyncIterable<string>): AsyncGenerator<string> {
  let chunk = "";
  for await (const piece of pieces) {
    chunk += piece;
    if (chunk.length >= CHUNK_CHARACTERS) {
      yield chunk;
      chunk = "";
    }
  }
  if (chunk !== "") yield chunk;
}
