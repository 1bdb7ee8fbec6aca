import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { until } from "../../caudal/test-parts/until.ts";
import { waitForTurn } from "./one-at-a-time.ts";

test("a run waits for the one before, and not for one that has died", async (context) => {
  const folder = await mkdtemp(join(tmpdir(), "caudal-turn-"));
  context.after(() => rm(folder, { recursive: true }));
  const path = join(folder, "pid");
  const told: string[] = [];
  // The largest pid that Linux gives is below 2^22.
  await writeFile(path, String(2 ** 22 + 1));
  const first = await waitForTurn((line) => told.push(line), path);
  assert.equal(await readFile(path, "utf8"), String(process.pid));
  assert.equal(told.join(), "");
  let turns = 1;
  const waiting = waitForTurn((line) => told.push(line), path).finally(() => turns++);
  await until("it tells that it waits", () => (told.length === 1 ? true : undefined));
  assert.equal(turns, 1);
  await first();
  const second = await waiting;
  await second();
  await assert.rejects(readFile(path), { code: "ENOENT" });
});
