import { isUtf8 } from "node:buffer";
import { parsed, refused, type Parsed } from "./decoded.ts";

const TAB = 9;
export const LINE_FEED = 10;
const RETURN = 13;
const SPACE = 32;

/** A view as a Buffer over the same memory. */
export function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** The text of the bytes, without a byte order mark. */
export function textOf(bytes: Uint8Array): Parsed<string> {
  if (!isUtf8(bytes)) return refused("invalid-utf8", "the bytes are not UTF-8");
  return parsed(bufferOf(withoutMark(bytes)).toString("utf8"));
}

/** Cuts blanks off both ends, and a byte order mark; the memory stays the same. */
export function trimmed(bytes: Uint8Array): Uint8Array {
  const body = withoutMark(bytes);
  let start = 0;
  let end = body.length;
  while (start < end && isBlank(body[start])) start++;
  while (end > start && isBlank(body[end - 1])) end--;
  return body.subarray(start, end);
}

/** Lines without their ends, blank ones left out. */
export function* linesOf(bytes: Uint8Array): Generator<Uint8Array> {
  let start = 0;
  while (start < bytes.length) {
    const found = bytes.indexOf(LINE_FEED, start);
    const end = found === -1 ? bytes.length : found;
    const line = trimmed(bytes.subarray(start, end));
    if (line.length > 0) yield line;
    start = end + 1;
  }
}

function withoutMark(bytes: Uint8Array): Uint8Array {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes;
}

export function isBlank(byte: number | undefined): boolean {
  return byte === SPACE || byte === LINE_FEED || byte === RETURN || byte === TAB;
}
