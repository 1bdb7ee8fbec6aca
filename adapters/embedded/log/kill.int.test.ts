import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { test } from "node:test";
import { openEmbeddedLog } from "./open.ts";

const ROUNDS = 3;
const KILL_AFTER_LINES = 400;

test("a process killed amid publishing loses and doubles nothing that it acknowledged", { timeout: 60_000 }, async () => {
  const directory = await mkdtemp(join(tmpdir(), "caudal-kill-"));
  try {
    const acknowledged = new Set<string>();
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const id of await publishUntilKilled(directory, round)) acknowledged.add(id);
      const stored = await storedIds(directory);
      assert.equal(new Set(stored).size, stored.length, "a record is there twice");
      const missing = [...acknowledged].filter((id) => !stored.includes(id));
      assert.deepEqual(missing, [], `round ${round}`);
    }
    assert.ok(acknowledged.size >= ROUNDS * KILL_AFTER_LINES);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});

/** Ids whose publish the child said was resolved before it was killed. */
async function publishUntilKilled(directory: string, round: number): Promise<string[]> {
  const child = spawn(process.execPath, [fileURLToPath(new URL("./kill-child.ts", import.meta.url)), directory, String(round)], { stdio: ["ignore", "pipe", "inherit"] });
  const exited = once(child, "exit");
  const ids: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    ids.push(line);
    if (ids.length === KILL_AFTER_LINES) child.kill("SIGKILL");
  }
  const [, signal] = await exited;
  assert.equal(signal, "SIGKILL");
  return ids;
}

async function storedIds(directory: string): Promise<string[]> {
  const log = await openEmbeddedLog({ directory });
  try {
    const ids: string[] = [];
    for (const { partition, endOffset } of await log.bounds("t")) {
      for (let fromOffset = 0; fromOffset < endOffset; ) {
        const batch = await log.read({ topic: "t", partition, fromOffset });
        ids.push(...batch.records.map(({ value }) => Buffer.from(value).toString("utf8", 0, value.indexOf(32))));
        fromOffset = batch.nextOffset;
      }
    }
    return ids;
  } finally {
    await log.close();
  }
}
