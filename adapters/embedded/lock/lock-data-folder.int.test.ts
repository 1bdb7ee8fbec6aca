import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { hasCode } from "@caudal/core";
import { lockDataFolder } from "./lock-data-folder.ts";

let directory = "";
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "caudal-lock-"));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const inUseBy = (who: string) => (error: unknown): boolean => hasCode(error, "in-use") && String(error).includes(who) && String(error).includes(directory);

/** A process of its own that takes the lock, prints its answer and then waits to be ended. */
async function lockInChild(): Promise<{ child: ChildProcess; answer: string }> {
  const program = `
    import { lockDataFolder } from ${JSON.stringify(new URL("./lock-data-folder.ts", import.meta.url).href)};
    await lockDataFolder(${JSON.stringify(directory)}).then(() => console.log("locked"), (error) => console.log(error.code, error.message));
    setInterval(() => undefined, 1000);`;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", program], { stdio: ["ignore", "pipe", "inherit"] });
  const [answer] = (await once(child.stdout, "data")) as [Buffer];
  return { child, answer: answer.toString().trim() };
}

async function end(child: ChildProcess): Promise<void> {
  const exited = once(child, "exit");
  child.kill("SIGKILL");
  await exited;
}

test("a folder is locked once in a process, and free again after release", async () => {
  const folder = join(directory, "made", "when", "missing");
  const lock = await lockDataFolder(folder);
  await assert.rejects(lockDataFolder(folder), (error) => hasCode(error, "in-use") && String(error).includes(`process ${process.pid}`));
  await lock.release();
  await lock.release();
  const again = await lockDataFolder(folder);
  await assert.rejects(lockDataFolder(folder), (error) => hasCode(error, "in-use"));
  await lock.release();
  await assert.rejects(lockDataFolder(folder), (error) => hasCode(error, "in-use"), "releasing an old lock twice frees nothing");
  await again.release();
});

test("of many that try at once one gets it", async () => {
  const tries = await Promise.allSettled(Array.from({ length: 8 }, () => lockDataFolder(directory)));
  const got = tries.filter((each) => each.status === "fulfilled");
  assert.equal(got.length, 1);
  await got[0]?.value.release();
});

test("another process is refused with the owner's pid, either way round", async () => {
  const lock = await lockDataFolder(directory);
  const refused = await lockInChild();
  await end(refused.child);
  assert.ok(refused.answer.startsWith("in-use ") && refused.answer.includes(`process ${process.pid}`), refused.answer);
  await lock.release();
  const owner = await lockInChild();
  assert.equal(owner.answer, "locked");
  await assert.rejects(lockDataFolder(directory), inUseBy(`process ${owner.child.pid}`));
  await end(owner.child);
  await (await lockDataFolder(directory)).release();
});

test("the lock of a killed process is free at once, also when its pid belongs to another process by now", async () => {
  const { child, answer } = await lockInChild();
  assert.equal(answer, "locked");
  await end(child);
  const ownerFile = join(directory, "owner.json");
  const left = JSON.parse(await readFile(ownerFile, "utf8")) as { pid: number };
  assert.equal(left.pid, child.pid);
  await writeFile(ownerFile, JSON.stringify({ ...left, pid: process.ppid }));
  await (await lockDataFolder(directory)).release();
});

test("an owner's file that tells nothing, or of a process that is gone, is not believed", async () => {
  const lock = await lockDataFolder(directory);
  for (const text of ["{", "{}", '{"pid":0}', '{"pid":1,"startedAt":"another life"}', `{"pid":${2 ** 22 + 1},"startedAt":null}`]) {
    await writeFile(join(directory, "owner.json"), text);
    await assert.rejects(lockDataFolder(directory), inUseBy("another process"), text);
  }
  await lock.release();
});

test("a folder that cannot be made or written is refused as what it is", async () => {
  const file = join(directory, "file");
  await writeFile(file, "");
  await assert.rejects(lockDataFolder(join(file, "below")), (error) => !hasCode(error, "in-use"));
});
