import assert from "node:assert/strict";
import { test } from "node:test";
import { hasCode } from "@caudal/core";
import { parseRedisUrl } from "./redis-url.ts";

test("a URL gives host, port, database, who we are, and the prefix of our keys", () => {
  assert.deepEqual(parseRedisUrl("redis://redis.test"), { options: { host: "redis.test", port: 6379, db: 0 }, prefix: "caudal", shown: "redis://redis.test:6379" });
  const full = parseRedisUrl("rediss://app:p%40ss@[::1]:7000/3?prefix=plant-1");
  assert.deepEqual(full.options, { host: "::1", port: 7000, db: 3, username: "app", password: "p@ss", tls: {} });
  assert.equal(full.prefix, "plant-1");
  assert.equal(full.shown, "rediss://[::1]:7000/3");
});

test("what is no such URL is refused without its secrets", () => {
  for (const text of ["", "redis", "http://redis.test", "redis://", "redis://redis.test/db", "redis://redis.test?cluster=1", "redis://redis.test?prefix=a%20b", "redis://redis.test?prefix="]) {
    assert.throws(() => parseRedisUrl(text), (error) => hasCode(error, "setting"), text);
  }
  assert.throws(() => parseRedisUrl("redis://app:secret@redis.test/x"), (error) => error instanceof Error && !error.message.includes("secret"));
});
