import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { topics, type Documents } from "@caudal/core";
import { openEmbeddedDocuments, openEmbeddedLog, openFileRegistry } from "@caudal/embedded";
import { Codec } from "@caudal/schemas";
import { openPollingScene, pollersOf, rounds } from "../test-parts/polling-scene.ts";
import { openScriptedServer, scriptedAccount, scriptedDevice, type ScriptedServer } from "../test-parts/scripted-provider.ts";
import { Watermarks } from "./watermarks.ts";

const MINUTE_US = 60_000_000;
const START_US = 1_772_366_400_000_000;

let server: ScriptedServer;
before(async () => {
  server = await openScriptedServer();
});
after(() => server.close());

describe("two collectors on one store", () => {
  test("one asks; when it ends without a word the other goes on after its lease, and no row is missing or new", async () => {
    const scene = await openPollingScene(START_US);
    try {
      const devices = Array.from({ length: 20 }, (_, at) => scriptedDevice(`w${at}`));
      const serve = (): void => {
        const count = Math.floor((scene.clock.nowUs() - START_US) / MINUTE_US) + 30;
        for (const { device } of devices) server.rows.set(device, Array.from({ length: count }, (_, at) => ({ key: "level", timeUs: START_US + (at - 29) * MINUTE_US, value: at })));
      };
      serve();
      const account = (): ReturnType<typeof scriptedAccount> => scriptedAccount(server, devices, { overlapEveryMs: 0, overlapMs: 20 * 60_000 });
      let isGone = false;
      const never = new Promise<never>(() => {});
      const documents = { ...scene.documents, collection: (spec) => (isGone ? never : scene.documents.collection(spec)) } as Documents;
      const first = await scene.polling([account()], { holder: "first", documents, faults: { reach: () => (isGone ? never : undefined) } });
      const second = await scene.polling([account()], { holder: "second" });
      const [one, two] = [pollersOf(first)[0]!, pollersOf(second)[0]!];
      for (let step = 0; step < 18; step += 1) {
        serve();
        await rounds(first, scene.clock, 10_000);
        await rounds(second, scene.clock);
      }
      assert.deepEqual([one.isHolder(), two.isHolder()], [true, false]);
      // From here on no step of the first resolves: it is gone, its lease is not.
      isGone = true;
      for (let step = 0; step < 24; step += 1) {
        serve();
        await scene.clock.advance(10_000);
        await rounds(second, scene.clock);
      }
      assert.equal(two.isHolder(), true);
      const samples = await scene.samples();
      const first20 = START_US - 20 * MINUTE_US;
      for (const { device } of devices) {
        const times = new Set(samples.filter(([name]) => name === device).map(([, , timeUs]) => timeUs));
        const newest = Math.max(...times);
        assert.ok(newest >= START_US + 5 * MINUTE_US, `${device} is behind`);
        for (let timeUs = first20 + MINUTE_US; timeUs <= newest; timeUs += MINUTE_US) assert.ok(times.has(timeUs), `${device} lacks ${timeUs}`);
      }
      for (const [device, , timeUs, value] of samples) assert.equal(value, server.rows.get(device)?.find((row) => row.timeUs === timeUs)?.value);
    } finally {
      await scene.close();
    }
  });

  test("a lease is given back at the stop, and taken at once", async () => {
    const scene = await openPollingScene(START_US);
    try {
      const account = scriptedAccount(server, [scriptedDevice("w1")]);
      const first = await scene.polling([account], { holder: "first" });
      const second = await scene.polling([account], { holder: "second" });
      await first.stop(1000);
      await rounds(second, scene.clock, 6000);
      assert.equal(pollersOf(second)[0]?.isHolder(), true);
    } finally {
      await scene.close();
    }
  });

  test("two that write one watermark at once leave the newer of both, key by key", async () => {
    const scene = await openPollingScene(START_US);
    try {
      const name = { client: "acme", account: "north", device: "w1" };
      const [a, b] = [await Watermarks.open(scene.documents), await Watermarks.open(scene.documents)];
      const mark = (timeUs: number): { timeUs: number; value: number } => ({ timeUs, value: timeUs });
      await a.advance(name, new Map([["level", mark(5)], ["total", mark(5)]]), 1);
      await b.advance(name, new Map([["level", mark(9)]]), 2);
      await a.advance(name, new Map([["level", mark(7)], ["total", mark(8)]]), 3);
      await b.load([name]);
      assert.deepEqual([...b.of(name).marks].map(([key, { timeUs }]) => [key, timeUs]), [["level", 9], ["total", 8]]);
      assert.equal(b.of(name).polledAtUs, 3);
    } finally {
      await scene.close();
    }
  });
});

describe("a collector killed", () => {
  const child = (folder: string, dieAt: string, newestUs: number): Promise<void> => new Promise((resolve, reject) => {
    const spawned = spawn(process.execPath, [join(import.meta.dirname, "..", "test-parts", "polling-child.ts"), folder, server.baseUrl, dieAt, String(newestUs)], { stdio: ["ignore", "ignore", "inherit"] });
    spawned.once("error", reject);
    spawned.once("exit", () => resolve());
  });

  test("at any step around fetch, publish and watermark loses no row and invents none", async () => {
    const folder = await mkdtemp(join(tmpdir(), "caudal-polling-kill-"));
    try {
      const nowUs = Date.now() * 1000;
      const rows = Array.from({ length: 400 }, (_, at) => ({ key: "level", timeUs: Math.floor(nowUs / MINUTE_US) * MINUTE_US - (400 - at) * MINUTE_US, value: at }));
      server.rows.set("w1", rows);
      server.pageSize = 60;
      const newestUs = rows.at(-1)?.timeUs ?? NaN;
      for (const step of ["fetch", "publish", "watermark"]) for (const side of ["before", "after"]) await child(folder, `${step}/${side}`, newestUs);
      await child(folder, "none", newestUs);
      const log = await openEmbeddedLog({ directory: folder });
      const documents = await openEmbeddedDocuments({ directory: folder });
      try {
        const codec = await Codec.open(openFileRegistry());
        const found: (readonly [number, unknown])[] = [];
        for (const { partition, startOffset, endOffset } of await log.bounds(topics.readings)) {
          for (let fromOffset = startOffset; fromOffset < endOffset;) {
            const batch = await log.read({ topic: topics.readings, partition, fromOffset, maxBytes: 16 * 1024 * 1024 });
            for (const record of batch.records) {
              const decoded = codec.decode("Reading", record.value);
              assert.ok(decoded.ok);
              found.push(...decoded.value.samples.map(({ timeUs, value }) => [timeUs ?? 0, value] as const));
            }
            fromOffset = batch.nextOffset;
          }
        }
        assert.deepEqual([...new Map(found)].sort(([a], [b]) => a - b), rows.map(({ timeUs, value }) => [timeUs, value]));
        assert.ok(found.length > rows.length, "killed between publish and watermark some are there twice, the same each time: mapping drops them");
        const watermarks = await Watermarks.open(documents);
        const name = { client: "acme", account: "north", device: "w1" };
        await watermarks.load([name]);
        assert.equal(watermarks.of(name).marks.get("level")?.timeUs, rows.at(-1)?.timeUs);
      } finally {
        await documents.close();
        await log.close();
      }
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
