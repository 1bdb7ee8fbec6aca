import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { groups, systemScope, topics, type Documents, type EventLog, type PointKey, type SeriesTier } from "@caudal/core";
import { silentLogger, takeLease } from "@caudal/runtime";
import { eventually, measurement, openScene, type Scene } from "../../analytics/test-scene.ts";
import { createForgetter } from "./forgetter.ts";
import { DAY, tried } from "./test-work.ts";
import { createTierWork, type TierWorkOptions } from "./tier-work.ts";

const START = Date.parse("2026-03-01T00:00:00Z") * 1000;
const NOW = START + 5 * DAY + DAY / 2;
const GOAL = START + 2 * DAY;

let scene: Scene;
let devices = 0;

before(async () => {
  scene = await openScene({ nowUs: NOW });
});
after(() => scene.close());

/** A point with five days and a half of facts, received as they were measured, so that hot holds them all; one every two hours. */
async function filled(into = scene): Promise<PointKey> {
  const point = await into.adopt("demo", `meter-${devices++}`, [{ key: "flow", unit: "L/s" }, { key: "total", unit: "m3" }]);
  const all = Array.from({ length: 66 }, (_, i) => measurement(point, START + i * (DAY / 12), { flow: i, total: i / 10 }));
  for (const tier of [into.hot, into.warm, into.cold]) await tier.write(all);
  return { client: "demo", point };
}

async function history({ point }: PointKey): Promise<unknown> {
  const { items, coverage } = await scene.json<{ items: unknown[]; coverage: unknown }>(`/api/v1/analytics/points/${point}/history?from=2026-02-20&to=2026-03-08&resolution=raw&limit=50000`);
  return { items, coverage };
}

async function digestsOf(tier: SeriesTier, key: PointKey): Promise<unknown> {
  return Promise.all(Array.from({ length: 7 }, (_, day) => tier.digest(systemScope, key, START + day * DAY)));
}

class Crash extends Error {}

/** Ports of which the call with this number fails before it did anything, or does it and never answers. */
function crashing(at: number, how: "before" | "never"): { readonly over: Partial<TierWorkOptions>; readonly frozen: Promise<never>; calls(): number } {
  let calls = 0;
  const frozen = Promise.withResolvers<never>();
  frozen.promise.catch(() => undefined);
  const wrap = <T extends object>(port: T): T => new Proxy(port, {
    get: (target, name) => {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== "function") return member;
      const call = (...given: unknown[]): unknown => {
        const mine = ++calls === at;
        if (mine && how === "before") throw new Crash(`${String(name)} before`);
        const answer: unknown = Reflect.apply(member, target, given);
        if (!mine) return answer;
        return Promise.resolve(answer).then(() => {
          frozen.reject(new Crash(`${String(name)} ${how}`));
          return new Promise(() => undefined);
        });
      };
      if (name !== "read" || port === scene.log) return call;
      return async function* (...given: unknown[]) {
        if (++calls === at) throw new Crash("read");
        yield* Reflect.apply(member, target, given) as AsyncIterable<unknown>;
      };
    },
  });
  return {
    over: { tiers: { hot: wrap(scene.hot), warm: wrap(scene.warm), cold: wrap(scene.cold) }, log: wrap<EventLog>(scene.log), documents: wrap<Documents>(scene.documents) },
    frozen: frozen.promise, calls: () => calls,
  };
}

test("a run that dies at any step, before it or after it, ends the same when it is made again", async (context) => {
  const steps: number[] = [];
  for (const how of ["before", "never"] as const) {
    for (let at = 1; ; at++) {
      const key = await filled();
      // In hot alone, as if warm and cold had lost it: it may not go before it stands elsewhere.
      await scene.hot.write([measurement(key.point, START + DAY + 7, { flow: 1234 })]);
      const whole = await history(key);
      const digests = await digestsOf(scene.hot, key);
      const { over, frozen, calls } = crashing(at, how);
      const died = await Promise.race([frozen, tried(scene, "forget", { point: key.point, tier: "hot" }, over)]).then(() => false, (error: unknown) => {
        assert.ok(error instanceof Crash, String(error));
        return true;
      });
      if (died) assert.deepEqual(await history(key), whole, `the same answer after ${how} ${at}`);
      const { of } = await tried(scene, "forget", { point: key.point, tier: "hot" });
      assert.deepEqual([await scene.hot.floor(systemScope, key), of("hot").held], [GOAL, 0], `${how} ${at}`);
      assert.deepEqual(await history(key), whole);
      // Only what hot forgot had to stand in warm.
      assert.deepEqual((await digestsOf(scene.warm, key) as unknown[]), digests);
      assert.deepEqual((await digestsOf(scene.hot, key) as unknown[]).slice(2), (digests as unknown[]).slice(2));
      assert.equal((await tried(scene, "forget", { point: key.point, tier: "hot" })).of("hot").forgotten, 0);
      if (!died) {
        steps.push(calls());
        break;
      }
    }
  }
  context.diagnostic(`steps died at, both ways: ${steps.join(", ")}`);
  assert.ok(steps.every((count) => count > 25));
});

test("a fact that comes for the day while it is compared restarts the compare, and is not lost", async () => {
  const key = await filled();
  let isLate = true;
  const hot = new Proxy(scene.hot, {
    get: (target, name) => {
      if (name !== "digest") return (Reflect.get(target, name) as { bind?: (to: object) => unknown }).bind?.(target) ?? Reflect.get(target, name);
      return async (...given: Parameters<SeriesTier["digest"]>) => {
        const digest = await target.digest(...given);
        if (isLate) {
          isLate = false;
          await scene.publish([measurement(key.point, given[2] + 5, { flow: 99 })]);
          await scene.settled();
        }
        return digest;
      };
    },
  });
  const { of } = await tried(scene, "forget", { point: key.point, tier: "hot" }, { tiers: { ...scene, hot } });
  assert.deepEqual([of("hot").restarts, of("hot").forgotten, of("hot").held], [1, 2, 0]);
  const found = await scene.json<{ items: { time: string; flow: { value: number } }[] }>(`/api/v1/analytics/points/${key.point}/history?from=2026-03-01&to=2026-03-01T01:00:00Z&resolution=raw`);
  assert.deepEqual(found.items.map(({ flow }) => flow.value), [0, 99]);
});

test("what is written under a floor is counted, and nobody is shown it", async () => {
  const key = await filled();
  await tried(scene, "forget", { point: key.point });
  const late = [measurement(key.point, START + 3, { flow: 1, total: 2 })];
  assert.equal((await scene.hot.write(late)).belowFloor, 2);
  await scene.publish(late);
  await scene.settled();
  const { items, served } = await scene.json<{ items: unknown[]; served: { tier: string; from: string }[] }>(`/api/v1/analytics/points/${key.point}/history?from=2026-03-01&to=2026-03-06T12:00:00Z&resolution=raw&limit=1000`);
  assert.equal(items.length, 67);
  assert.deepEqual(served.map(({ tier, from }) => [tier, from]), [["warm", "2026-03-01T00:00:00Z"], ["hot", "2026-03-03T00:00:00Z"]]);
});

test("a dry run forgets nothing; days go up to an end that is asked for", async () => {
  const key = await filled();
  const floorUs = await scene.hot.floor(systemScope, key);
  const { of, metrics } = await tried(scene, "forget", { point: key.point, dryRun: true });
  assert.deepEqual([of("hot").forgotten, await scene.hot.floor(systemScope, key), await metrics.sum("caudal_tier_forgotten_days_total")], [2, floorUs, 0]);
  const some = await tried(scene, "forget", { point: key.point, toUs: START + DAY });
  assert.deepEqual([some.of("hot").forgotten, await scene.hot.floor(systemScope, key)], [1, START + DAY]);
});

test("no tier is compared that has yet to be told something, and no log is believed to know what it does not", async () => {
  const behind = await openScene({ nowUs: NOW, paused: ["warm"] });
  try {
    const point = await behind.adopt("demo", "meter", [{ key: "flow", unit: "L/s" }]);
    const told = Array.from({ length: 20 }, (_, i) => measurement(point, START + i * 3600e6, { flow: i }));
    await behind.warm.write(told.slice(0, 1));
    await behind.publish(told);
    await behind.settled();
    await assert.rejects(tried(behind, "forget", {}, { waitMs: 50 }), /processor-warm has yet to write 20 records/);
    assert.ok((await behind.hot.floor(systemScope, { client: "demo", point }))! < START);
    // As if warm had acknowledged them and lost them.
    for (const { partition, endOffset } of await behind.log.bounds(topics.measurements)) await behind.log.setOffset(topics.measurements, groups.warm, partition, endOffset);
    await behind.hot.write([measurement(point, START + 5, { flow: 77 })]);
    const { of, report } = await tried(behind, "forget", {});
    assert.deepEqual([of("hot").differences, of("hot").unconfirmed, of("hot").repaired, of("hot").forgotten], [20, 1, 20, 1], "of what warm lost the log knows all; of what hot alone has, nothing");
    assert.deepEqual(report.unconfirmed.map(({ value, holder, lacking, log }) => [value, holder, lacking, log]), [[77, "hot", "warm", "not-in-log"]]);
    const repair = await tried(behind, "repair", {});
    assert.deepEqual([repair.of("warm").differences, repair.of("warm").unconfirmed, repair.of("warm").repaired], [1, 1, 1], "it is in cold too now");
  } finally {
    await behind.close();
  }
});

test("in the background, one process at a time forgets what is due, and again when a day has ended", async (context) => {
  const scene = await openScene({ nowUs: NOW });
  context.after(() => scene.close());
  const key = await filled(scene);
  const { log, codec, documents, clock, hot, warm, cold, metrics } = scene;
  const work = createTierWork({ tiers: { hot, warm, cold }, log, codec, documents, clock, logger: silentLogger, metrics, waitMs: 5000 });
  const lease = { documents, clock, work: "tiers-forget", holder: "another" };
  assert.equal(await takeLease(lease), true);
  let runs = 0;
  const counted = { ...work, run: (...given: Parameters<typeof work.run>) => (runs++, work.run(...given)) };
  const forgetter = createForgetter({ work: counted, documents, clock, logger: silentLogger, lookEveryMs: 15, restShare: 0.1 });
  await forgetter.start();
  try {
    await new Promise((resolve) => setTimeout(resolve, 60));
    assert.equal(runs, 0, "another holds the lease");
    scene.clock.setUs(NOW + 90e6);
    await eventually(async () => (await hot.floor(systemScope, key)) === GOAL);
    await eventually(async () => !(await hasLease()));
    assert.equal(runs, 1);
    scene.clock.setUs(NOW + DAY);
    await eventually(async () => (await hot.floor(systemScope, key)) === GOAL + DAY);
    await eventually(async () => !(await hasLease()));
    const { tiers } = await work.status(systemScope);
    assert.ok(tiers[0]!.checks!.forgotten === 3 && tiers[0]!.checks!.verifiedAt !== null);
    assert.deepEqual([tiers[0]!.dueDays, tiers[2]!.checks, tiers[0]!.keepsDays], [0, null, 3]);
  } finally {
    await forgetter.stop(1000);
  }

  async function hasLease(): Promise<boolean> {
    const leases = await documents.collection<{ holder: string }>({ name: "leases", tenant: false });
    return (await leases.get(systemScope, "tiers-forget")) !== undefined;
  }
});
