import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { hasCode, systemScope, type SeriesTier } from "@caudal/core";
import type { Measurement } from "@caudal/schemas";
import type { Engine } from "../../../tools/engines/engine.ts";
import { withEngine } from "../../../tools/engines/for-tests.ts";
import { startEngine } from "../../../tools/engines/start.ts";
import { testKeyspace } from "../test-keyspace.ts";
import { openCassandraTier } from "./open-tier.ts";

const CLIENT = "killed";
const POINTS = 20;
const WRITERS = 8;
const MINUTE_US = 60_000_000;
const START_US = Date.UTC(2026, 2, 1) * 1000;
/** A request gives up after 13 s; a write makes a few, one after the other, of which the first that fails ends it. */
const BOUND_MS = 20_000;

/** Of this test, with a server that it may kill. */
withEngine("cassandra", () => {
  describe("a server that is killed", () => {
    let engine: Engine;
    let tier: SeriesTier;
    const told: string[] = [];
    before(async () => {
      engine = await startEngine("cassandra");
      tier = await openCassandraTier({ url: testKeyspace(engine.url, "kill").url, name: "cold", tell: (event) => told.push(event) });
    });
    after(async () => {
      await tier.close();
      await engine.stop();

    });

    it("amid writes loses nothing that was acknowledged, and the tier goes on by itself", { timeout: 180_000 }, async () => {
      const node = engine.nodes[0]!;
      const acknowledged: number[] = [];
      let slowestMs = 0;
      let failures = 0;
      let next = 0;
      let isOver = false;
      const writing = Promise.all(Array.from({ length: WRITERS }, async () => {
        while (!isOver) {
          const batch = next++;
          for (let isIn = false; !isIn && !isOver;) {
            const began = performance.now();
            try {
              const { failed } = await tier.write(measurements(batch));
              assert.deepEqual(failed, []);
              acknowledged.push(batch);
              isIn = true;
            } catch (error) {
              assert.ok(hasCode(error, "unavailable"), String(error));
              failures += 1;
            }
            slowestMs = Math.max(slowestMs, performance.now() - began);
          }
        }
      }));
      for (let kills = 0; kills < 2; kills++) {
        await until(() => acknowledged.length > (kills + 1) * 40);
        await node.kill();
        // Long enough for calls to give up.
        await until(() => failures > kills * WRITERS, 30_000);
        await node.start();
        const before = acknowledged.length;
        await until(() => acknowledged.length > before + 20, 30_000);
      }
      isOver = true;
      await writing;
      assert.ok(failures > 0 && slowestMs < BOUND_MS, `${failures} failures, the slowest call took ${slowestMs} ms`);
      for (let point = 0; point < POINTS; point++) {
        const flows = await flowsOf(tier, `p${point}`);
        for (const batch of acknowledged) assert.equal(flows.get(START_US + batch * MINUTE_US), batch * 1000 + point, `batch ${batch} of point ${point}`);
      }
      const newest = await tier.latest(systemScope, Array.from({ length: POINTS }, (_, point) => ({ client: CLIENT, point: `p${point}` })));
      assert.equal(newest.length, POINTS);
      for (const { instantUs } of newest) assert.ok(instantUs >= START_US + Math.max(...acknowledged) * MINUTE_US);
      assert.ok(told.includes("cassandra.host-down"), told.join());
    });

    it("and one that hangs: every call says so in bounded time, and goes on when it is back", { timeout: 120_000 }, async () => {
      const node = engine.nodes[0]!;
      const key = { client: CLIENT, point: "p0" };
      await node.pause();
      try {
        const began = performance.now();
        const calls = [
          tier.write(Array.from({ length: 3000 }, (_, i) => ({ ...measurements(0)[0]!, point: `more-${i}` }))), tier.latest(systemScope, [key]), tier.floor(systemScope, key),
          flowsOf(tier, "p0"), tier.digest(systemScope, key, START_US),
        ];
        for (const result of await Promise.allSettled(calls)) assert.ok(result.status === "rejected" && hasCode(result.reason, "unavailable"), JSON.stringify(result));
        assert.ok(performance.now() - began < BOUND_MS, `${performance.now() - began} ms`);
      } finally {
        node.resume();
      }
      const untilMs = performance.now() + 30_000;
      for (let floor: number | undefined; floor !== -Infinity && performance.now() < untilMs;) floor = await tier.floor(systemScope, key).catch(() => undefined);
      assert.equal((await tier.write(measurements(0))).duplicate, POINTS);
    });
  });
});

async function until(holds: () => boolean, deadlineMs = 60_000): Promise<void> {
  const untilMs = performance.now() + deadlineMs;
  while (!holds() && performance.now() < untilMs) await wait(20);
  assert.ok(holds(), "it did not come to it in time");
}

async function flowsOf(tier: SeriesTier, point: string): Promise<Map<number, number>> {
  const flows = new Map<number, number>();
  for await (const { timesUs, columns } of tier.read(systemScope, { client: CLIENT, point, fromUs: -Infinity, toUs: Infinity })) {
    timesUs.forEach((timeUs, row) => flows.set(timeUs, columns[0]!.values[row]!));
  }
  return flows;
}

function measurements(batch: number): Measurement[] {
  const instantUs = START_US + batch * MINUTE_US;
  return Array.from({ length: POINTS }, (_, point) => ({
    eventId: `${point}/${batch}`, client: CLIENT, point: `p${point}`, device: "", channel: "", source: "test", transport: "test", instantUs, observedAtUs: null,
    receivedAtUs: instantUs, authority: 0, knownAtUs: instantUs, causeId: "", labels: {}, facts: [{ variable: "flow", value: batch * 1000 + point, flag: 1, reasons: [] }],
  }));
}
