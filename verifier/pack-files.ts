import { closeSync, lstatSync, openSync, readdirSync, readSync } from "node:fs";
import { join } from "node:path";

/** A file of a pack. Its content may be walked more than once. */
export interface PackFile {
  readonly name: string;
  readonly chunks: () => Iterable<Uint8Array>;
  /** As it lies in a ZIP; absent in a folder. */
  readonly packed?: Uint8Array;
}

export type PackFiles = ReadonlyMap<string, PackFile>;

const CHUNK = 256 * 1024;
const MAX_FILES = 100_000;

/** An unpacked pack. Links are not followed: they are told as what they are, files that do not belong here. */
export function folderFiles(folder: string): PackFiles {
  const files = new Map<string, PackFile>();
  for (const place of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (place.isDirectory()) continue;
    const path = join(place.parentPath, place.name);
    const name = path.slice(folder.length).replaceAll("\\", "/").replace(/^\/+/, "");
    files.set(name, { name, chunks: () => (lstatSync(path).isFile() ? fileChunks(path) : []) });
    if (files.size > MAX_FILES) throw new RangeError(`more than ${MAX_FILES} files`);
  }
  return files;
}

function* fileChunks(path: string): Generator<Uint8Array> {
  const file = openSync(path, "r");
  try {
    for (;;) {
      const chunk = new Uint8Array(CHUNK);
      const read = readSync(file, chunk);
      if (read === 0) return;
      yield chunk.subarray(0, read);
    }
  } finally {
    closeSync(file);
  }
}

/** The whole of a small file. */
export function wholeBytes(file: PackFile): Uint8Array {
  return Buffer.concat([...file.chunks()]);
}

const MAX_LINE = 64 * 1024 * 1024;

/** Lines of a text, each ended by a line feed, with their numbers from 1. The last may lack its end; `ended` says so. A line that is no UTF-8 is undefined. */
export function* linesOf(file: PackFile): Generator<{ readonly line: number; readonly text: string | undefined; readonly ended: boolean }> {
  const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  const textOf = (bytes: Uint8Array): string | undefined => {
    try {
      return utf8.decode(bytes);
    } catch {
      return undefined;
    }
  };
  let parts: Uint8Array[] = [];
  let held = 0;
  let line = 0;
  for (const chunk of file.chunks()) {
    let start = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, start)) {
      parts.push(chunk.subarray(start, end));
      yield { line: ++line, text: textOf(Buffer.concat(parts)), ended: true };
      parts = [];
      held = 0;
      start = end + 1;
    }
    if (start < chunk.length) parts.push(chunk.subarray(start));
    held += chunk.length - start;
    if (held > MAX_LINE) break;
  }
  if (parts.length > 0) yield { line: line + 1, text: held > MAX_LINE ? undefined : textOf(Buffer.concat(parts)), ended: false };
}
