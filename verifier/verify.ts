import { walkChain } from "./chain.ts";
import { FindingList, timeText, type Findings, type WorkSummary } from "./finding.ts";
import { checkManifest, type Manifest } from "./manifest.ts";
import { folderFiles, type PackFile, type PackFiles } from "./pack-files.ts";
import { checkReadings } from "./readings.ts";
import { checkRoots, type SignedHeads } from "./roots.ts";
import { checkAttempts, checkSlots } from "./slots.ts";
import { zipFiles } from "./zip.ts";

export interface VerifyOptions {
  /** Base64 of the SPKI DER of the Ed25519 key that the roots must be signed with, got another way than with the pack. */
  readonly key?: string | undefined;
}

/** Checks a pack as one ZIP. Never throws: whatever is wrong with the bytes is a finding. */
export function verifyPack(bytes: Uint8Array, options: VerifyOptions = {}): Findings {
  const findings = new FindingList();
  return verifyFiles(zipFiles(bytes, findings), findings, options);
}

/** Checks a pack that was unpacked into a folder. Rejects what the file system refuses with its error. */
export function verifyFolder(folder: string, options: VerifyOptions = {}): Findings {
  return verifyFiles(folderFiles(folder), new FindingList(), options);
}

function verifyFiles(files: PackFiles, findings: FindingList, { key }: VerifyOptions): Findings {
  const manifest = checkManifest(files, findings);
  const works: WorkSummary[] = [];
  const notes: string[] = [];
  let signed: SignedHeads = { heads: new Map(), absent: undefined, roots: 0, keys: [] };
  if (manifest !== undefined) {
    const named = (name: string): PackFile => fileNamed(files, name, findings);
    const { work, chain: chainName, slots, attempts } = manifest.work;
    signed = checkRoots(named(manifest.roots), { work, key, findings });
    checkKeys(manifest, signed, findings);
    checkReadings(named(manifest.readings), findings);
    const chain = walkChain(named(chainName), { work, heads: signed.heads, absent: signed.absent, rootsFile: manifest.roots, findings });
    const counted = checkSlots(named(slots), { chain, period: manifest, findings });
    checkAttempts(named(attempts), { chain, period: manifest, findings });
    if (key !== undefined && chain.signedThrough === 0 && chain.entries > 0) findings.add("root-missing", manifest.roots, { detail: `no root that is signed with the given key proves an entry of ${work}` });
    if (chain.signedThrough < chain.entries) notes.push("unsigned-tail");
    works.push({ work, from: timeText(manifest.fromUs), to: timeText(manifest.toUs), entries: chain.entries, signedThrough: chain.signedThrough, ...counted });
    if (signed.roots === 0) notes.push("no-roots");
    if (key === undefined) notes.push("key-not-given");
  }
  return { ok: findings.list.length === 0, findings: findings.list, more: findings.more, notes, works, files: files.size, roots: signed.roots, keys: signed.keys };
}

/** A file that the manifest stands on. One that is missing is empty, and told where the manifest does not list it at all. */
function fileNamed(files: PackFiles, name: string, findings: FindingList): PackFile {
  const file = files.get(name);
  if (file !== undefined) return file;
  findings.add("file-missing", name, { detail: "the manifest stands on it and it is not in the pack" });
  return { name, chunks: () => [] };
}

function checkKeys({ keys }: Manifest, signed: SignedHeads, findings: FindingList): void {
  for (const key of signed.keys) if (!keys.includes(key)) findings.add("root-key", "manifest.json", { detail: "a root is signed with a key that the manifest does not name" });
}
