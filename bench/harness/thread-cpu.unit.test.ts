import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { cpuByThreadUs, usedBetween } from "./thread-cpu.ts";

test("a thread that was not there before used all that it has used", () => {
  const between = usedBetween(new Map([["main", 30_000]]), new Map([["main", 50_000], ["others", 10_000]]));
  assert.deepEqual([...between], [["main", 20_000], ["others", 10_000]]);
});

test("a process has a main thread, and one that is gone has none", { skip: existsSync("/proc/self/task") ? false : "this machine has no /proc" }, () => {
  assert.ok(cpuByThreadUs(process.pid).has("main"));
  assert.equal(cpuByThreadUs(2 ** 30).size, 0);
});
