import assert from "node:assert/strict";
import { groups, systemScope, topics, type SeriesTier } from "@caudal/core";
import { silentLogger, systemClock } from "@caudal/runtime";
import type { Measurement } from "@caudal/schemas";
import { factsOf, reading, S, T0, until, withStation, type Station } from "../test-station.ts";
import { createRefill, type Refill } from "./refill.ts";

/** The hot tier with losses that the test makes up. */
function losing(hot: SeriesTier): { readonly tier: SeriesTier; lose(loss: string): void; readonly ended: string[] } {
  let current: string | undefined;
  const ended: string[] = [];
  const recovery = {
    loss: async () => current,
    refilled: async (loss: string) => {
      if (loss !== current) return;
      ended.push(loss);
      current = undefined;
    },
  };
  const tier: SeriesTier = {
    name: hot.name, capabilities: hot.capabilities, recovery, ended,
    write: (batch) => hot.write(batch), read: (scope, query) => hot.read(scope, query), latest: (scope, points) => hot.latest(scope, points), digest: (scope, point, day) => hot.digest(scope, point, day),
    floor: (scope, point) => hot.floor(scope, point), raiseFloor: (scope, point, floorUs) => hot.raiseFloor(scope, point, floorUs), eraseClient: (client) => hot.eraseClient(client), close: () => hot.close(),
  } as SeriesTier;
  return { tier, lose: (loss) => (current = loss), ended };
}

const started = async (station: Station, hot: SeriesTier): Promise<Refill> => {
  const refill = createRefill({ ...station, hot, clock: systemClock, logger: silentLogger, lookEveryMs: 10, restShare: 0 });
  await refill.start();
  return refill;
};

withStation("what hot lost comes back from warm with its revisions, withdrawn facts and floors", async (station) => {
  const processor = await station.start();
  await station.send(...Array.from({ length: 30 }, (_, i) => reading("meter", i * 20, { flow: i, level: 2 })));
  await station.settled();
  const [point] = (await station.directory.collections.points.find(systemScope, { limit: 1 })).items.map(({ body }) => body);
  assert.ok(point !== undefined);
  const key = { client: point.client, point: point.point };
  const withdrawal = (at: number): Measurement => ({
    eventId: "w", ...key, device: "meter", channel: "", source: "s", transport: "t", instantUs: T0 + at * S, observedAtUs: T0, receivedAtUs: T0, authority: 1, knownAtUs: T0 + 90_000 * S,
    causeId: "c", labels: {}, facts: [{ variable: "flow", value: null, flag: 4, reasons: ["withdrawn"] }],
  });
  for (const tier of [station.hot, station.warm]) await tier.write([withdrawal(40)]);
  await processor.stop(2000);
  const before = await factsOf(station.hot, key.client, key.point);
  const digest = await station.warm.digest(systemScope, key, Math.floor(T0 / 86_400e6) * 86_400e6);
  await station.hot.eraseClient(key.client);
  const losses = losing(station.hot);
  losses.lose("first");
  const beganUs = systemClock.nowUs();
  const refill = await started(station, losses.tier);
  await until("the loss ended", () => losses.ended.length === 1);
  assert.deepEqual(await factsOf(station.hot, key.client, key.point), before);
  assert.deepEqual(await station.hot.digest(systemScope, key, Math.floor(T0 / 86_400e6) * 86_400e6), digest, "the withdrawn one is back too");
  const floorUs = (await station.hot.floor(systemScope, key))!;
  assert.ok(floorUs >= beganUs - 3 * 86_400e6 && floorUs < beganUs - 3 * 86_400e6 + 60 * S, "it claims what it keeps and no more");
  const late = await station.hot.write([{ ...withdrawal(40), authority: 0, knownAtUs: T0 + 95_000 * S, facts: [{ variable: "flow", value: 7, flag: 1, reasons: [] }] }]);
  assert.equal(late.superseded, 1, "what a person took back stays so");
  assert.equal(refill.status().state, "idle");
  assert.equal(await station.metrics.sum("caudal_tier_incomplete"), 0);
  assert.ok((await station.metrics.sum("caudal_tier_refilled_facts_total")) >= 60);
  await refill.stop(1000);
});

withStation("a floor of warm that is higher than hot's retention holds in hot too", async (station) => {
  const processor = await station.start();
  await station.send(...Array.from({ length: 10 }, (_, i) => reading("meter", i * 20, { flow: i })));
  await station.settled();
  await processor.stop(2000);
  const [point] = (await station.directory.collections.points.find(systemScope, { limit: 1 })).items.map(({ body }) => body);
  const key = { client: point!.client, point: point!.point };
  await station.warm.raiseFloor(systemScope, key, T0 + 100 * S);
  await station.hot.eraseClient(key.client);
  const losses = losing(station.hot);
  losses.lose("first");
  const refill = await started(station, losses.tier);
  await until("the loss ended", () => losses.ended.length === 1);
  assert.equal(await station.hot.floor(systemScope, key), T0 + 100 * S);
  assert.deepEqual((await factsOf(station.hot, key.client, key.point)).length, 5);
  await refill.stop(1000);
});

withStation("the refill waits until warm holds what the log had when the loss was noticed", async (station) => {
  let isWarmAway = false;
  const warm: SeriesTier = new Proxy(station.warm, {
    get: (target, name) => {
      if (name === "write" && isWarmAway) return () => new Promise(() => undefined);
      const value: unknown = Reflect.get(target, name);
      return typeof value === "function" ? (value.bind(target) as unknown) : value;
    },
  });
  const processor = await station.start({ warm });
  await station.send(reading("meter", 0, { flow: 1 }));
  await station.settled();
  isWarmAway = true;
  await station.send(reading("meter", 20, { flow: 2 }));
  await until("hot is ahead of warm", async () => (await station.log.lag(topics.measurements, groups.hot)).every(({ lag }) => lag === 0)
    && (await station.log.lag(topics.measurements, groups.warm)).some(({ lag }) => lag > 0));
  const [point] = (await station.directory.collections.points.find(systemScope, { limit: 1 })).items.map(({ body }) => body);
  const losses = losing(station.hot);
  await station.hot.eraseClient(point!.client);
  losses.lose("first");
  let asked = 0;
  const log: Station["log"] = new Proxy(station.log, {
    get: (target, name) => {
      if (name === "lag") asked += 1;
      return (Reflect.get(target, name) as () => unknown).bind(target);
    },
  });
  const refill = await started({ ...station, log }, losses.tier);
  await until("it asked how far warm is, again and again", () => asked >= 5 && refill.status().state === "waiting");
  assert.deepEqual(losses.ended, []);
  await processor.stop(200);
  isWarmAway = false;
  await station.start();
  await until("the loss ended", () => losses.ended.length === 1);
  assert.deepEqual((await factsOf(station.hot, point!.client, point!.point)).map((fact) => (fact as unknown[])[2]), [1, 2]);
  await refill.stop(1000);
});

withStation("a tier that is away, or that loses again meanwhile, is filled anew", async (station) => {
  const processor = await station.start();
  await station.send(reading("meter", 0, { flow: 1 }));
  await station.settled();
  await processor.stop(2000);
  const [point] = (await station.directory.collections.points.find(systemScope, { limit: 1 })).items.map(({ body }) => body);
  await station.hot.eraseClient(point!.client);
  const losses = losing(station.hot);
  let writes = 0;
  const failing: SeriesTier = {
    ...losses.tier, write: (batch) => {
      writes += 1;
      if (writes === 1) return Promise.reject(new Error("away"));
      if (writes === 2) losses.lose("second");
      return station.hot.write(batch);
    },
  };
  losses.lose("first");
  const refill = await started(station, failing);
  await until("the second loss ended", () => losses.ended.length === 1);
  assert.deepEqual(losses.ended, ["second"]);
  assert.equal(writes, 3);
  await refill.stop(1000);
});
