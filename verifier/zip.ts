import { crc32 } from "node:zlib";
import { Inflate } from "fflate";
import type { FindingList } from "./finding.ts";
import type { PackFile } from "./pack-files.ts";
import { sha256 } from "./canonical.ts";

const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
const DESCRIPTOR = 0x08074b50;
const LOCAL_BYTES = 30;
const CENTRAL_BYTES = 46;
const END_BYTES = 22;
const DESCRIPTOR_BYTES = 16;
const SEAL_WORDS = "caudal-evidence sha256:";
const SEAL_BYTES = SEAL_WORDS.length + 64;
/** 1 January 1980, 0:00: a pack's bytes say nothing of when they were packed. */
const EPOCH = 0x0021_0000;
const PIECE = 64 * 1024;

/**
 * Files of a ZIP as docs/evidence-format.md has it. Every byte of the container is held against what it must be, so that one that changed is told even where it changes no file. Never throws:
 * what cannot be read is a finding.
 */
export function zipFiles(zip: Uint8Array, findings: FindingList): Map<string, PackFile> {
  const files = new Map<string, PackFile>();
  const view = new DataView(zip.buffer, zip.byteOffset, zip.byteLength);
  const end = zip.length - END_BYTES - SEAL_BYTES;
  const fault = (detail: string, file = "zip"): void => findings.add("zip", file, { detail });
  if (end < 0 || view.getUint32(end, true) !== END) {
    fault("the end of the archive is not where it must be: cut, added to, or packed by something else; unpack it and check the folder");
    return files;
  }
  const seal = Buffer.from(zip.subarray(end + END_BYTES)).toString("latin1");
  if (seal !== `${SEAL_WORDS}${sha256(zip.subarray(0, end + END_BYTES))}`) findings.add("zip-seal", "zip", { detail: "the archive's bytes are not those that its seal was made of" });
  const count = view.getUint16(end + 10, true);
  const start = view.getUint32(end + 16, true);
  const fixed = view.getUint32(end + 4, true) === 0 && view.getUint16(end + 8, true) === count && view.getUint16(end + 20, true) === SEAL_BYTES && start + view.getUint32(end + 12, true) === end;
  if (!fixed) fault("the end record does not fit the archive");
  let at = start;
  let data = 0;
  for (let index = 0; index < count; index++) {
    if (at + CENTRAL_BYTES > end || view.getUint32(at, true) !== CENTRAL) {
      fault(`entry ${index + 1} of ${count} of the directory cannot be read`);
      return files;
    }
    const nameBytes = view.getUint16(at + 28, true);
    const name = Buffer.from(zip.subarray(at + CENTRAL_BYTES, at + CENTRAL_BYTES + nameBytes)).toString("latin1");
    const entry = { name, at, offset: view.getUint32(at + 42, true), method: view.getUint16(at + 10, true), crc: view.getUint32(at + 16, true), packed: view.getUint32(at + 20, true), size: view.getUint32(at + 24, true) };
    const odd = oddEntry(view, entry, { data, end: start });
    if (odd !== undefined) fault(odd, name);
    const from = entry.offset + LOCAL_BYTES + nameBytes;
    if (from + entry.packed > start) fault("its bytes reach beyond the archive", name);
    else if (files.has(name)) fault("the name is there twice", name);
    else {
      const file = unpacked(entry, zip.subarray(from, from + entry.packed));
      if (crcOf(file) !== entry.crc) fault("its bytes are not those that its CRC was made of", name);
      files.set(name, file);
    }
    data = from + entry.packed + DESCRIPTOR_BYTES;
    at += CENTRAL_BYTES + nameBytes;
  }
  if (at !== end || data !== start) fault("there are bytes between the files that belong to none");
  return files;
}

interface Entry {
  readonly name: string;
  /** Of its entry in the directory. */
  readonly at: number;
  /** Of its local header. */
  readonly offset: number;
  readonly method: number;
  readonly crc: number;
  readonly packed: number;
  readonly size: number;
}

/** Why the headers of an entry are not as they must be; undefined when they are. */
function oddEntry(view: DataView, { at, offset, name, method, crc, packed, size }: Entry, { data, end }: { readonly data: number; readonly end: number }): string | undefined {
  if (offset !== data || offset + LOCAL_BYTES + name.length > end) return "it does not begin where the file before it ends";
  if (view.getUint32(offset, true) !== LOCAL) return "its header cannot be read";
  if (!/^[A-Za-z0-9._-]+(\/[A-Za-z0-9._-]+)*$/.test(name) || name.split("/").includes("..")) return "its name is none that a pack has";
  const central = [view.getUint16(at + 4, true), view.getUint16(at + 6, true), view.getUint16(at + 8, true), view.getUint32(at + 12, true)];
  const tail = [view.getUint16(at + 30, true), view.getUint16(at + 32, true), view.getUint16(at + 34, true), view.getUint16(at + 36, true), view.getUint32(at + 38, true)];
  if (central.join() !== [20, 20, 8, EPOCH].join() || (method !== 0 && method !== 8) || tail.some((field) => field !== 0)) return "its entry in the directory is not as a pack has it";
  const local = [view.getUint16(offset + 4, true), view.getUint16(offset + 6, true), view.getUint16(offset + 8, true), view.getUint32(offset + 10, true)];
  const empty = [view.getUint32(offset + 14, true), view.getUint32(offset + 18, true), view.getUint32(offset + 22, true), view.getUint16(offset + 28, true)];
  if (local.join() !== [20, 8, method, EPOCH].join() || empty.some((field) => field !== 0) || view.getUint16(offset + 26, true) !== name.length) return "its header is not as a pack has it";
  if (Buffer.from(view.buffer, view.byteOffset + offset + LOCAL_BYTES, name.length).toString("latin1") !== name) return "its header has another name than the directory";
  const descriptor = offset + LOCAL_BYTES + name.length + packed;
  if (descriptor + DESCRIPTOR_BYTES > end) return "its bytes reach beyond the archive";
  const told = [0, 4, 8, 12].map((field) => view.getUint32(descriptor + field, true));
  return told.join() === [DESCRIPTOR, crc, packed, size].join() ? undefined : "what stands behind its bytes is not what the directory says";
}

function unpacked({ name, method, size }: Entry, packed: Uint8Array): PackFile {
  return { name, packed, chunks: () => (method === 0 ? [packed] : inflated(packed, size)) };
}

function crcOf(file: PackFile): number {
  let crc = 0;
  for (const chunk of file.chunks()) crc = crc32(chunk, crc);
  return crc;
}

/** At most one byte more than the directory says: what unpacks to more is cut there, and found by its size. */
function* inflated(packed: Uint8Array, size: number): Generator<Uint8Array> {
  let ready: Uint8Array[] = [];
  let given = 0;
  const inflate = new Inflate((chunk) => void ready.push(chunk));
  for (let at = 0; at < packed.length || at === 0; at += PIECE) {
    try {
      inflate.push(packed.subarray(at, at + PIECE), at + PIECE >= packed.length);
    } catch {
      return;
    }
    for (const chunk of ready) {
      const room = size + 1 - given;
      given += chunk.length;
      // The inflater writes on in what it gave: whoever keeps a chunk keeps a copy.
      yield chunk.slice(0, Math.max(0, room));
      if (given > size) return;
    }
    ready = [];
  }
}
