import assert from "node:assert/strict";
import { test } from "node:test";
import { compareFacts, FactList, type FactRun } from "@caudal/core";
import fc from "fast-check";
import { ahead, mergeStreams, type RunStream } from "./run-streams.ts";

/** Instants cut into runs at random places, none split. */
const cut = fc.tuple(fc.uniqueArray(fc.nat(40), { maxLength: 30 }), fc.uniqueArray(fc.nat(30), { maxLength: 6 }));

test("two streams are merged in order in both directions, each fact once", async () => {
  await fc.assert(fc.asyncProperty(cut, cut, fc.boolean(), async (a, b, descending) => {
    const merged: number[] = [];
    for await (const run of mergeStreams(stream(runsOf(a, descending)), stream(runsOf(b, descending)), descending)) {
      for (let i = run.start + 1; i < run.end; i++) assert.ok(compareFacts(run.facts, i - 1, run.facts, i) < 0);
      const instants = [...run.facts.instants.subarray(run.start, run.end)];
      merged.push(...(descending ? instants.reverse() : instants));
    }
    const expected = [...new Set([...a[0], ...b[0]])].sort((x, y) => (descending ? y - x : x - y));
    assert.deepEqual(merged, expected);
  }));
});

test("one run is under way while another is used, and no more", async () => {
  let asked = 0;
  let ended = false;
  async function* counted(): RunStream {
    try {
      for (;;) {
        asked += 1;
        yield run([asked]);
      }
    } finally {
      ended = true;
    }
  }
  const reading = ahead(counted());
  for (let used = 1; used <= 3; used++) {
    assert.equal((await reading.next()).done, false);
    await new Promise(setImmediate);
    assert.equal(asked, used + 1);
  }
  await reading.return();
  assert.equal(ended, true);
});

test("a failure comes after the runs before it, and ends both streams", async () => {
  let ended = false;
  async function* failing(): RunStream {
    yield run([1]);
    throw new Error("away");
  }
  async function* other(): RunStream {
    try {
      yield run([2]);
      yield run([3]);
    } finally {
      ended = true;
    }
  }
  const seen: number[] = [];
  await assert.rejects(async () => {
    for await (const { facts, start, end } of ahead(mergeStreams(failing(), other(), false))) seen.push(...facts.instants.subarray(start, end));
  }, { message: "away" });
  assert.deepEqual(seen, [1]);
  assert.equal(ended, true);
});

function runsOf([instants, cuts]: readonly [number[], number[]], descending: boolean): FactRun[] {
  const ascending = instants.toSorted((a, b) => a - b);
  const places = [0, ...cuts.filter((place) => place < ascending.length).sort((a, b) => a - b), ascending.length];
  const runs = places.slice(1).map((end, i) => run(ascending.slice(places[i], end)));
  return descending ? runs.reverse() : runs;
}

function run(instants: readonly number[]): FactRun {
  const facts = new FactList(instants.length);
  facts.length = instants.length;
  facts.instants.set(instants);
  return { facts, start: 0, end: facts.length };
}

async function* stream(runs: readonly FactRun[]): RunStream {
  yield* runs;
}
