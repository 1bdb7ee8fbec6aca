import { createHash } from "node:crypto";
import { createReadStream, readFileSync, readdirSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { EngineFailure } from "../failure.ts";

/** What each file of an engine must be, from the list in `checksums/`, which has the form of sha256sum. */
export function readChecksums(engine: string): Map<string, string> {
  const text = readFileSync(join(import.meta.dirname, "..", "checksums", `${engine}.sha256`), "utf8");
  return new Map(text.trim().split("\n").map((line) => {
    const [sha256 = "", name = ""] = line.split(/\s+\*?/);
    return [name, sha256];
  }));
}

/**
 * Throws unless the file is the one that its name stands for in `expected`; a file that is not, or that the list does
 * not know, is removed.
 */
export async function checkFile(path: string, expected: ReadonlyMap<string, string>): Promise<void> {
  const name = basename(path);
  const found = await sha256(path);
  if (expected.get(name) === found) return;
  rmSync(path, { force: true });
  throw new EngineFailure(
    `${name} arrived as ${found}, which is not what was pinned (${expected.get(name) ?? "nothing of that name"}); it was removed.`,
    "The registry or a proxy in between changes packages: try again, then look there.",
  );
}

/** Checks that a folder holds every file of the list as it must be, and nothing else. */
export async function checkFolder(folder: string, expected: ReadonlyMap<string, string>): Promise<void> {
  const there = readdirSync(folder);
  for (const name of there) await checkFile(join(folder, name), expected);
  const missing = [...expected.keys()].filter((name) => !there.includes(name));
  if (missing.length > 0) throw new EngineFailure(`${missing.join(", ")} did not arrive.`, "Run the same command again.");
}

async function sha256(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
}
