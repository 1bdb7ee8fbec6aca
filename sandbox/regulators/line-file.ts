import { closeSync, fsyncSync, ftruncateSync, mkdirSync, openSync, readSync, writeSync } from "node:fs";
import { dirname } from "node:path";

/** A file of JSON documents, one a line, that survives the end of its process: each line is with the operating system before the call returns. */
export interface LineFile {
  append(document: unknown): void;
  close(): void;
}

const PIECE_BYTES = 1024 * 1024;
const LINE_END = 0x0a;

/** Opens or makes the file, and hands over what stands in it, in order. A last line that a lost power supply cut is taken off. */
export function openLineFile(path: string, each: (document: unknown) => void): LineFile {
  mkdirSync(dirname(path), { recursive: true });
  const file = openSync(path, "a+");
  try {
    const { wholeBytes, allBytes } = readLines(file, each);
    if (wholeBytes < allBytes) ftruncateSync(file, wholeBytes);
  } catch (error) {
    closeSync(file);
    throw error;
  }
  return {
    append: (document) => void writeSync(file, `${JSON.stringify(document)}\n`),
    close() {
      fsyncSync(file);
      closeSync(file);
    },
  };
}

function readLines(file: number, each: (document: unknown) => void): { readonly wholeBytes: number; readonly allBytes: number } {
  const piece = Buffer.alloc(PIECE_BYTES);
  let [rest, position] = [Buffer.alloc(0), 0];
  for (let length = readSync(file, piece, 0, PIECE_BYTES, position); length > 0; length = readSync(file, piece, 0, PIECE_BYTES, position)) {
    position += length;
    const bytes = Buffer.concat([rest, piece.subarray(0, length)]);
    const end = bytes.lastIndexOf(LINE_END) + 1;
    for (const line of bytes.subarray(0, end).toString("utf8").split("\n")) if (line !== "") each(JSON.parse(line));
    rest = bytes.subarray(end);
  }
  return { wholeBytes: position - rest.length, allBytes: position };
}
