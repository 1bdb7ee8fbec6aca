import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseFaults } from "./parse-faults.ts";
import { arrivalOf, createSeededFaults, type FaultArrival } from "./seeded-faults.ts";

const points = Array.from({ length: 200 }, (_, index) => `processor/log.publish(topic-${index})/before`);

/** Where a run that reaches each point in turn fails. */
function failureOf(seed: string, order: readonly string[], rounds: number, over: { under?: string; arrival?: number } = {}): FaultArrival | undefined {
  const failures: FaultArrival[] = [];
  const faults = createSeededFaults(seed, { ...over, kill: (at) => void failures.push(at) });
  for (let round = 0; round < rounds; round++) for (const point of order) void faults.reach(point);
  assert.ok(failures.length <= 1, "it fails once");
  return failures[0];
}

test("a seed alone decides where a run fails, and other seeds fail elsewhere", () => {
  const failures = Array.from({ length: 20 }, (_, seed) => failureOf(`s${seed}`, points, 64));
  for (const [seed, failure] of failures.entries()) {
    assert.ok(failure !== undefined, "of 200 points some fail");
    assert.deepEqual(failureOf(`s${seed}`, points, 64), failure);
    assert.equal(arrivalOf(`s${seed}`, failure.point), failure.arrival);
  }
  assert.ok(new Set(failures.map((failure) => failure?.point)).size > 10);
});

test("what other points do in between changes nothing about a point's own arrival", () => {
  fc.assert(fc.property(fc.string({ unit: "grapheme-ascii" }), fc.array(fc.nat(9), { maxLength: 400 }), (seed, order) => {
    const under = points[3]!;
    const names = order.map((index) => points[index]!);
    const failure = failureOf(seed, names, 1, { under });
    const arrival = arrivalOf(seed, under, under);
    const arrivals = names.filter((name) => name === under).length;
    assert.ok(arrival !== undefined && arrival >= 1 && arrival <= 64);
    assert.deepEqual(failure, arrivals >= arrival ? { point: under, arrival } : undefined);
  }));
});

test("a prefix spares all else, and an arrival that is named is the one", () => {
  const under = "archiver/segments.put";
  const order = [...points, `${under}/before`, `${under}/after`];
  assert.equal(failureOf("any", order, 3, { under: "analytics/" }), undefined);
  assert.deepEqual(failureOf("any", order, 5, { under: `${under}/after`, arrival: 4 }), { point: `${under}/after`, arrival: 4 });
  assert.equal(failureOf("any", order, 3, { under: `${under}/after`, arrival: 4 }), undefined);
});

test("every point that is met is listed with its arrivals, after the failure too", () => {
  const faults = createSeededFaults("x", { under: "a", arrival: 1, kill: () => undefined });
  for (const name of ["b", "a", "b", "c"]) void faults.reach(name);
  assert.deepEqual([...faults.reached()], [["b", 2], ["a", 1], ["c", 1]]);
});

test("what a failure does is what reaching the point does", async () => {
  const gone = createSeededFaults("x", { under: "a", arrival: 1, kill: () => Promise.reject(new Error("gone")) });
  await assert.rejects(async () => gone.reach("a"), /gone/);
  await gone.reach("a");
});

test("the setting is a seed, with a prefix, or with a point and its arrival", () => {
  assert.deepEqual(parseFaults("s-1"), { seed: "s-1" });
  assert.deepEqual(parseFaults(" 7:processor "), { seed: "7", under: "processor" });
  assert.deepEqual(parseFaults("7:a/log.publish(caudal.points)/after@12"), { seed: "7", under: "a/log.publish(caudal.points)/after", arrival: 12 });
  for (const wrong of ["", ":a", "a:", "a:b@0", "a:b@x", "a b", "a:b c"]) assert.equal(parseFaults(wrong), undefined, wrong);
});
