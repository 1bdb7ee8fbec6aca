import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { servers } from "./known-servers.ts";
import { NodeProcess } from "./node-process.ts";
import { identify, residentMb, runs } from "./process-identity.ts";

let folder: string;
before(() => void (folder = mkdtempSync(join(tmpdir(), "caudal-engines-"))));
after(() => rmSync(folder, { recursive: true, force: true }));

/** A process that waits for nobody, ended with the test. */
async function withChild(body: (pid: number, ended: () => boolean) => Promise<void>): Promise<void> {
  const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "ignore" });
  const exit = once(child, "exit");
  try {
    await once(child, "spawn");
    await body(child.pid ?? assert.fail("no pid"), () => child.exitCode !== null || child.signalCode !== null);
  } finally {
    child.kill("SIGKILL");
    await exit;
  }
}

function nodeWithPidFile(name: string, identity: unknown): NodeProcess {
  const settings = { id: 1, host: "127.0.0.1", port: 1, morePorts: {}, folder: join(folder, name) };
  mkdirSync(settings.folder);
  writeFileSync(join(settings.folder, "pid.json"), typeof identity === "string" ? identity : JSON.stringify(identity));
  const cluster = { nodes: [settings], jit: "quick", files: { what: "Redis", path: "redis-server" } } as const;
  return new NodeProcess({ server: servers.redis, settings, cluster, attached: false });
}

test("a process is itself until it ends", async () => {
  let seen = identify(process.pid) ?? assert.fail("this process runs");
  assert.ok(runs(seen));
  assert.ok((residentMb(process.pid) ?? 0) > 10);
  await withChild(async (pid) => void (seen = identify(pid) ?? assert.fail("it runs")));
  assert.equal(identify(seen.pid), undefined);
  assert.equal(runs(seen), false);
  assert.equal(residentMb(seen.pid), undefined);
});

test("another process that has the pid of a pid file by now is neither shown nor ended", async () => {
  await withChild(async (pid, ended) => {
    const node = nodeWithPidFile("reused", { pid, started: "an earlier boot:1" });
    assert.equal(node.pid, undefined);
    await node.stop();
    await node.kill();
    assert.equal(ended(), false);
    assert.ok(identify(pid));
  });
});

test("the process that a pid file means is found by a later command and ended", async () => {
  await withChild(async (pid) => {
    const node = nodeWithPidFile("own", identify(pid));
    assert.equal(node.pid, pid);
    node.pause();
    await node.stop();
    assert.equal(node.pid, undefined);
    assert.equal(identify(pid), undefined);
  });
});

test("a pid file that is no such file counts as none", () => {
  assert.equal(nodeWithPidFile("torn", '{ "pid": 1').pid, undefined);
  assert.equal(nodeWithPidFile("other", { pid: "1", started: 2 }).pid, undefined);
});
