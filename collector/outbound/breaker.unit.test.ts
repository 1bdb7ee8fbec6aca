import assert from "node:assert/strict";
import { test } from "node:test";
import { createHeldClock } from "@caudal/runtime";
import type { Failure } from "../providers/provider.ts";
import { Breaker } from "./breaker.ts";
import { tell } from "./verdict.ts";

const down: Failure = { kind: "request_failed", detail: "503" };
const refused: Failure = { kind: "auth_failed", detail: "401", status: 401 };
const unknown: Failure = { kind: "config_error", detail: "404", status: 404 };

function breakerOf(devices = 10) {
  const clock = createHeldClock();
  const told: string[] = [];
  const breaker = new Breaker({ clock, random: () => 0, devices, opened: (failure, pauseMs) => told.push(`down ${failure.detail} ${pauseMs}`), closed: (downMs) => told.push(`up ${downMs}`) });
  const fail = (failure: Failure, times = 1, ofLogin = false): void => {
    for (let time = 0; time < times; time++) tell(breaker, { answered: { ok: false, failure }, ofLogin }, false);
  };
  const ok = { answered: { ok: true, answer: { status: 200, headers: {}, body: new Uint8Array() } } } as const;
  return { clock, told, breaker, fail, ok };
}

test("it opens once after five calls in a row that failed, and a call that worked counts anew", () => {
  const { breaker, fail, told, ok } = breakerOf();
  fail(down, 4);
  tell(breaker, ok, false);
  fail(down, 4);
  assert.equal(breaker.admit(), "go");
  fail(down, 10);
  assert.deepEqual(breaker.admit(), down);
  assert.deepEqual(told, ["down 503 10000"]);
});

test("it opens after twenty failed tries in a row too: a thousand callers must not each come to their end first", () => {
  const { breaker, told, ok } = breakerOf();
  for (let time = 0; time < 19; time++) breaker.tried(down);
  tell(breaker, ok, false);
  for (let time = 0; time < 19; time++) breaker.tried(down);
  assert.equal(breaker.outage(), undefined);
  for (let time = 0; time < 5; time++) breaker.tried(down);
  assert.deepEqual(told, ["down 503 10000"]);
});

test("what is wrong with one device, and a provider that says when to come back, open nothing", () => {
  const { breaker, fail } = breakerOf();
  fail(unknown, 20);
  fail({ kind: "bad_payload", detail: "html" }, 20);
  fail({ kind: "rate_limited", detail: "429", status: 429, retryAfterMs: 1000 }, 20);
  tell(breaker, { answered: { ok: false, failure: down }, unsent: true }, false);
  assert.equal(breaker.outage(), undefined);
  // Nor do they count as a sign of life of one that fails.
  fail(down, 4);
  fail(unknown, 5);
  fail(down, 1);
  assert.notEqual(breaker.outage(), undefined);
  const limited = breakerOf();
  limited.fail({ kind: "rate_limited", detail: "429", status: 429 }, 5);
  assert.notEqual(limited.breaker.outage(), undefined);
});

test("a refused login opens it at once; refused calls of one device of many do not, three in a row do, and one does where there is one device", () => {
  const login = breakerOf();
  login.fail(refused, 1, true);
  assert.deepEqual(login.told, ["down 401 900000"]);
  const wrongPath = breakerOf();
  wrongPath.fail(unknown, 1, true);
  assert.deepEqual(wrongPath.told, ["down 404 10000"]);
  const many = breakerOf();
  many.fail(refused, 2);
  assert.equal(many.breaker.outage(), undefined);
  many.fail(refused, 1);
  assert.notEqual(many.breaker.outage(), undefined);
  const single = breakerOf(1);
  single.fail(refused, 1);
  assert.notEqual(single.breaker.outage(), undefined);
});

test("one call at a time probes, at pauses that double up to fifteen minutes, and its success closes it", async () => {
  const { breaker, clock, fail, told, ok } = breakerOf();
  fail(down, 5);
  const sinceUs = clock.nowUs();
  for (const pauseMs of [10_000, 20_000, 40_000, 80_000, 160_000, 320_000, 640_000, 900_000, 900_000]) {
    assert.deepEqual(breaker.outage(), { failure: down, sinceUs, retryAtUs: clock.nowUs() + pauseMs * 1000 });
    await clock.advance(pauseMs - 1);
    assert.deepEqual(breaker.admit(), down);
    await clock.advance(1);
    assert.equal(breaker.admit(), "probe");
    assert.deepEqual(breaker.admit(), down, "one at a time");
    tell(breaker, { answered: { ok: false, failure: down } }, true);
  }
  await clock.advance(900_000);
  assert.equal(breaker.admit(), "probe");
  // One that began before the outage says nothing about now.
  tell(breaker, ok, false);
  assert.notEqual(breaker.outage(), undefined);
  tell(breaker, { answered: { ok: false, failure: down }, unsent: true }, true);
  assert.equal(breaker.admit(), "probe", "one that was not sent leaves its turn to the next");
  tell(breaker, ok, true);
  assert.equal(breaker.admit(), "go");
  assert.deepEqual(told, ["down 503 10000", `up ${10_000 * 127 + 1_800_000 + 900_000}`]);
});

test("a refused credential is tried each fifteen minutes alone, and what a probe hears of one device closes it", async () => {
  const { breaker, clock, fail } = breakerOf();
  fail(refused, 1, true);
  for (let round = 0; round < 3; round++) {
    await clock.advance(15 * 60_000 - 1);
    assert.deepEqual(breaker.admit(), refused);
    await clock.advance(1);
    assert.equal(breaker.admit(), "probe");
    tell(breaker, { answered: { ok: false, failure: refused } }, true);
  }
  await clock.advance(15 * 60_000);
  breaker.admit();
  tell(breaker, { answered: { ok: false, failure: { kind: "config_error", detail: "the address is refused" } } }, true);
  assert.notEqual(breaker.outage(), undefined, "nothing was heard of the provider");
  await clock.advance(15 * 60_000);
  breaker.admit();
  tell(breaker, { answered: { ok: false, failure: unknown } }, true);
  assert.equal(breaker.outage(), undefined);
});
