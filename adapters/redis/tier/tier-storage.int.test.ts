import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test, type TestContext } from "node:test";
import { hasCode, type SeriesTier, systemScope, type WriteResult } from "@caudal/core";
import type { Measurement } from "@caudal/schemas";
import { Redis } from "ioredis";
import { withEngine } from "../../../tools/engines/for-tests.ts";
import { removeKeys } from "../test-keys.ts";
import { complete, DAY_MS, isUnavailable, measurement, openTier, S, T0, valuesOf } from "../test-tier.ts";

interface Scene {
  readonly tier: SeriesTier;
  /** Another process with the same tier. */
  readonly other: SeriesTier;
  readonly redis: Redis;
  readonly root: string;
}

withEngine("redis", (url) => {
  const scene = async (context: TestContext, retentionMs: number | null = 3 * DAY_MS): Promise<Scene> => {
    const prefix = `caudal-test-${randomUUID()}`;
    const place = `${url}?prefix=${prefix}`;
    const redis = new Redis(url);
    context.after(async () => {
      redis.disconnect();
      await removeKeys(url, prefix);
    });
    const [tier, other] = [await openTier(context, place, { retentionMs }), await openTier(context, place, { retentionMs })];
    await complete(tier);
    return { tier, other, redis, root: `${prefix}:hot:{acme/p}` };
  };
  const hourKey = (root: string): string => `${root}:${T0 / 3_600_000_000}`;
  const sum = (results: readonly WriteResult[], pick: "stored" | "duplicate" | "superseded"): number => results.reduce((total, result) => total + result[pick], 0);

  test("two processes that own the same points for a while agree, and each fact is counted once", async (context) => {
    const { tier, other } = await scene(context);
    const batches: Measurement[][] = Array.from({ length: 40 }, (_, i) =>
      Array.from({ length: 30 }, (_, j) => measurement(`p${j % 3}`, (i % 4) * 900 + j, i, { knownAtUs: T0 + (i % 8) })));
    const results = await Promise.all(batches.map((batch, i) => (i % 2 === 0 ? tier : other).write(batch)));
    assert.equal(sum(results, "stored") + sum(results, "duplicate") + sum(results, "superseded"), 1200);
    // 4 hours' quarters × 30 facts, each with 2 revisions, each of those 5 times.
    assert.equal(sum(results, "duplicate") + sum(results, "superseded") >= 120 * 8, true);
    for (const point of ["p0", "p1", "p2"]) {
      const values = await valuesOf(tier, point);
      assert.equal(values.length, 40);
      assert.ok(values.every(([, value]) => value! % 8 >= 4), "the greater of both revisions");
      assert.deepEqual(await valuesOf(other, point), values);
    }
  });

  test("an hour is written whole now and then, and when the next begins", async (context) => {
    const { tier, redis, root } = await scene(context);
    const sizes: number[] = [];
    for (let i = 0; i < 200; i++) {
      await tier.write([measurement("p", i * 10, i)]);
      sizes.push(await redis.strlen(hourKey(root)));
    }
    assert.ok(sizes.some((size, i) => i > 0 && size < sizes[i - 1]!), "written whole");
    const loose = sizes.at(-1)!;
    await tier.write([measurement("p", 3600, 0)]);
    assert.ok((await redis.strlen(hourKey(root))) < loose, "packed when it is past");
    assert.equal((await valuesOf(tier, "p")).length, 201);
    assert.deepEqual((await valuesOf(tier, "p", { order: "descending", limit: 2 })), [[3600, 0], [1990, 199]]);
  });

  test("keys go away by themselves after twice the retention, the state after the hours; none where all is kept", async (context) => {
    const { tier, redis, root } = await scene(context, DAY_MS);
    await tier.write([measurement("p", 0, 1)]);
    const [hour, state] = [await redis.pttl(hourKey(root)), await redis.pttl(root)];
    assert.ok(hour > 2 * DAY_MS - 60_000 && hour <= 2 * DAY_MS);
    assert.ok(state > hour);
    const forEver = await scene(context, null);
    await forEver.tier.write([measurement("p", 0, 1)]);
    assert.deepEqual([await forEver.redis.pttl(hourKey(forEver.root)), await forEver.redis.pttl(forEver.root)], [-1, -1]);
  });

  test("an hour that expired is never taken for an empty one: reads fail, and the next write there raises the floor", async (context) => {
    const { tier, other, redis, root } = await scene(context);
    const key = { client: "acme", point: "p" };
    await tier.write([measurement("p", 0, 1), measurement("p", 3600, 2)]);
    await redis.del(hourKey(root));
    await assert.rejects(valuesOf(tier, "p"), isUnavailable);
    await assert.rejects(tier.digest(systemScope, key, T0), isUnavailable);
    // One remembers the hour and appends, one reads it first.
    for (const writer of [tier, other]) {
      assert.equal((await writer.write([measurement("p", 10, 3)])).belowFloor, 1);
      assert.equal(await writer.floor(systemScope, key), T0 + 3600 * S);
    }
    assert.deepEqual(await valuesOf(tier, "p"), [[3600, 2]]);
  });

  test("bytes that we did not write are corrupt, and no reason to stop for other points", async (context) => {
    const { tier, other, redis, root } = await scene(context);
    await tier.write([measurement("p", 0, 1), measurement("q", 0, 1)]);
    await redis.set(hourKey(root), Buffer.from([9, 0, 0, 0, 1, 2, 3]));
    await assert.rejects(valuesOf(tier, "p"), (error) => hasCode(error, "corrupt"));
    await redis.set(root, "0123456789abcdef and more");
    await assert.rejects(valuesOf(tier, "p"), (error) => hasCode(error, "corrupt"));
    await assert.rejects(other.write([measurement("p", 1, 1)]), (error) => hasCode(error, "corrupt"));
    assert.deepEqual(await valuesOf(tier, "q"), [[0, 1]]);
  });

  test("the newest facts are found again far back when all later ones are withdrawn", async (context) => {
    const { tier } = await scene(context, null);
    const withdrawn = (at: number): Measurement => measurement("p", at, null, { authority: 1, facts: [{ variable: "flow", value: null, flag: 4, reasons: ["withdrawn"] }] });
    await tier.write([...Array.from({ length: 60 }, (_, i) => measurement("p", i * 3600, i)), measurement("p", 59 * 3600 + 1, 7, { facts: [{ variable: "level", value: 7, flag: 1, reasons: [] }] })]);
    await tier.write(Array.from({ length: 58 }, (_, i) => withdrawn((i + 2) * 3600)));
    const latest = await tier.latest(systemScope, [{ client: "acme", point: "p" }]);
    assert.deepEqual(latest.map(({ variable, instantUs, value }) => [variable, (instantUs - T0) / S, value]).sort(), [["flow", 3600, 1], ["level", 59 * 3600 + 1, 7]]);
  });

  test("what is no text is nowhere, and cannot be asked to be kept", async (context) => {
    const { tier } = await scene(context);
    const key = { client: "acme", point: "\ud800" };
    assert.equal(await tier.floor(systemScope, key), undefined);
    assert.deepEqual(await tier.latest(systemScope, [key]), []);
    assert.equal((await tier.digest(systemScope, key, T0)).facts, 0);
    assert.deepEqual(await valuesOf(tier, key.point), []);
    await assert.rejects(tier.raiseFloor(systemScope, key, 1), (error) => hasCode(error, "bad-request"));
  });
});
