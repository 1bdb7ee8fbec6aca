import assert from "node:assert/strict";
import { test } from "node:test";
import { createHeldClock } from "@caudal/runtime";
import type { SendResult } from "../regulators/regulator.ts";
import { healthOf, SendBreaker, type BreakerState, type Health } from "./send-breaker.ts";

const result = (outcome: SendResult["outcome"], httpStatus: number | null): SendResult => ({ outcome, httpStatus, answer: null, tookMs: 1 });

test("what a send says about the other side", () => {
  const refused = { kind: "refused", permanent: false, code: "99", message: "no" } as const;
  const unknown = { kind: "unknown", why: "no-answer", message: "timeout" } as const;
  const cases: readonly (readonly [SendResult, Health])[] = [
    [result({ kind: "accepted", voucher: "V", by: "answer", message: "" }, 200), "answers"], [result(refused, 400), "answers"], [result(refused, 403), "blocks"], [result(unknown, 429), "blocks"],
    [result(unknown, null), "silent"], [result({ ...unknown, message: "ECONNREFUSED" }, null), "unreachable"], [result({ ...unknown, message: "ECONNRESET" }, null), "silent"],
    [result({ ...refused, code: "not-sent", message: "ECONNREFUSED" }, 0), "unreachable"], [result({ ...refused, code: "not-sent", message: "timeout" }, 0), "silent"],
    [result({ kind: "unknown", why: "blocked", message: "" }, 200), "blocks"], [result({ kind: "unknown", why: "server-fault", message: "" }, 500), "silent"],
  ];
  for (const [given, health] of cases) assert.equal(healthOf(given), health, JSON.stringify(given));
});

test("it opens for a time that doubles up to half an hour, lets one through at a time, and closes on an answer", async () => {
  const clock = createHeldClock();
  const told: BreakerState["state"][] = [];
  const breaker = new SendBreaker("dga", clock, ({ state }) => told.push(state));
  const opens: number[] = [];
  for (let time = 0; time < 8; time++) {
    breaker.pass()!.report("blocks");
    assert.equal(breaker.pass(), undefined);
    opens.push(breaker.state().retryInMs / 60_000);
    await clock.advance(breaker.state().retryInMs);
  }
  assert.deepEqual(opens, [1, 2, 4, 8, 16, 30, 30, 30]);
  const probe = breaker.pass();
  assert.equal(breaker.pass(), undefined, "one at a time");
  probe!.release();
  probe!.report("answers");
  assert.equal(breaker.state().state, "half-open", "what was given back tells nothing more");
  breaker.pass()!.report("answers");
  assert.deepEqual([breaker.state().state, breaker.state().opened, told.at(-1)], ["closed", 0, "closed"]);
});

test("kinds of trouble count each in a row; an answer from before it opened closes nothing", () => {
  const breaker = new SendBreaker("dga", createHeldClock(), () => undefined);
  const early = breaker.pass()!;
  for (const health of ["silent", "silent", "silent", "silent", "answers", "silent", "unreachable", "silent", "silent", "silent", "silent"] as const) breaker.pass()!.report(health);
  assert.equal(breaker.state().state, "closed");
  breaker.pass()!.report("silent");
  assert.deepEqual([breaker.state().state, breaker.state().why], ["open", "silent"]);
  early.report("answers");
  assert.equal(breaker.state().state, "open");
});
