import assert from "node:assert/strict";
import { setTimeout as wait } from "node:timers/promises";
import { test } from "node:test";
import { systemScope, type SeriesTier } from "@caudal/core";
import { withEngine } from "../../../tools/engines/for-tests.ts";
import { startEngine } from "../../../tools/engines/start.ts";
import { databaseUrl } from "../test-database.ts";
import { openMongoTier } from "./open-tier.ts";
import { flowsOf, sample } from "./tier-samples.ts";

const CLIENT = "client";
const POINTS = 40;
const KILLS = 3;
const pointNames = Array.from({ length: POINTS }, (_, p) => `p${p}`);

withEngine("mongo", () => {
  test("kill -9 of the server loses nothing that was acknowledged, doubles nothing, and the tier goes on by itself", { timeout: 240_000 }, async () => {
    const engine = await startEngine("mongo");
    const told: string[] = [];
    const open = (): Promise<SeriesTier> => openMongoTier({
      url: databaseUrl(engine.url, "kill"), name: "warm", retentionMs: null, patienceMs: 60_000, foldAfter: { facts: 500, entries: 20 }, tell: (event) => told.push(event),
    });
    const tiers = [await open(), await open()];
    try {
      let isEnding = false;
      let batches = 0;
      let stored = 0;
      let duplicate = 0;
      // Three writers, two of one tier; each batch has instants of its own, so that every fact of it must be stored by it.
      const writers = [tiers[0]!, tiers[0]!, tiers[1]!].map(async (tier) => {
        while (!isEnding) {
          const batch = batches++;
          const result = await tier.write(pointNames.map((point) => sample({ client: CLIENT, point, instantUs: batch, flow: batch })));
          assert.deepEqual(result.failed, []);
          stored += result.stored;
          duplicate += result.duplicate;
        }
      });
      const running = Promise.all(writers);
      const [node] = engine.nodes;
      for (let kill = 0; kill < KILLS; kill++) {
        const before = batches;
        while (batches < before + 60) await Promise.race([wait(20), running]);
        await node!.kill();
        await node!.start();
      }
      isEnding = true;
      await running;
      // An entry whose answer was lost may have been folded by the other process before it is asked for again: its facts are then known, and not known to be ours.
      assert.equal(stored + duplicate, batches * POINTS, "each fact is counted once, whatever was asked again");
      assert.ok(duplicate <= KILLS * 3 * POINTS, `${duplicate} of ${batches * POINTS} facts were counted as known`);
      const expected = Array.from({ length: batches }, (_, batch) => batch);
      for (const tier of [...tiers, await open().then((tier) => (tiers.push(tier), tier))]) {
        for (const point of pointNames) assert.deepEqual([...(await flowsOf(tier, CLIENT, point))].map(([instantUs, flow]) => (instantUs === flow ? flow : NaN)), expected, point);
        assert.equal((await tier.latest(systemScope, pointNames.map((point) => ({ client: CLIENT, point })))).length, POINTS);
      }
      assert.ok(told.includes("mongo.away") && told.includes("mongo.back"), told.join());
    } finally {
      await Promise.all(tiers.map((tier) => tier.close()));
      await engine.stop();
    }
  });

  test("a server that stays away is unavailable, and what was asked may be asked again", { timeout: 60_000 }, async () => {
    const engine = await startEngine("mongo");
    const tier = await openMongoTier({ url: `${databaseUrl(engine.url, "away")}&serverSelectionTimeoutMS=200`, name: "warm", retentionMs: null, patienceMs: 300 });
    try {
      const batch = pointNames.map((point) => sample({ client: CLIENT, point, instantUs: 1, flow: 1 }));
      assert.equal((await tier.write(batch)).stored, POINTS);
      await engine.nodes[0]!.kill();
      const isAway = { code: "unavailable", retry: "yes" };
      await assert.rejects(tier.write(batch), isAway);
      await assert.rejects(flowsOf(tier, CLIENT, "p0"), isAway);
      await assert.rejects(tier.raiseFloor(systemScope, { client: CLIENT, point: "p0" }, 0), isAway);
      await engine.nodes[0]!.start();
      let last: unknown;
      const until = performance.now() + 20_000;
      for (;;) {
        const result = await tier.write(batch).catch((error: unknown) => void (last = error));
        if (result !== undefined) {
          assert.equal(result.duplicate, POINTS);
          break;
        }
        assert.ok(performance.now() < until, String(last));
        await wait(20);
      }
      assert.equal((await flowsOf(tier, CLIENT, "p0")).size, 1);
    } finally {
      await tier.close();
      await engine.stop();
    }
  });
});
