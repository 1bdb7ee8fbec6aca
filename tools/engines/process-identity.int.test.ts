import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { identify, runs } from "./process-identity.ts";

/** Its first thread ends and the other one goes on, as when a server of many threads is killed. */
const withoutFirstThread = `
import ctypes, platform, threading, time
threading.Thread(target=lambda: time.sleep(60)).start()
print("there", flush=True)
ctypes.CDLL(None).syscall(93 if platform.machine() == "aarch64" else 60, 0)
`;

const skip = process.platform === "linux" ? false : "only Linux tells a process's threads apart";

test("a process runs until its last thread is gone, and is another one when its number is used again", { skip }, async (context) => {
  const child = spawn("python3", ["-c", withoutFirstThread], { stdio: ["ignore", "pipe", "inherit"] });
  context.after(() => child.kill("SIGKILL"));
  await once(child.stdout, "data");
  const { pid } = child;
  assert.ok(pid !== undefined);
  const identity = identify(pid);
  assert.ok(identity);
  const deadlineMs = performance.now() + 10_000;
  while (!/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8")) && performance.now() < deadlineMs) await wait(10);
  assert.ok(runs(identity), "a thread of it sleeps still");
  assert.ok(!runs({ ...identity, started: "before" }));
  child.kill("SIGKILL");
  await once(child, "exit");
  assert.ok(!runs(identity));
});
