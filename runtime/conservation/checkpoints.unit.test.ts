import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Checkpoints, commonSpans, type Checkpoint } from "./checkpoints.ts";

function counted(until: number, over: Readonly<Record<number, number>> = {}, from = 0): Checkpoints {
  const checkpoints = new Checkpoints(from);
  for (let offset = from; offset < until; offset++) checkpoints.add(offset, over[offset] ?? 2);
  return checkpoints;
}

test("who counts the same agrees wherever both kept something, and whoever catches up meets the other", () => {
  fc.assert(fc.property(fc.nat(150_000), fc.nat(20_000), (slower, ahead) => {
    const spans = commonSpans(counted(slower).body(), counted(slower + ahead).body());
    for (const { from, to, a, b } of spans) assert.deepEqual([a, b], [2 * (to - from), 2 * (to - from)]);
    assert.ok(spans.length > 0 || slower < 16 * ahead + 32, `${slower} and ${ahead} ahead`);
  }), { numRuns: 40 });
});

test("one fact less shows in the span that it lies in, and goes on showing as the spans grow coarser", () => {
  const good = counted(300).body();
  const lost = commonSpans(counted(300, { 290: 1 }).body(), good).filter(({ a, b }) => a !== b);
  assert.deepEqual(lost, [{ from: 288, to: 300, a: 23, b: 24 }]);
  const later = commonSpans(counted(100_000, { 290: 1 }).body(), counted(99_000).body()).filter(({ a, b }) => a !== b);
  assert.equal(later.length, 1);
  assert.ok(later[0]!.from <= 290 && later[0]!.to > 290 && later[0]!.b - later[0]!.a === 1);
});

test("what is kept has a bound, and going on from it is as if it had never stopped", () => {
  const whole = counted(1_000_000);
  assert.ok(whole.body().length < 30);
  const first = counted(70_003);
  first.rest();
  const second = new Checkpoints(70_003, first.body());
  for (let offset = 70_003; offset < 140_000; offset++) second.add(offset, 2);
  assert.deepEqual(second.body().filter(([offset]) => offset % 16 === 0), counted(140_000).body().filter(([offset]) => offset % 16 === 0));
});

test("what one could not read is compared no more than what nobody kept", () => {
  const blind = new Checkpoints(0);
  for (let offset = 0; offset < 100; offset++) blind.add(offset, offset === 20 ? 0 : 2, offset === 20 ? 1 : 0);
  const spans = commonSpans(blind.body(), counted(100).body());
  assert.ok(spans.every(({ a, b }) => a === b) && spans.length > 0 && spans.every(({ from, to }) => from > 20 || to <= 20));
  blind.restart(100);
  assert.deepEqual(commonSpans(blind.body(), counted(100).body()), []);
});

test("holes count nothing, and a stop is kept although it is no multiple", () => {
  const gaps = new Checkpoints(5);
  gaps.add(7, 3);
  gaps.advance(11);
  gaps.rest();
  gaps.add(40, 1);
  const body: readonly Checkpoint[] = gaps.body();
  assert.deepEqual(body, [[5, 0, 0], [11, 3, 0], [16, 3, 0], [32, 3, 0], [41, 4, 0]]);
  assert.deepEqual(new Checkpoints(41, body).body(), body);
  assert.deepEqual(new Checkpoints(50, body).body(), [[50, 0, 0]], "a count that ended elsewhere is not gone on with");
});
