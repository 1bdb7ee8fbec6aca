import assert from "node:assert/strict";
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { LineCounter, readLines } from "./line-file.ts";

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "caudal-lines-"));
  path = join(folder, "readings.csv");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("lines are counted as the file grows, half a line not before its end", () => {
  const counter = new LineCounter(path);
  assert.equal(counter.count(), 0);
  writeFileSync(path, "a\nb\nhal");
  assert.equal(counter.count(), 2);
  appendFileSync(path, "f\nc\n");
  assert.equal(counter.count(), 4);
  assert.equal(counter.count(), 4);
});

test("readings are counted by device", async () => {
  writeFileSync(path, "well-1,1000,1.5,2,40\nwell-2,1000,1.5,2,40\nwell-1,1001,1.6,2,40.1\n");
  assert.deepEqual(await readLines(path), { fresh: new Map([["well-1", 2], ["well-2", 1]]), other: 0 });
});

test("a reading that came twice or late, one without all its values and one that was cut off are told apart", async () => {
  writeFileSync(path, "well-1,1000,1.5,2,40\nwell-1,1000,1.5,2,40\nwell-1,999,1.5,2,40\nwell-1,1002,1.5,2\nwell-1,1003,1.5,2,\nwell-1,1004,undefined,2,40\nwell-1,1005,1.5,2,40\n");
  assert.deepEqual(await readLines(path), { fresh: new Map([["well-1", 2]]), other: 5 });
});
