import assert from "node:assert/strict";
import { test } from "node:test";
import { parseLimits } from "../limits/limit.ts";
import { Limiter } from "../limits/limiter.ts";
import { instantOfWall, offsetText, parseTime } from "../providers/time-text.ts";
import { quirkNames } from "./quirks.ts";
import { appliesTo, parseQuirk, Switches } from "./switches.ts";

test("a quirk is written with a provider and a share, or without either", () => {
  assert.deepEqual(parseQuirk("hang"), { provider: "all", name: "hang", share: 0.02 });
  assert.deepEqual(parseQuirk("http-500=0.5"), { provider: "all", name: "http-500", share: 0.5 });
  assert.deepEqual(parseQuirk("things-stack:error-line=1"), { provider: "things-stack", name: "error-line", share: 1 });
  for (const wrong of ["", "nothing", "hang=2", "hang=", "hang=x", "nobody:hang", "tdata:error-line", "tdata:naive-time=0.1"]) assert.equal(parseQuirk(wrong), undefined, wrong);
});

test("a provider's own share counts before that of all; what it cannot show is refused", () => {
  const switches = new Switches({ all: { "hang": 0.1, "error-line": 1 }, tdata: { hang: 0.7 } }, 5);
  assert.deepEqual([switches.share("tdata", "hang", 0), switches.share("ubidots", "hang", 0), switches.share("ubidots", "error-line", 0), switches.share("things-stack", "error-line", 0)], [0.7, 0.1, 0, 1]);
  assert.throws(() => switches.set("tdata", "error-line", { share: 1, nowMs: 9 }), RangeError);
  assert.throws(() => switches.set("all", "hang", { share: 1.5, nowMs: 9 }), RangeError);
  assert.throws(() => new Switches({ all: { hang: -1 } }, 0), RangeError);
  switches.set("all", "hang", { share: 0, nowMs: 9 });
  assert.deepEqual([switches.share("tdata", "hang", 8), switches.share("tdata", "hang", 9), switches.sinceMs("tdata", "hang", 8), switches.sinceMs("tdata", "hang", 10)], [0.7, 0, 5, 9]);
  assert.deepEqual(switches.current(10), { "things-stack": { "error-line": 1 } });
  assert.ok(quirkNames.every((name) => appliesTo(name, "things-stack") || name === "token-dies-early"));
});

test("limits: a bucket fills evenly, a window begins anew, a refused request counts for nothing", () => {
  const bucket = new Limiter(parseLimits("2:1"), "bucket");
  const take = (limiter: Limiter, at: number) => limiter.take("k", at)?.exceeded;
  assert.deepEqual([take(bucket, 0), take(bucket, 0), take(bucket, 0), take(bucket, 499), take(bucket, 500), take(bucket, 500)], [false, false, true, true, false, true]);
  assert.equal(bucket.take("k", 500)?.retryAfterMs, 500);
  const fixed = new Limiter(parseLimits("1:60"), "fixed");
  assert.deepEqual([take(fixed, 59_999), take(fixed, 59_999), take(fixed, 60_000), fixed.take("k", 60_001)?.retryAfterMs], [false, true, false, 59_999]);
  assert.deepEqual(fixed.uses(60_001), [{ key: "k", limit: "1:60", used: 1 }]);
  assert.equal(new Limiter([], "fixed").take("k", 0), undefined);
  for (const wrong of ["1", "0:1", "1:0", "a:b", "1:1,"]) assert.throws(() => parseLimits(wrong), RangeError);
});

test("trap 2: Santiago's clock in summer, in winter, and on both nights on which it changes", () => {
  for (const [instant, written] of [["2026-01-15T12:00:00.000Z", "2026-01-15T09:00:00.000-03:00"], ["2026-07-15T12:00:00.000Z", "2026-07-15T08:00:00.000-04:00"], ["2026-04-05T02:30:00.000Z", "2026-04-04T23:30:00.000-03:00"], ["2026-04-05T03:30:00.000Z", "2026-04-04T23:30:00.000-04:00"]] as const) {
    const atMs = Date.parse(instant);
    assert.equal(offsetText(atMs * 1000, 3), written);
    assert.equal(parseTime(written, "UTC"), atMs);
  }
  assert.equal(instantOfWall(Date.UTC(2026, 3, 4, 23, 30), "America/Santiago"), Date.parse("2026-04-05T02:30:00Z"), "the first of the two");
  assert.equal(parseTime("2026-09-06 00:30", "America/Santiago"), Date.parse("2026-09-06T04:30:00Z"), "an hour that never comes: the one after");
  assert.equal(parseTime("yesterday", "UTC"), undefined);
});
