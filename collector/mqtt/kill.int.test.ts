import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { topics } from "@caudal/core";
import { openEmbeddedLog, openFileRegistry } from "@caudal/embedded";
import { Codec } from "@caudal/schemas";
import { connectAsync } from "mqtt";
import { eventually } from "../test-parts/harness.ts";
import { freePort, startBroker, usualBroker } from "../test-parts/outside-broker.ts";

const MESSAGES = 60;

interface Child {
  said(): string;
  kill(signal: "SIGKILL"): Promise<void>;
}

function startChild(directory: string, url: string, holdAt: string): Child {
  const child: ChildProcess = spawn(process.execPath, [new URL("../test-parts/bridge-child.ts", import.meta.url).pathname, directory, url, holdAt], { stdio: ["ignore", "pipe", "inherit"] });
  let text = "";
  child.stdout?.on("data", (chunk: Buffer) => { text += chunk.toString(); });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  return {
    said: () => text,
    kill: async (signal) => {
      child.kill(signal);
      await ended;
    },
  };
}

async function flowsOf(directory: string): Promise<number[]> {
  const log = await openEmbeddedLog({ directory });
  try {
    const codec = await Codec.open(openFileRegistry());
    const flows: number[] = [];
    for (const { partition, startOffset, endOffset } of await log.bounds(topics.readings)) {
      for (let fromOffset = startOffset; fromOffset < endOffset;) {
        const { records, nextOffset } = await log.read({ topic: topics.readings, partition, fromOffset });
        for (const { value } of records) {
          const reading = codec.decode("Reading", value);
          if (reading.ok) flows.push(Number(reading.value.samples[0]?.value));
        }
        fromOffset = nextOffset;
      }
    }
    return flows;
  } finally {
    await log.close();
  }
}

for (const kind of new Set([usualBroker(), "aedes"] as const)) {
  for (const [holdAt, times] of [["before-durable", 1], ["before-ack", 2]] as const) {
    if (kind !== usualBroker() && holdAt === "before-ack") continue;
    test(`killed ${holdAt} with messages in hand, ${kind} sends them again: ${times === 1 ? "none lost" : "none lost, those that were durable twice"}`, async () => {
      const folder = await mkdtemp(join(tmpdir(), "caudal-kill-"));
      const broker = await startBroker(kind, ["max_inflight_messages 100"]);
      const sender = await connectAsync(broker.url, { protocolVersion: 4, reconnectPeriod: 0 });
      const children: Child[] = [];
      try {
        const first = startChild(folder, broker.url, holdAt);
        children.push(first);
        await eventually(() => first.said().includes("state connected"));
        for (let n = 0; n < MESSAGES; n++) await sender.publishAsync("caudal/acme/W-1/readings", JSON.stringify({ ts: 1_772_366_400 + n, flow: n }), { qos: 1 });
        await eventually(() => first.said().includes("held"));
        await first.kill("SIGKILL");
        const durable = await flowsOf(folder);
        assert.equal(durable.length > 0, holdAt === "before-ack");

        const second = startChild(folder, broker.url, "never");
        children.push(second);
        await eventually(() => second.said().includes("state connected"));
        await eventually(() => second.said().includes(`durable ${MESSAGES}\n`));
        await second.kill("SIGKILL");
        const flows = await flowsOf(folder);
        assert.deepEqual([...new Set(flows)].sort((a, b) => a - b), Array.from({ length: MESSAGES }, (_, n) => n));
        for (const flow of durable) assert.ok(flows.filter((other) => other === flow).length <= times);
      } finally {
        for (const child of children) await child.kill("SIGKILL").catch(() => {});
        await sender.endAsync(true);
        await broker.close();
        await rm(folder, { recursive: true, force: true });
      }
    });
  }
}

test("the built-in broker killed with messages in hand has acknowledged none, and the device sends them again", async () => {
  const folder = await mkdtemp(join(tmpdir(), "caudal-kill-"));
  const port = await freePort();
  const children = [startChild(folder, String(port), "before-durable")];
  await eventually(() => children[0]?.said().includes("state listening"));
  const meter = await connectAsync(`mqtt://127.0.0.1:${port}`, { protocolVersion: 4, reconnectPeriod: 50, clean: false, clientId: "meter" });
  meter.on("error", () => {});
  try {
    let acked = 0;
    const sent = Promise.all(Array.from({ length: MESSAGES }, (_, n) => meter.publishAsync("caudal/acme/W-1/readings", JSON.stringify({ ts: 1_772_366_400 + n, flow: n }), { qos: 1 }).then(() => acked++)));
    await eventually(() => children[0]?.said().includes("held"));
    await children[0]?.kill("SIGKILL");
    assert.equal(acked, 0);
    children.push(startChild(folder, String(port), "never"));
    await sent;
    await children[1]?.kill("SIGKILL");
    assert.deepEqual(await flowsOf(folder), Array.from({ length: MESSAGES }, (_, n) => n));
  } finally {
    await meter.endAsync(true);
    for (const child of children) await child.kill("SIGKILL");
    await rm(folder, { recursive: true, force: true });
  }
});
