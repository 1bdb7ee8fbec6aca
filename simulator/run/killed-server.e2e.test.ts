import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { folderFor, readTruth } from "../test-parts/truth-files.ts";
import { runSimulation } from "./run-simulation.ts";

const main = join(import.meta.dirname, "..", "..", "caudal", "main.ts");

interface Running {
  readonly pid: number;
  readonly http: string;
  readonly mqtt: string;
}

test("a run goes on through kill -9 of the installation and its start at other ports", { timeout: 120_000 }, async (context) => {
  const [data, truthDir] = [await folderFor(context), await folderFor(context)];
  const note = join(data, "running.json");
  let child: ChildProcess | undefined;
  context.after(async () => {
    if (child?.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGKILL");
    await once(child, "exit");
  });
  const running = async (): Promise<Running> => JSON.parse(await readFile(note, "utf8")) as Running;
  const start = async (): Promise<Running> => {
    await rm(note, { force: true });
    child = spawn(process.execPath, [main, "up", "--data", data, "--no-demo", "--http", "127.0.0.1:0", "--mqtt", "127.0.0.1:0", "--json"], { stdio: "ignore" });
    for (;;) {
      assert.equal(child.exitCode, null, "the installation runs");
      const found = await running().catch(() => undefined);
      if (found !== undefined) return found;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };

  const ports = new Set([(await start()).mqtt]);
  const simulation = runSimulation({
    fleet: { seed: "killed", devices: 40, startUs: Date.UTC(2026, 2, 1) * 1000 }, truthDir, messages: 3000,
    destinations: [{ over: "mqtt", url: async () => (await running()).mqtt, ackTimeoutMs: 2000 }, { over: "http", url: async () => (await running()).http, timeoutMs: 5000 }],
  });
  for (const count of [300, 1500]) {
    while (simulation.counters().acknowledged < count) await new Promise((resolve) => setTimeout(resolve, 5));
    const ended = once(child!, "exit");
    child!.kill("SIGKILL");
    await ended;
    ports.add((await start()).mqtt);
  }
  const result = await simulation.done;
  assert.deepEqual([result.sent, result.unknown, result.refusals], [3000, 0, []]);
  assert.ok(result.sentAgain > 0);
  assert.equal(ports.size, 3, "other ports each time");
  const { acknowledged } = await readTruth(truthDir);
  assert.equal(new Set(acknowledged.map(({ seq }) => seq)).size, 3000);
});
