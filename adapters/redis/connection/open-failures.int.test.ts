import assert from "node:assert/strict";
import { test } from "node:test";
import { CaudalError, type ErrorCode } from "@caudal/core";
import { Redis } from "ioredis";
import { freePort } from "../../../tools/engines/free-ports.ts";
import { withEngine } from "../../../tools/engines/for-tests.ts";
import { openRedisLive } from "../live/live-channel.ts";
import { ownServer } from "../test-tier.ts";
import { openRedisTier } from "../tier/open-tier.ts";

const failsWith = (code: ErrorCode, part: RegExp) => (error: unknown): boolean => error instanceof CaudalError && error.code === code && part.test(error.message) && !error.message.includes("secret");

withEngine("redis", () => {
  test("a server that is not there, or will not have us, is named with the next step and without secrets", async (context) => {
    const port = await freePort(["127.0.0.1"], new Set());
    const open = (url: string) => openRedisTier({ url, name: "hot", retentionMs: null });
    await assert.rejects(open(`redis://app:secret@127.0.0.1:${port}`), failsWith("unavailable", new RegExp(`127.0.0.1:${port}.*start it`)));
    await assert.rejects(openRedisLive({ url: `redis://127.0.0.1:${port}` }), failsWith("unavailable", /start it/));
    const { url } = await ownServer(context);
    await assert.rejects(open(url.replace("//", "//app:secret@")), failsWith("setting", /correct user and password/));
  });

  test("a server that would drop facts is refused; one that may lose more than need be is told of", async (context) => {
    const { url } = await ownServer(context);
    const redis = new Redis(url);
    context.after(() => redis.disconnect());
    const told: unknown[] = [];
    const open = () => openRedisTier({ url, name: "hot", retentionMs: null, tell: (event, fields) => told.push([event, fields?.["set"]]) });
    await redis.config("SET", "maxmemory-policy", "volatile-lru");
    await assert.rejects(open(), failsWith("setting", /maxmemory-policy volatile-lru.*noeviction/));
    await redis.config("SET", "maxmemory-policy", "noeviction");
    await redis.config("SET", "appendfsync", "no");
    await (await open()).close();
    await redis.config("SET", "appendonly", "no");
    await (await open()).close();
    assert.deepEqual(told, [["redis.not-durable", "appendfsync everysec"], ["redis.not-durable", "appendonly yes"]]);
    await redis.replicaof("127.0.0.1", "1");
    await assert.rejects(open(), failsWith("setting", /replica/));
  });
});
