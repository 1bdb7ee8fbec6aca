import assert from "node:assert/strict";
import { test } from "node:test";
import { MongoClient, type Db } from "mongodb";
import { systemScope, type SeriesTier } from "@caudal/core";
import { withEngine } from "../../../tools/engines/for-tests.ts";
import { databaseUrl } from "../test-database.ts";
import { openMongoTier, type MongoTierOptions } from "./open-tier.ts";
import { flowsOf, sample } from "./tier-samples.ts";

withEngine("mongo", (server) => {
  async function withDatabase(work: (url: string, database: Db) => Promise<void>): Promise<void> {
    const url = databaseUrl(server);
    const client = await MongoClient.connect(url);
    try {
      await work(url, client.db());
    } finally {
      await client.db().dropDatabase();
      await client.close();
    }
  }
  const options = (url: string) => ({ url, name: "warm", retentionMs: null }) as const;

  const withTier = (more: Partial<MongoTierOptions>, work: (tier: SeriesTier, database: Db) => Promise<void>): Promise<void> => withDatabase(async (url, database) => {
    const tier = await openMongoTier({ ...options(url), ...more });
    await work(tier, database).finally(() => tier.close());
  });

  test("collections and indexes that were made otherwise are a setting", () => withDatabase(async (url, database) => {
    await database.createCollection("warm_log");
    await assert.rejects(openMongoTier(options(url)), { code: "setting", message: /warm_log exists and is not clustered/ });
    await database.dropCollection("warm_log");
    await database.collection("warm_points").createIndex({ c: -1 }, { name: "client" });
    await assert.rejects(openMongoTier(options(url)), { code: "setting" });
    await database.dropCollection("warm_points");
    const tier = await openMongoTier(options(url));
    await tier.close();
    await database.collection<{ _id: number }>("warm_log").updateOne({ _id: -1 }, { $set: { format: 99 } });
    await assert.rejects(openMongoTier(options(url)), { code: "setting", message: /format 99/ });
    await assert.rejects(openMongoTier({ ...options(url), lanes: 0 }), { code: "setting" });
  }));

  test("how many lanes there are stays as the first one settled it, also when many open the tier at once", () => withDatabase(async (url) => {
    const tiers = await Promise.all([2, 3, 5, 7].map((lanes) => openMongoTier({ ...options(url), lanes })));
    const points = Array.from({ length: 20 }, (_, p) => `p${p}`);
    await tiers[0]!.write(points.map((point) => sample({ client: "client", point, instantUs: 1, flow: 1 })));
    for (const tier of tiers) for (const point of points) assert.equal((await flowsOf(tier, "client", point)).size, 1);
    await Promise.all(tiers.map((tier) => tier.close()));
  }));

  test("a point of many buckets is read both ways, filled in between, and forgotten below a raised floor", () => withTier({ lanes: 1, foldAfter: { facts: 3000 } }, async (tier, database) => {
    const key = { client: "client", point: "dense" };
    const count = 60_000;
    for (let at = 0; at < count; at += 6000) await tier.write(Array.from({ length: 3000 }, (_, i) => sample({ ...key, instantUs: at + 2 * i, flow: at + 2 * i })));
    const late = await tier.write(Array.from({ length: 2000 }, (_, i) => sample({ ...key, instantUs: 20_001 + 2 * i, flow: 20_001 + 2 * i })));
    assert.equal(late.stored, 2000);
    await tier.write(Array.from({ length: 3000 }, (_, i) => sample({ ...key, instantUs: count + 2 * i, flow: count + 2 * i })));
    const expected = [...Array.from({ length: 33_000 }, (_, i) => 2 * i), ...Array.from({ length: 2000 }, (_, i) => 20_001 + 2 * i)].sort((a, b) => a - b);
    const buckets = await database.collection("warm_buckets").countDocuments();
    assert.ok(buckets > 24, `${buckets} buckets`);
    for (const order of ["ascending", "descending"] as const) {
      for (const [fromUs, toUs] of [[-Infinity, Infinity], [19_000, 41_000], [1000, 1010]] as const) {
        const times: number[] = [];
        for await (const block of tier.read(systemScope, { ...key, fromUs, toUs, order })) times.push(...block.timesUs);
        const wanted = expected.filter((time) => time >= fromUs && time < toUs);
        assert.deepEqual(times, order === "ascending" ? wanted : wanted.toReversed());
      }
    }
    await tier.raiseFloor(systemScope, key, 50_000);
    await tier.write(Array.from({ length: 3000 }, (_, i) => sample({ ...key, instantUs: 2 * count + i, flow: 1 })));
    assert.deepEqual([...(await flowsOf(tier, "client", "dense")).keys()].slice(0, 2), [50_000, 50_002]);
    assert.ok((await database.collection("warm_buckets").countDocuments()) < buckets / 2);
  }));

  test("a measurement too large for an entry fails alone", () => withTier({}, async (tier) => {
    const one = sample({ client: "client", point: "p", instantUs: 1, flow: 1 });
    const reasons = Array.from({ length: 64 }, (_, i) => `${i}`.padEnd(250, "x"));
    const huge = { ...one, facts: Array.from({ length: 200 }, (_, i) => ({ variable: `v${i}`, value: 1, flag: 1, reasons })) };
    const result = await tier.write([huge, one]);
    assert.deepEqual([result.stored, result.failed.map(({ index }) => index)], [1, [0]]);
    assert.equal((result.failed[0]!.error as { code?: string }).code, "too-large");
  }));
});
