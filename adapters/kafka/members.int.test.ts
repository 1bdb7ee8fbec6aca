import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import { test, type TestContext } from "node:test";
import { hasCode, type Assignment, type EventLog } from "@caudal/core";
import { withEngine } from "../../tools/engines/for-tests.ts";
import { openKafkaLog } from "./open.ts";
import { bytesOf, eventually, mustHold, ownUrl, quickTiming, textOf } from "./test-harness.ts";

const TOPIC = "shared";
const PARTITIONS = 4;

/** Publishes all the time until it is stopped; gives what was acknowledged. */
function load(log: EventLog): { readonly acknowledged: string[]; stop(): Promise<void> } {
  const acknowledged: string[] = [];
  let going = true;
  const run = (async () => {
    for (let i = 0; going; i += 1) {
      const values = Array.from({ length: 10 }, (_, at) => `r${i}.${at}`);
      await log.publish(TOPIC, values.map((value) => ({ key: value, value: bytesOf(value) })));
      acknowledged.push(...values);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  })();
  return {
    acknowledged,
    stop: () => {
      going = false;
      return run;
    },
  };
}

class Child {
  readonly process: ChildProcess;
  readonly lines: string[] = [];

  constructor(url: string, group: string) {
    this.process = spawn(process.execPath, [new URL("./test-member-child.ts", import.meta.url).pathname, url, TOPIC, group], { stdio: ["ignore", "pipe", "inherit"] });
    createInterface({ input: this.process.stdout as NodeJS.ReadableStream }).on("line", (line) => this.lines.push(line));
  }

  handled(): string[] {
    return this.lines.flatMap((line) => (line.startsWith("handled ") ? [line.slice(8)] : []));
  }

  async end(): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    const gone = new Promise((resolve) => this.process.once("exit", resolve));
    this.process.kill("SIGCONT");
    this.process.kill("SIGKILL");
    await gone;
  }
}

async function openScene(t: TestContext, url: string): Promise<{ log: EventLog; own: string; child: () => Child }> {
  const own = ownUrl(url);
  const log = await openKafkaLog({ url: own, timing: quickTiming });
  await log.declareTopics([{ name: TOPIC, partitions: PARTITIONS, retentionMs: null }]);
  const children: Child[] = [];
  t.after(async () => {
    await Promise.all(children.map((child) => child.end()));
    await log.close();
  });
  const child = (): Child => {
    const made = new Child(own, "g");
    children.push(made);
    return made;
  };
  return { log, own, child };
}

withEngine("kafka", (url) => {
  test("a member that stops moving loses its partitions, finds that out when it wakes, and no record is left out", { timeout: 40_000 }, async (t) => {
    const { log, child } = await openScene(t, url);
    const mine = new Set<string>();
    const consumption = await log.consume({ topic: TOPIC, group: "g", handler: { handle: async ({ records }) => records.forEach(({ value }) => mine.add(textOf(value))) } });
    const flow = load(log);
    const other = child();
    await eventually(() => assert.equal(consumption.owned().length, PARTITIONS / 2));
    await eventually(() => assert.ok(other.handled().length > 20));
    const pausedAtMs = performance.now();
    other.process.kill("SIGSTOP");
    await eventually(() => assert.equal(consumption.owned().length, PARTITIONS));
    t.diagnostic(`partitions of a stopped member taken over after ${Math.round(performance.now() - pausedAtMs)} ms (session timeout ${quickTiming.sessionTimeoutMs} ms)`);
    other.process.kill("SIGCONT");
    await eventually(() => assert.ok(other.lines.includes("event kafka.partitions-lost")));
    await eventually(() => assert.ok(other.lines.some((line) => /^revoked \d true$/.test(line)), "it is told that they are lost"));
    await eventually(() => assert.equal(consumption.owned().length, PARTITIONS / 2), 15_000);
    await flow.stop();
    await eventually(() => mustHold(new Set([...mine, ...other.handled()]), flow.acknowledged, "handled"));
    await eventually(async () => assert.ok((await log.lag(TOPIC, "g")).every(({ lag }) => lag === 0)));
  });

  test("members that join, leave in order and are killed under load leave no record out", { timeout: 40_000 }, async (t) => {
    const { log, child } = await openScene(t, url);
    const mine = new Set<string>();
    const consumption = await log.consume({ topic: TOPIC, group: "g", handler: { handle: async ({ records }) => records.forEach(({ value }) => mine.add(textOf(value))) } });
    const flow = load(log);
    const children: Child[] = [];
    for (const end of ["SIGTERM", "SIGKILL"] as const) {
      const other = child();
      children.push(other);
      await eventually(() => assert.ok(other.handled().length > 20));
      const endedAtMs = performance.now();
      other.process.kill(end);
      await eventually(() => assert.equal(consumption.owned().length, PARTITIONS));
      t.diagnostic(`partitions back after ${end}: ${Math.round(performance.now() - endedAtMs)} ms`);
      if (end === "SIGTERM") assert.ok(other.lines.filter((line) => /^revoked \d false$/.test(line)).length >= PARTITIONS / 2);
    }
    await flow.stop();
    await eventually(() => mustHold(new Set([...mine, ...children.flatMap((each) => each.handled())]), flow.acknowledged, "handled"));
  });

  test("a handler that outlasts a rebalance is fenced: its commit is stale and it is told that the partition is lost", { timeout: 40_000 }, async (t) => {
    const { log, own } = await openScene(t, url);
    let release: () => void = () => undefined;
    const stuck = new Promise<void>((resolve) => {
      release = resolve;
    });
    const held: Assignment[] = [];
    const revoked: [number, boolean][] = [];
    const first = await log.consume({
      topic: TOPIC, group: "g", commit: "by-handler",
      handler: {
        handle: async (_, assignment) => {
          if (held.length > 0) return;
          held.push(assignment);
          await stuck;
        },
        revoked: async ({ partition, generation }, lost) => {
          if (generation === held[0]?.generation) revoked.push([partition, lost]);
        },
      },
    });
    await log.publish(TOPIC, [{ key: "k", value: bytesOf("x") }]);
    await eventually(() => assert.equal(held.length, 1));
    const second = await openKafkaLog({ url: own, timing: quickTiming });
    t.after(() => second.close());
    const joined = await second.consume({ topic: TOPIC, group: "g", handler: { handle: async () => undefined } });
    await eventually(() => assert.deepEqual([first.owned().length, joined.owned().length], [2, 2]));
    const [assignment] = held;
    assert.ok(assignment !== undefined && assignment.signal.aborted);
    await assert.rejects(assignment.commit(1), (error) => hasCode(error, "stale-generation"));
    await assert.rejects(assignment.heartbeat(), (error) => hasCode(error, "stale-generation"));
    release();
    await eventually(() => assert.ok(revoked.some(([partition, lost]) => partition === assignment.partition && lost)));
    assert.equal(revoked.filter(([, lost]) => !lost).length, PARTITIONS - 1, "the others went in order");
  });
});
