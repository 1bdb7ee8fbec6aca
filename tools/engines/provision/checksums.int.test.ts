import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { EngineFailure } from "../failure.ts";
import { checkFile, checkFolder, readChecksums } from "./checksums.ts";

/** Of "water". */
const water = "0f4168490e38b8447e11ba4bd656aa11b925bd22af30bac464bc153fdb608501";
let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), "caudal-checksums-"))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

test("a file that is what was pinned stays", async () => {
  const path = write("a.jar", "water");
  await checkFile(path, new Map([["a.jar", water]]));
  await checkFolder(folder, new Map([["a.jar", water]]));
  assert.ok(existsSync(path));
});

test("a file that is something else is refused and removed", async () => {
  const path = write("a.jar", "wine");
  await assert.rejects(checkFile(path, new Map([["a.jar", water]])), (error) => error instanceof EngineFailure && /a\.jar arrived as [0-9a-f]{64}, which is not what was pinned \(0f41/.test(error.message));
  assert.equal(existsSync(path), false);
});

test("a file that the list does not know is refused and removed", async () => {
  write("a.jar", "water");
  const path = write("b.jar", "water");
  await assert.rejects(checkFolder(folder, new Map([["a.jar", water]])), /nothing of that name/);
  assert.equal(existsSync(path), false);
});

test("a file of the list that is missing is named", async () => {
  await assert.rejects(checkFolder(folder, new Map([["a.jar", water]])), /a\.jar did not arrive/);
});

test("every fetched server has a list of its files", () => {
  for (const [engine, least] of [["kafka", 40], ["cassandra", 90], ["registry", 1], ["mongo", 1], ["redis", 1]] as const) {
    const list = [...readChecksums(engine)];
    assert.ok(list.length >= least, engine);
    assert.ok(list.every(([name, sha256]) => name !== "" && /^[0-9a-f]{64}$/.test(sha256)), engine);
  }
});
