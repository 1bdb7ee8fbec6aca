import assert from "node:assert/strict";
import { test } from "node:test";
import { createHeldClock } from "@caudal/runtime";
import fc from "fast-check";
import type { BudgetWindow } from "../providers/provider.ts";
import { Budget, marginMs, type Permit } from "./budget.ts";
import { assertWithin } from "./test-parts/windows.ts";

const never = new AbortController().signal;

function budgetOf(windows: readonly BudgetWindow[], maxWaiting?: number) {
  const clock = createHeldClock();
  return { clock, budget: new Budget({ windows, clock, sleep: clock.sleep, closing: never, ...(maxWaiting === undefined ? {} : { maxWaiting }) }) };
}

test("in no stretch of a window do more calls arrive than it allows, whatever way and answers take, whoever leaves and whatever holds", async () => {
  const window = fc.record({ calls: fc.integer({ min: 1, max: 6 }), perMs: fc.integer({ min: 10, max: 3000 }) });
  const call = fc.record({
    atMs: fc.integer({ min: 0, max: 4000 }), wayMs: fc.integer({ min: 0, max: 2500 }), answerMs: fc.integer({ min: 0, max: 800 }),
    does: fc.constantFrom("calls", "calls", "calls", "calls", "gives back", "leaves", "goes ahead"),
  });
  await fc.assert(fc.asyncProperty(fc.array(window, { minLength: 1, maxLength: 2 }), fc.array(call, { minLength: 1, maxLength: 30 }), fc.option(fc.record({ atMs: fc.nat(3000), ms: fc.nat(5000) })), async (windows, asked, hold) => {
    const { clock, budget } = budgetOf(windows);
    const arrivedMs: number[] = [];
    const sentMs: number[] = [];
    let expected = 0;
    const one = async ({ atMs, wayMs, answerMs, does }: (typeof asked)[number]): Promise<void> => {
      await clock.sleep(atMs);
      const leave = new AbortController();
      if (does === "leaves") void clock.sleep(wayMs).then(() => leave.abort(new Error("left")));
      const permit = await (does === "goes ahead" ? budget.takeAhead(never) : budget.take(leave.signal)).catch(() => undefined);
      if (permit === undefined) return;
      if (does === "gives back" || leave.signal.aborted) return permit.giveBack();
      if (does !== "leaves") expected++;
      sentMs.push(clock.monotonicMs());
      await clock.sleep(wayMs);
      arrivedMs.push(clock.monotonicMs());
      await clock.sleep(answerMs);
      permit.ended();
    };
    if (hold !== null) void clock.sleep(hold.atMs).then(() => budget.hold(hold.ms));
    const all = Promise.all(asked.map(one));
    for (let round = 0; round < 60; round++) await clock.advance(10_000);
    await all;
    assert.equal(expected, asked.filter(({ does }) => does === "calls" || does === "goes ahead").length, "nobody waits for ever");
    assertWithin(arrivedMs, windows);
    if (hold !== null) assert.deepEqual(sentMs.filter((ms) => ms > hold.atMs && ms < hold.atMs + hold.ms), [], "nobody goes out during a hold");
  }), { numRuns: 150 });
});

test("a full budget lets the next call out a window and a margin after the first answer, and no later", async () => {
  const { clock, budget } = budgetOf([{ calls: 2, perMs: 60_000 }]);
  const permits = [await budget.take(never), await budget.take(never)];
  await clock.advance(100);
  for (const permit of permits) permit!.ended();
  assert.deepEqual(budget.use(), [{ calls: 2, perMs: 60_000, used: 2 }]);
  let at: number | undefined;
  void budget.take(never).then(() => (at = clock.monotonicMs()));
  await clock.advance(200_000);
  assert.equal(at, 100 + 60_000 + marginMs(60_000));
  assert.deepEqual([marginMs(100), marginMs(60_000), marginMs(1e7)], [5, 600, 1000]);
});

test("those who wait go out in the order they came; a login goes ahead of them; one that leaves holds up nobody", async () => {
  const { clock, budget } = budgetOf([{ calls: 1, perMs: 1000 }]);
  const first = await budget.take(never);
  const order: string[] = [];
  const leave = new AbortController();
  const out = (name: string) => (permit: Permit | undefined) => {
    order.push(name);
    permit!.ended();
  };
  const leaving = budget.take(leave.signal);
  const waiting = [budget.take(never).then(out("a")), budget.take(never).then(out("b")), budget.takeAhead(never).then(out("login"))];
  leave.abort(new Error("left"));
  await assert.rejects(leaving, /left/);
  await assert.rejects(budget.take(leave.signal), /left/);
  first!.ended();
  first!.ended();
  await clock.advance(10_000);
  await Promise.all(waiting);
  assert.deepEqual(order, ["login", "a", "b"]);
});

test("a bounded number waits, and what was given back was never used", async () => {
  const { budget } = budgetOf([{ calls: 1, perMs: 1000 }], 1);
  const first = await budget.take(never);
  void budget.take(never);
  assert.equal(await budget.take(never), undefined);
  first!.giveBack();
  assert.equal(budget.use()[0]!.used, 1, "by the one that waited");
});

test("a closed budget wakes nobody and leaves no timer", async () => {
  const clock = createHeldClock();
  const closing = new AbortController();
  const budget = new Budget({ windows: [{ calls: 1, perMs: 1000 }], clock, sleep: clock.sleep, closing: closing.signal });
  (await budget.take(never))!.ended();
  void budget.take(never);
  assert.equal(clock.sleeping(), 1);
  closing.abort();
  assert.equal(clock.sleeping(), 0);
  await Promise.resolve();
});

test("many calls a window take no more than a pass over them", async () => {
  const { clock, budget } = budgetOf([{ calls: 3000, perMs: 60_000 }]);
  let out = 0;
  const all = Promise.all(Array.from({ length: 9000 }, async () => {
    const permit = await budget.take(never);
    out++;
    permit!.ended();
  }));
  await clock.advance(1);
  assert.equal(out, 3000);
  await clock.advance(200_000);
  await all;
  assert.equal(budget.use()[0]!.used <= 3000, true);
});
