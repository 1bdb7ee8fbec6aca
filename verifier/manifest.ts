import { createHash } from "node:crypto";
import { canonical, sha256 } from "./canonical.ts";
import type { FindingList } from "./finding.ts";
import { isObject, isText, isWhole, type Fields } from "./fields.ts";
import { wholeBytes, type PackFile, type PackFiles } from "./pack-files.ts";

export interface WorkFiles {
  readonly work: string;
  readonly chain: string;
  readonly slots: string;
  readonly attempts: string;
}

interface ListedFile {
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly packedSha256: string;
}

export interface Manifest {
  readonly fromUs: number;
  readonly toUs: number;
  readonly work: WorkFiles;
  readonly roots: string;
  readonly readings: string;
  readonly keys: readonly string[];
  readonly files: readonly ListedFile[];
}

const MANIFEST = "manifest.json";
const ITS_HASH = "manifest.sha256";

/** The manifest after it and every file were held against their hashes. Undefined where it cannot be read: then nothing else can be said. */
export function checkManifest(files: PackFiles, findings: FindingList): Manifest | undefined {
  const file = files.get(MANIFEST);
  const hash = files.get(ITS_HASH);
  if (hash === undefined) findings.add("file-missing", ITS_HASH, { detail: "it is not in the pack" });
  if (file === undefined) {
    findings.add("file-missing", MANIFEST, { detail: "it is not in the pack: nothing can be checked without it" });
    return undefined;
  }
  const bytes = wholeBytes(file);
  if (hash !== undefined) checkHash(bytes, Buffer.from(wholeBytes(hash)).toString("latin1"), findings);
  const manifest = manifestOf(bytes);
  if (typeof manifest === "string") {
    findings.add("manifest", MANIFEST, { detail: manifest });
    return undefined;
  }
  checkFiles(manifest, files, findings);
  return manifest;
}

function checkHash(manifest: Uint8Array, written: string, findings: FindingList): void {
  const parts = /^([0-9a-f]{64}) {2}manifest\.json\n$/.exec(written);
  if (parts === null) findings.add("manifest-hash", ITS_HASH, { detail: "it is not a SHA-256 and the manifest's name" });
  else if (parts[1] !== sha256(manifest)) findings.add("manifest-hash", MANIFEST, { detail: `its SHA-256 is not the one in ${ITS_HASH}: one of the two was changed` });
}

function manifestOf(bytes: Uint8Array): Manifest | string {
  let text: string;
  let value: unknown;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    value = JSON.parse(text);
    if (text !== `${canonical(value)}\n`) return "it is not canonical JSON with a line feed behind it";
  } catch (error) {
    return `it cannot be read: ${error instanceof Error ? error.message : String(error)}`;
  }
  if (!isObject(value) || value["format"] !== "caudal-evidence") return "it is not of the format caudal-evidence";
  if (value["version"] !== 1) return `version ${String(value["version"])} of the format is not known here`;
  const { fromUs, toUs, roots, readings, works, keys, files } = value;
  if (!isWhole(fromUs) || !isWhole(toUs) || !isText(roots) || !isText(readings) || !isListOf(keys, isText) || !isListOf(works, isWorkFiles) || !isListOf(files, isListed)) return "a member is missing or of another type";
  const [work] = works;
  if (work === undefined || works.length > 1) return `a pack is of one work, and this one names ${works.length}`;
  return { fromUs, toUs, work, roots, readings, keys, files };
}

function isListOf<T>(value: unknown, is: (item: unknown) => item is T): value is T[] {
  return Array.isArray(value) && value.every(is);
}

function isWorkFiles(value: unknown): value is Fields & WorkFiles {
  return isObject(value) && isText(value["work"]) && isText(value["chain"]) && isText(value["slots"]) && isText(value["attempts"]);
}

function isListed(value: unknown): value is Fields & ListedFile {
  return isObject(value) && isText(value["name"]) && isWhole(value["bytes"]) && isText(value["sha256"]) && isText(value["packedSha256"]);
}

function checkFiles(manifest: Manifest, files: PackFiles, findings: FindingList): void {
  const listed = new Set([MANIFEST, ITS_HASH]);
  for (const entry of manifest.files) {
    if (listed.has(entry.name)) findings.add("manifest", MANIFEST, { detail: `${entry.name} is listed twice` });
    listed.add(entry.name);
    const file = files.get(entry.name);
    if (file === undefined) findings.add("file-missing", entry.name, { detail: "the manifest lists it and it is not in the pack" });
    else checkFile(file, entry, findings);
  }
  for (const name of files.keys()) if (!listed.has(name)) findings.add("file-extra", name, { detail: "it is in the pack and the manifest does not list it" });
}

function checkFile(file: PackFile, listed: ListedFile, findings: FindingList): void {
  const hash = createHash("sha256");
  let bytes = 0;
  for (const chunk of file.chunks()) {
    hash.update(chunk);
    bytes += chunk.length;
  }
  if (bytes !== listed.bytes) findings.add("file-size", file.name, { detail: `${bytes} bytes, and the manifest says ${listed.bytes}` });
  if (hash.digest("hex") !== listed.sha256) findings.add("file-hash", file.name, { detail: "its SHA-256 is not the manifest's" });
  if (file.packed !== undefined && sha256(file.packed) !== listed.packedSha256) findings.add("file-packed", file.name, { detail: "its packed bytes are not those that were packed" });
}
