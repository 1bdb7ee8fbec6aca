import { createHash } from "node:crypto";
import { open } from "node:fs/promises";
import { basename } from "node:path";
import { systemSleep } from "@caudal/runtime";
import { fileContext } from "../decode/decode-context.ts";
import { refused, type Refusal, type RowOutcome } from "../decode/decoded.ts";
import { asReading, formats } from "../decode/formats.ts";
import { MAX_MESSAGE_BYTES } from "../decode/limits.ts";
import { checkDevice } from "../decode/object-reader.ts";
import { formatOfFile, serialOf, subfolderOf } from "./file-names.ts";

/** A claimed file's content, or why it is not read. */
export interface FileContent {
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly bytes: Uint8Array | undefined;
  /** Why the bytes are not there, where it is not their number. */
  readonly problem?: "gone" | "unreadable";
}

const TRIES = 20;

/** Reads a file that may still have a writer: again until nothing changed while it was read. More than an edge takes is not read. */
export async function readWhole(path: string, settleMs: number): Promise<FileContent> {
  for (let attempt = 1; ; attempt++) {
    const content = await readOnce(path).catch((error: NodeJS.ErrnoException): FileContent => ({ sha256: "", sizeBytes: 0, bytes: undefined, problem: error.code === "ENOENT" ? "gone" : "unreadable" }));
    if (content !== undefined) return content;
    if (attempt === TRIES) return { sha256: "", sizeBytes: MAX_MESSAGE_BYTES + 1, bytes: undefined };
    await systemSleep(settleMs);
  }
}

async function readOnce(path: string): Promise<FileContent | undefined> {
  const file = await open(path, "r");
  try {
    const before = await file.stat();
    if (before.size > MAX_MESSAGE_BYTES) return { sha256: "", sizeBytes: before.size, bytes: undefined };
    const bytes = await file.readFile();
    const after = await file.stat();
    if (after.size !== before.size || after.mtimeMs !== before.mtimeMs || bytes.length !== after.size) return undefined;
    return { sha256: createHash("sha256").update(bytes).digest("hex"), sizeBytes: bytes.length, bytes };
  } finally {
    await file.close();
  }
}

/** What a file's rows say, each with the device that it belongs to. */
export interface DecodedFile {
  readonly rows: readonly { readonly device: string | undefined; readonly outcome: RowOutcome }[];
}

/**
 * Decodes a dropped file by its name's end. A row's device is the subfolder that the file lay in; in the folder itself what the row
 * says, else the logger's serial in the file's name, else the folder.
 */
export function decodeFile(options: { readonly root: string; readonly path: string; readonly bytes: Uint8Array; readonly receivedAtUs: number; readonly zone: string }): DecodedFile {
  const { root, path, bytes, receivedAtUs, zone } = options;
  const format = formatOfFile(path);
  if (format === undefined) return { rows: [{ device: subfolderOf(path), outcome: whole(bytes, refused("unsupported-format", "a file's name ends in .json, .ndjson, .jsonl, .csv or .txt").refusal) }] };
  const place = checkDevice(subfolderOf(path) ?? "", "folder");
  if (!place.ok) return { rows: [{ device: undefined, outcome: whole(bytes, place.refusal) }] };
  const named = checkDevice(serialOf(path) ?? basename(root), "file");
  const otherwise = named.ok ? named.value : null;
  return {
    rows: formats[format](bytes, fileContext(receivedAtUs, zone)).map((row) => ({ outcome: asReading(row), device: place.value ?? row.device ?? otherwise ?? undefined })),
  };
}

function whole(raw: Uint8Array, refusal: Refusal): RowOutcome {
  return { kind: "park", raw, contentType: "application/octet-stream", device: null, refusal };
}
