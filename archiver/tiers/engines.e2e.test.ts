import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { openCassandraTier } from "@caudal/cassandra";
import { Directory, systemScope, topicSpecs, type PointKey, type SeriesTier } from "@caudal/core";
import { openEmbeddedDocuments, openEmbeddedLog, openFileRegistry } from "@caudal/embedded";
import { openMongoTier } from "@caudal/mongo";
import { openRedisTier } from "@caudal/redis";
import { systemClock } from "@caudal/runtime";
import { Codec } from "@caudal/schemas";
import { Redis } from "ioredis";
import { dropKeyspace, testKeyspace } from "../../adapters/cassandra/test-keyspace.ts";
import { droppedDatabaseUrl } from "../../adapters/mongo/test-database.ts";
import { removeKeys } from "../../adapters/redis/test-keys.ts";
import { complete } from "../../adapters/redis/test-tier.ts";
import { measurement } from "../../analytics/test-scene.ts";
import { withEngines } from "../../tools/engines/for-tests.ts";
import { DAY, tried, type TriedOn } from "./test-work.ts";

const HOUR = 3600e6;
const TODAY = Math.floor((Date.now() * 1000) / DAY) * DAY;

withEngines(["redis", "mongo", "cassandra"], (urls) => {
  const prefix = `caudal-test-${randomUUID()}`;
  const { url: cold, keyspace } = testKeyspace(urls.cassandra, "forget");
  const mongo = droppedDatabaseUrl(urls.mongo);
  const closers: (() => Promise<unknown>)[] = [];
  let parts: TriedOn;
  let directory: Directory;

  before(async () => {
    const folder = await mkdtemp(join(tmpdir(), "caudal-tiers-"));
    closers.push(() => rm(folder, { recursive: true, force: true }), () => removeKeys(urls.redis, prefix), () => dropKeyspace(cold, keyspace));
    const kept = <T extends { close(): Promise<void> }>(port: T): T => (closers.push(() => port.close()), port);
    const log = kept(await openEmbeddedLog({ directory: folder }));
    await log.declareTopics(topicSpecs(2));
    const documents = kept(await openEmbeddedDocuments({ directory: folder }));
    directory = await Directory.open(documents);
    const hot = kept(await openRedisTier({ url: `${urls.redis}?prefix=${prefix}`, name: "hot", retentionMs: 3 * 86_400_000 }));
    await complete(hot);
    parts = {
      log, documents, hot, codec: await Codec.open(openFileRegistry()), clock: { ...systemClock, setUs: () => undefined, skip: () => 0 },
      warm: kept(await openMongoTier({ url: mongo, name: "warm", retentionMs: 30 * 86_400_000, lanes: 2 })), cold: kept(await openCassandraTier({ url: cold, name: "cold" })),
    };
  });
  after(async () => {
    for (const close of closers.reverse()) await close();
  });

  async function point(device: string): Promise<PointKey> {
    const { body } = await directory.adopt("demo", device, { by: "auto", keys: [{ key: "flow", unit: "L/s" }], labels: {}, atUs: TODAY });
    return { client: "demo", point: body.entries[0]!.point };
  }

  const digests = (tier: SeriesTier, key: PointKey, days: readonly number[]): Promise<unknown> => Promise.all(days.map((day) => tier.digest(systemScope, key, TODAY - day * DAY)));

  test("what Redis, MongoDB and Cassandra hold differently is found, merged both ways, and then forgotten", async () => {
    const key = await point("meter");
    // Received when they were measured: hot holds them all, as after days without anybody to forget them.
    const all = Array.from({ length: 6 * 24 }, (_, i) => measurement(key.point, TODAY - 5 * DAY + i * HOUR, { flow: i }));
    const corrected = all.slice(30, 33).map(({ instantUs }) => measurement(key.point, instantUs, { flow: 1000 }, { authority: 1 }));
    await parts.hot.write([...all.filter((_, i) => i % 40 !== 7), ...corrected]);
    await parts.warm.write(all.filter((_, i) => i % 50 !== 9));
    await parts.cold.write(all);
    // Hot lacks 7, 47, 87 and 127; warm lacks 9, 59 and 109, and the three corrections.
    const verified = await tried(parts, "verify", {});
    assert.deepEqual([verified.of("hot").differences, verified.of("warm").differences], [10, 3]);
    const { of } = await tried(parts, "repair", {});
    assert.deepEqual([of("hot").repaired, of("warm").repaired], [10, 3]);
    const whole = await digests(parts.cold, key, [5, 4, 3, 2, 1, 0]);
    for (const tier of [parts.hot, parts.warm]) assert.deepEqual(await digests(tier, key, [5, 4, 3, 2, 1, 0]), whole, tier.name);
    assert.deepEqual((await tried(parts, "verify", {})).report.different, []);
    const forgot = await tried(parts, "forget", {});
    assert.deepEqual([forgot.of("hot").forgotten, forgot.of("hot").held, forgot.of("warm").forgotten], [2, 0, 0]);
    assert.equal(await parts.hot.floor(systemScope, key), TODAY - 3 * DAY);
    assert.deepEqual(await digests(parts.hot, key, [3, 2, 1, 0]), (whole as unknown[]).slice(2));
    assert.deepEqual(await digests(parts.warm, key, [5, 4, 3, 2, 1, 0]), whole);
    assert.equal((await parts.hot.write(all.slice(0, 1))).belowFloor, 1);
  });

  test("a day of which Redis let an hour expire does not stand in the way for ever, and what is left of it is kept", async () => {
    const key = await point("well");
    const day = TODAY - 9 * DAY;
    const all = Array.from({ length: 10 * 24 }, (_, i) => measurement(key.point, day + i * HOUR, { flow: i }));
    for (const tier of [parts.hot, parts.warm]) await tier.write(all);
    await parts.cold.write(all.filter((_, i) => i !== 5));
    const redis = new Redis(urls.redis);
    try {
      assert.equal(await redis.del(`${prefix}:hot:{demo/${key.point}}:${(day + 2 * HOUR) / HOUR}`), 1);
    } finally {
      redis.disconnect();
    }
    const { of } = await tried(parts, "forget", { point: key.point, tier: "hot" });
    assert.deepEqual([of("hot").expired, of("hot").forgotten, of("hot").held], [1, 6, 0]);
    assert.equal(await parts.hot.floor(systemScope, key), TODAY - 3 * DAY);
    assert.deepEqual(await parts.cold.digest(systemScope, key, day), await parts.warm.digest(systemScope, key, day));
  });
});
