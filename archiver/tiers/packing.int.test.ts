import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openCassandraTier } from "@caudal/cassandra";
import { Erasures, systemScope, type PointKey, type SeriesTier } from "@caudal/core";
import { createMetrics, observeTier, silentLogger } from "@caudal/runtime";
import { bareClient, dropKeyspace, testKeyspace } from "../../adapters/cassandra/test-keyspace.ts";
import { measurement, openScene, type Scene } from "../../analytics/test-scene.ts";
import { withEngine } from "../../tools/engines/for-tests.ts";
import type { PackReport } from "./packing.ts";
import { DAY } from "./test-work.ts";
import { createTierWork, type TierRequest, type TierWorkOptions } from "./tier-work.ts";

const START = Date.parse("2026-03-01T00:00:00Z") * 1000;
const NOW = START + 12 * DAY + DAY / 2;
const FACTS_A_DAY = 24;

withEngine("cassandra", (serverUrl) => {
  const { url, keyspace } = testKeyspace(serverUrl, "tierpack");
  let scene: Scene;
  let cold: SeriesTier;
  let devices = 0;

  before(async () => {
    scene = await openScene({ nowUs: NOW });
    cold = await openCassandraTier({ url, name: "cold" });
  });
  after(async () => {
    await Promise.all([scene.close(), cold.close()]);
    await dropKeyspace(serverUrl, keyspace);
  });

  /** A point with ten days of facts, of which warm has let go of the first three. */
  async function filled(client = "demo"): Promise<PointKey> {
    const point = await scene.adopt(client, `packed-${devices++}`, [{ key: "flow", unit: "L/s" }]);
    const all = Array.from({ length: 10 * FACTS_A_DAY }, (_, i) => ({ ...measurement(point, START + i * (DAY / FACTS_A_DAY), { flow: i }), client }));
    await scene.warm.write(all);
    await cold.write(all);
    await scene.warm.raiseFloor(systemScope, { client, point }, START + 3 * DAY);
    return { client, point };
  }

  function workOn(over: Partial<TierWorkOptions> = {}) {
    const { log, codec, documents, clock, hot, warm } = scene;
    const work = createTierWork({ tiers: { hot, warm, cold }, log, codec, documents, clock, logger: silentLogger, metrics: createMetrics({ process: false }), ...over });
    const pack = (request: TierRequest & { readonly whole?: boolean }): Promise<PackReport> => work.pack(request, { signal: new AbortController().signal, progress: () => undefined });
    return { pack, work };
  }

  const digests = (key: PointKey): Promise<unknown> => Promise.all(Array.from({ length: 11 }, (_, day) => cold.digest(systemScope, key, START + day * DAY)));
  const loose = (key: PointKey): Promise<number | undefined> => cold.unpackedDay!(key, -Infinity, START + 3 * DAY);
  const packing = async (work: ReturnType<typeof workOn>["work"]) => (await work.status(systemScope)).tiers.find(({ tier }) => tier === "cold")!.packing;

  test("days under warm's floor are packed once, counted, and read as before; those above stay", async () => {
    const key = await filled();
    const before = await digests(key);
    const metrics = createMetrics({ process: false });
    const observed = observeTier(cold, metrics);
    const { pack, work } = workOn({ metrics, tiers: { hot: scene.hot, warm: scene.warm, cold: observed } });
    assert.deepEqual(await packing(work), { packed: 0, due: 3 });
    assert.deepEqual([(await pack({ ...key, dryRun: true })).days, await loose(key)], [3, START]);
    const report = await pack(key);
    assert.deepEqual([report.points, report.days, report.facts, report.left], [1, 3, 3 * FACTS_A_DAY, 0]);
    assert.ok(report.bytesAfter < report.bytesBefore);
    assert.deepEqual([await loose(key), await cold.unpackedDay!(key, START, Infinity)], [undefined, START + 3 * DAY]);
    assert.deepEqual(await digests(key), before);
    assert.deepEqual(await packing(work), { packed: 3, due: 0 });
    assert.match(await metrics.text(), /caudal_tier_packed_days_total\{tier="cold"\} 3\n/);
    assert.equal((await pack(key)).days, 0);
    await assert.rejects(observed.pack!(key, START + 1), { code: "bad-request" });
    assert.match(await metrics.text(), /caudal_tier_errors_total\{tier="cold",call="pack",code="bad-request"\} 1\n/);
    await scene.warm.raiseFloor(systemScope, key, START + 4 * DAY);
    assert.deepEqual(await packing(work), { packed: 3, due: 1 });
    assert.equal((await pack({})).days, 1);
  });

  test("what comes late waits for the next whole look, which folds it in", async () => {
    const key = await filled();
    const { pack } = workOn();
    await pack(key);
    await cold.write([measurement(key.point, START + 7, { flow: 77 })]);
    const before = await digests(key);
    assert.equal((await pack(key)).days, 0);
    assert.equal(await loose(key), START);
    const later = workOn({ clock: { ...scene.clock, nowUs: () => NOW + 31 * DAY } });
    assert.deepEqual([(await later.pack(key)).facts, await loose(key)], [1, undefined]);
    await cold.write([measurement(key.point, START + 8, { flow: 78 })]);
    assert.equal((await pack({ ...key, whole: true })).facts, 1);
    assert.notDeepEqual(await digests(key), before);
  });

  test("a run that dies at any step ends the same when it is made again", async () => {
    const steps = new Set<string>();
    for (let at = 1; ; at++) {
      const key = await filled();
      const before = await digests(key);
      let calls = 0;
      const dying = new Proxy(cold, {
        get: (target, name: keyof SeriesTier) => {
          const member = target[name] as unknown;
          if (typeof member !== "function") return member;
          return async (...given: unknown[]) => {
            const answer: unknown = await Reflect.apply(member, target, given);
            if (++calls !== at) return answer;
            steps.add(name);
            throw new Error("gone");
          };
        },
      });
      const died = await workOn({ tiers: { hot: scene.hot, warm: scene.warm, cold: dying } }).pack(key).then(() => false, () => true);
      assert.deepEqual(await digests(key), before);
      await workOn().pack(key);
      assert.deepEqual([await digests(key), await loose(key)], [before, undefined]);
      if (!died) break;
    }
    assert.deepEqual(steps, new Set(["unpackedDay", "pack"]));
  });

  test("a damaged day is told and does not hold up the others; a client that is being erased is left alone", async () => {
    const key = await filled();
    const { pack } = workOn();
    await pack(key);
    const client = await bareClient(serverUrl);
    await client.execute(`UPDATE ${keyspace}.cold_chunks SET chunk = 0x00 WHERE client = ? AND point = ? AND month = '2026-03' AND day = ?`, [key.client, key.point, BigInt(START)], { prepare: true });
    const facts = await client.execute(`SELECT variables, facts FROM ${keyspace}.cold_facts WHERE client = ? AND point = ? AND span = '2026-03' LIMIT 1`, [key.client, key.point], { prepare: true });
    for (const day of [0, 1]) {
      await client.execute(`INSERT INTO ${keyspace}.cold_facts (client, point, span, at, authority, known_at, variables, facts) VALUES (?, ?, '2026-03', ?, 0, 1, ?, ?)`,
        [key.client, key.point, BigInt(START + day * DAY + 9), facts.rows[0]!["variables"], facts.rows[0]!["facts"]], { prepare: true });
    }
    await client.shutdown();
    const report = await pack({ ...key, whole: true });
    assert.deepEqual([report.damaged, report.days], [1, 1]);
    const erased = await filled("leaving");
    await (await Erasures.open(scene.documents, () => 0)).collection.putMany(systemScope, [{ id: "leaving", body: { client: "leaving", state: "erasing", requestedAtUs: NOW, by: "test", endedAtUs: null, counts: {} } }]);
    assert.equal((await workOn().pack(erased)).days, 0);
    assert.equal(await loose(erased), START);
  });

  test("nothing is packed where cold does not pack, or warm holds everything", async () => {
    const key = await filled();
    const embedded = workOn({ tiers: { hot: scene.hot, warm: scene.warm, cold: scene.cold } });
    assert.deepEqual([(await embedded.pack(key)).days, await packing(embedded.work)], [0, null]);
    const whole = await scene.adopt("demo", `whole-${devices++}`, [{ key: "flow", unit: "L/s" }]);
    await cold.write([measurement(whole, START, { flow: 1 })]);
    assert.equal((await workOn().pack({ client: "demo", point: whole })).days, 0);
  });
});
