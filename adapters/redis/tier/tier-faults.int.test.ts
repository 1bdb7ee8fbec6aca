import assert from "node:assert/strict";
import { cp, rm } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { hasCode, systemScope } from "@caudal/core";
import { Redis } from "ioredis";
import { withEngine } from "../../../tools/engines/for-tests.ts";
import { complete, isUnavailable, measurement, openTier, ownServer, T0, untilAvailable, valuesOf } from "../test-tier.ts";

withEngine("redis", () => {
  test("a server that was killed: calls fail soon, writes go on when it is back, reads when it was refilled", async (context) => {
    const { node, url } = await ownServer(context);
    const told: string[] = [];
    const tier = await openTier(context, url, { tell: (event) => told.push(event) });
    await complete(tier);
    await tier.write([measurement("p", 0, 1)]);
    await node.kill();
    const beganMs = performance.now();
    for (let i = 0; i < 5; i++) {
      await assert.rejects(tier.write([measurement("p", 1, 2)]), isUnavailable);
      await assert.rejects(valuesOf(tier, "p"), isUnavailable);
      await assert.rejects(tier.recovery!.loss(), isUnavailable);
    }
    assert.ok(performance.now() - beganMs < 1000, "nobody waits for a server that is away");
    await node.start();
    const result = await untilAvailable(() => tier.write([measurement("p", 0, 1), measurement("p", 2, 3)]));
    assert.deepEqual([result.stored, result.duplicate], [1, 1]);
    for (const read of [(): Promise<unknown> => valuesOf(tier, "p"), () => tier.latest(systemScope, []), () => tier.floor(systemScope, { client: "acme", point: "p" }), () => tier.digest(systemScope, { client: "acme", point: "p" }, T0)]) {
      await assert.rejects(untilAvailable(read, 200), isUnavailable);
    }
    await untilAvailable(() => complete(tier));
    assert.deepEqual(await valuesOf(tier, "p"), [[0, 1], [2, 3]]);
    for (const event of ["redis.lost", "redis.back", "redis.tier-incomplete"]) assert.ok(told.includes(event), event);
  });

  test("a server that falls silent: calls fail in time, and all is well when it speaks again", async (context) => {
    const { node, url } = await ownServer(context);
    const tier = await openTier(context, url, { answerMs: 200 });
    await complete(tier);
    await node.pause();
    const beganMs = performance.now();
    await assert.rejects(tier.write([measurement("p", 0, 1)]), isUnavailable);
    await assert.rejects(valuesOf(tier, "p"), isUnavailable);
    assert.ok(performance.now() - beganMs < 2000);
    node.resume();
    // The first may have been taken after we gave it up: writing it again changes nothing.
    await untilAvailable(() => tier.write([measurement("p", 0, 1)]));
    assert.deepEqual(await untilAvailable(() => valuesOf(tier, "p")), [[0, 1]]);
    assert.equal(await tier.recovery!.loss(), undefined, "the same process lost nothing");
  });

  test("a store that was emptied is noticed by the next read, though no connection broke, and an older refill does not end it", async (context) => {
    const { url } = await ownServer(context);
    const [tier, other] = [await openTier(context, url), await openTier(context, url)];
    const redis = new Redis(url);
    context.after(() => redis.disconnect());
    const first = await tier.recovery!.loss();
    assert.equal(await other.recovery!.loss(), first, "one loss, whoever asks");
    await tier.write([measurement("p", 0, 1)]);
    await redis.flushall();
    const second = await tier.recovery!.loss();
    assert.notEqual(second, first);
    await tier.recovery!.refilled(first!);
    assert.equal(await tier.recovery!.loss(), second);
    await tier.recovery!.refilled(second!);
    assert.deepEqual(await valuesOf(tier, "p"), []);
    // What this process remembers of the point is no longer true.
    assert.equal((await tier.write([measurement("p", 0, 1)])).stored, 1);
    assert.deepEqual(await valuesOf(other, "p"), [[0, 1]]);
    await redis.flushall();
    await assert.rejects(valuesOf(tier, "p"), isUnavailable);
    await assert.rejects(other.latest(systemScope, [{ client: "acme", point: "p" }]), isUnavailable);
  });

  test("a server that comes back without its last writes: what a process remembers of them is not believed", async (context) => {
    const { node, url } = await ownServer(context);
    const tier = await openTier(context, url);
    await complete(tier);
    await tier.write(Array.from({ length: 10 }, (_, i) => measurement("p", i, i)));
    const files = join(node.folder, "appendonlydir");
    await node.stop();
    await cp(files, `${node.folder}/kept`, { recursive: true });
    await node.start();
    await untilAvailable(() => tier.write([measurement("p", 3, 33, { knownAtUs: T0 * 2 }), measurement("p", 20, 20), measurement("q", 0, 1)]));
    await node.kill();
    await rm(files, { recursive: true });
    await cp(`${node.folder}/kept`, files, { recursive: true });
    await node.start();
    const result = await untilAvailable(() => tier.write([measurement("p", 3, 33, { knownAtUs: T0 * 2 }), measurement("p", 4, 4), measurement("p", 21, 21), measurement("q", 0, 1)]));
    assert.deepEqual([result.stored, result.duplicate], [3, 1]);
    await complete(tier);
    assert.deepEqual((await valuesOf(tier, "p")).slice(3), [[3, 33], [4, 4], [5, 5], [6, 6], [7, 7], [8, 8], [9, 9], [21, 21]]);
    assert.deepEqual(await valuesOf(tier, "q"), [[0, 1]]);
  });

  test("a server without memory, or without our script, says so; the script comes back by itself", async (context) => {
    const { url } = await ownServer(context);
    const tier = await openTier(context, url);
    const redis = new Redis(url);
    context.after(() => redis.disconnect());
    await complete(tier);
    await redis.script("FLUSH");
    await untilAvailable(() => tier.write([measurement("p", 0, 1)]));
    await redis.config("SET", "maxmemory", "1");
    await assert.rejects(tier.write([measurement("p", 1, 2)]), (error) => hasCode(error, "storage-full"));
    assert.deepEqual(await valuesOf(tier, "p"), [[0, 1]]);
    await redis.config("SET", "maxmemory", "0");
    assert.equal((await tier.write([measurement("p", 1, 2)])).stored, 1);
  });
});
