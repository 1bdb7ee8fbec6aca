import assert from "node:assert/strict";
import { test } from "node:test";
import { createHeldClock } from "@caudal/runtime";
import fc from "fast-check";
import { Session, usableMs, type LoggedIn } from "./session.ts";

const never = new AbortController().signal;

function sessionOf(lives: readonly (number | undefined)[], tookMs = 10) {
  const clock = createHeldClock();
  let logins = 0;
  const session = new Session(clock, async (): Promise<LoggedIn> => {
    const sentAtMs = clock.monotonicMs();
    const number = logins++;
    await clock.sleep(tookMs);
    return { ok: true, token: `t${number}`, lifeMs: lives[Math.min(number, lives.length - 1)], sentAtMs };
  });
  const token = async () => {
    const asking = session.token(never);
    await clock.advance(tookMs);
    const got = await asking;
    assert.ok(got.ok);
    return got.token;
  };
  return { clock, session, token, logins: () => logins };
}

test("trap 24: no token is used longer than its life, however short that is", () => {
  fc.assert(fc.property(fc.double({ min: 0.001, max: 1e10, noNaN: true }), (lifeMs) => {
    const usable = usableMs(lifeMs);
    assert.ok(usable > 0 && usable < lifeMs);
    if (lifeMs >= 120_000) assert.ok(lifeMs - usable >= 59_999.9);
  }));
});

test("trap 24: a token of thirty seconds is not kept for five minutes, and one that has ended is none", async () => {
  const { clock, token, logins } = sessionOf([30_000]);
  assert.equal((await token()).text, "t0");
  await clock.advance(14_000);
  assert.equal((await token()).text, "t0");
  await clock.advance(2000);
  assert.equal((await token()).text, "t1");
  assert.equal(logins(), 2);
  const ended = sessionOf([0]);
  const asking = ended.session.token(never);
  await ended.clock.advance(10);
  const got = await asking;
  assert.ok(!got.ok && got.failure.kind === "bad_payload");
});

test("a token is renewed a minute before its end, and one that does not say when as if it lived for 55", async () => {
  const { clock, token } = sessionOf([3600_000, undefined]);
  assert.equal((await token()).text, "t0");
  await clock.advance(59 * 60_000 - 30);
  assert.equal((await token()).text, "t0");
  await clock.advance(30);
  assert.equal((await token()).text, "t1");
  await clock.advance(54 * 60_000 - 30);
  assert.equal((await token()).text, "t1");
  await clock.advance(30);
  assert.equal((await token()).text, "t2");
});

test("one login answers all who wait; a refused token is dropped once, and who comes late with it finds the next", async () => {
  const { clock, session, token, logins } = sessionOf([undefined]);
  const all = Promise.all(Array.from({ length: 50 }, () => session.token(never)));
  await clock.advance(10);
  await all;
  assert.equal(logins(), 1);
  const first = await token();
  session.drop(first);
  const second = await token();
  session.drop(first);
  assert.equal(session.holds(second), true);
  assert.equal((await token()).text, "t1");
  assert.equal(logins(), 2);
});

test("who leaves while a login is under way does not end it for the others", async () => {
  const { clock, session } = sessionOf([undefined]);
  const leave = new AbortController();
  const leaving = session.token(leave.signal);
  const staying = session.token(never);
  leave.abort(new Error("left"));
  await assert.rejects(leaving, /left/);
  await assert.rejects(session.token(leave.signal), /left/);
  await clock.advance(10);
  assert.equal((await staying).ok, true);
});
