import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import fc from "fast-check";
import { groups, hasCode, partitionOf, REPLAY_HEADER, systemScope, topics, type PointKey } from "@caudal/core";
import type { Measurement } from "@caudal/schemas";
import { bucketOf, factsOf } from "../test-model.ts";
import { measurement, openScene, type Scene } from "../test-scene.ts";
import { levels, type LevelName } from "./level.ts";
import { MarkedPoints } from "./marked-points.ts";

const us = (text: string): number => Date.parse(text) * 1000;
const NOW = us("2026-03-20T12:07:00Z");
const DAYS = 40;
let scene: Scene;
let points = 0;

before(async () => {
  scene = await openScene({ nowUs: NOW });
});
after(() => scene.close());

async function newPoint(): Promise<PointKey> {
  return { client: "demo", point: await scene.adopt("demo", `meter-${points++}`, [{ key: "flow", unit: "L/s" }, { key: "total", unit: "m3" }]) };
}

/** What is stored of a level, by start. */
async function stored(key: PointKey, level: LevelName): Promise<Map<number, Record<string, number>>> {
  const found = new Map<number, Record<string, number>>();
  const { stepUs } = levels[level];
  const span = { fromUs: Math.floor((NOW - (DAYS + 1) * 86_400e6) / stepUs) * stepUs, toUs: Math.ceil(NOW / stepUs) * stepUs };
  for await (const rows of scene.parts.rollups.rows(systemScope, key, levels[level], { span, columns: ["total"] })) {
    for (const { fromUs, cells } of rows) {
      const { revised: _, ...numbers } = cells[0] ?? { count: 0 };
      if (numbers.count > 0) found.set(fromUs, numbers);
    }
  }
  return found;
}

test("what is stored at every level is what a computation from all facts gives, whatever came late, again, corrected or taken back", async () => {
  const one = fc.record({ minute: fc.integer({ min: 0, max: DAYS * 1440 }), thousandths: fc.integer({ min: 0, max: 100_000_000 }), what: fc.constantFrom("good", "good", "bad", "withdrawn", "corrected") });
  await fc.assert(fc.asyncProperty(fc.array(fc.array(one, { minLength: 1, maxLength: 40 }), { minLength: 1, maxLength: 3 }), async (waves) => {
    const key = await newPoint();
    const sent: Measurement[] = [];
    for (const wave of waves) {
      const batch = wave.map(({ minute, thousandths, what }) => measurement(key.point, NOW - 1200e6 - minute * 60e6, {
        total: { value: what === "withdrawn" ? null : thousandths / 1000, flag: what === "bad" ? 4 : 1, reasons: what === "withdrawn" ? ["withdrawn"] : [] },
      }, { receivedAtUs: NOW, authority: what === "corrected" ? 1 : 0 }));
      sent.push(...batch);
      await scene.publish([...batch, ...batch.slice(0, 3)]);
      await scene.rolledUp();
    }
    const facts = factsOf(sent, key.point, "total");
    for (const level of ["15m", "1h", "1d"] as const) {
      const { stepUs } = levels[level];
      const buckets = await stored(key, level);
      const starts = new Set(facts.map(({ timeUs }) => Math.floor(timeUs / stepUs) * stepUs));
      assert.deepEqual([...buckets.keys()], [...starts].sort((a, b) => a - b), level);
      for (const [fromUs, { integral, seconds, ...bucket }] of buckets) {
        const { mean, ...expected } = bucketOf(facts, { fromUs, toUs: fromUs + stepUs }, true)!;
        for (const [name, value] of Object.entries(expected)) assert.ok(Object.is(bucket[name], value ?? NaN), `${level} ${name}: ${bucket[name]} is not ${value}`);
        if (mean !== null && fromUs + stepUs < NOW) assert.ok(Math.abs(integral! / seconds! - mean) < 1e-6 * Math.max(1, mean), `${level} mean`);
      }
    }
  }), { numRuns: 12, endOnFailure: true });
});

test("backfill over two months rolls up in one go and leaves nothing due", async () => {
  const keys = await Promise.all(Array.from({ length: 6 }, newPoint));
  for (let i = 0; i < 10; i++) {
    await scene.publish(Array.from({ length: 600 }, (_, j) => measurement(keys[j % 6]!.point, NOW - DAYS * 86_400e6 + (i * 100 + Math.floor(j / 6)) * 3400e6, { total: i * 100 + Math.floor(j / 6) }, { receivedAtUs: NOW })));
  }
  await scene.rolledUp();
  for (const key of keys) {
    const days = await stored(key, "1d");
    const consumed = [...days.values()].reduce((sum, { consumption }) => sum + (Number.isNaN(consumption) ? 0 : consumption!), 0);
    assert.equal(consumed, 999);
  }
});

test("whoever takes a partition over goes on with what was marked, and a former owner can clear nothing any more", async () => {
  const key = await newPoint();
  const { markStore } = scene.parts;
  const partition = 900 + points;
  const former = await MarkedPoints.load(markStore, partition, 0);
  await former.touch([{ ...key, marks: [{ from: 10, to: 15, offset: 5 }] }], 6);
  assert.equal(former.handled, 6);
  const next = await MarkedPoints.load(markStore, partition, 6);
  assert.deepEqual(next.marked().map(({ marks }) => marks), [[{ from: 10, to: 15, offset: 5 }]]);
  await next.touch([{ ...key, marks: [{ from: 10, to: 15, offset: 8 }] }], 9);
  await former.clear(key.point, [{ from: 10, to: 15 }], 7);
  assert.deepEqual((await markStore.get(systemScope, key.point))?.body.marks, [[10, 15, 8]]);
  await next.clear(key.point, [{ from: 10, to: 12 }], 9);
  assert.deepEqual(next.marksOf(key.point), [{ from: 12, to: 15, offset: 8 }]);
  await next.clear(key.point, [{ from: 12, to: 15 }], 8);
  assert.deepEqual(next.marksOf(key.point), [{ from: 12, to: 15, offset: 8 }], "a later fact marked it again");
  await next.clear(key.point, [{ from: 12, to: 15 }], 9);
  assert.equal((await markStore.get(systemScope, key.point))?.body.pending, false);
  const last = await MarkedPoints.load(markStore, partition, 9);
  assert.deepEqual(last.marked(), []);
  next.forget("demo");
  assert.deepEqual(next.marked(), []);
});

test("what is marked while it is being cleared is marked afterwards, in the document too", async () => {
  const key = await newPoint();
  const { markStore } = scene.parts;
  const points = await MarkedPoints.load(markStore, 950, 0);
  await points.touch([{ ...key, marks: [{ from: 10, to: 15, offset: 5 }] }], 6);
  for (let offset = 6; offset < 12; offset++) {
    const cleared = points.clear(key.point, [{ from: 10, to: 15 }], offset);
    await points.touch([{ ...key, marks: [{ from: 10, to: 15, offset }] }], offset + 1);
    assert.deepEqual((await markStore.get(systemScope, key.point))?.body.marks, [[10, 15, offset]]);
    await cleared;
    assert.deepEqual(points.marksOf(key.point), [{ from: 10, to: 15, offset }]);
  }
});

test("a table that another wrote meanwhile is not written over", async () => {
  const key = await newPoint();
  const { rollups } = scene.parts;
  const day = us("2026-01-01T00:00:00Z");
  const bucket = { count: 1, flagged: 0, min: 1, max: 1, integral: 1, seconds: 1, first: 1, last: 1, consumption: NaN };
  const [mine, theirs] = [await rollups.tables(key, levels["15m"], [day]), await rollups.tables(key, levels["15m"], [day])];
  for (const tables of [mine, theirs]) tables.get(day)!.table.set("flow", [bucket]);
  await rollups.write(key, levels["15m"], theirs);
  await assert.rejects(rollups.write(key, levels["15m"], mine), (error) => hasCode(error, "duplicate-key"));
  const again = await rollups.tables(key, levels["15m"], [day]);
  assert.equal(again.get(day)!.version, 1);
  again.get(day)!.table.clear();
  await rollups.write(key, levels["15m"], again);
  assert.equal((await rollups.tables(key, levels["15m"], [day])).get(day)!.version, 0);
});

test("a record replayed to the cold tier alone marks its buckets too; bytes that are no measurement hold nobody up", async () => {
  const key = await newPoint();
  const value = scene.codec.encode("Measurement", measurement(key.point, NOW - 86_400e6, { total: 5 }, { receivedAtUs: NOW }));
  await scene.publish([measurement(key.point, NOW - 200_000e6, { total: 1 }, { receivedAtUs: NOW })]);
  await scene.rolledUp();
  await scene.log.publish(topics.measurements, [{ key: key.point, value, headers: { [REPLAY_HEADER]: groups.cold } }]);
  await scene.rolledUp();
  assert.equal((await stored(key, "1d")).size, 2);
  await scene.log.publish(topics.measurements, [{ key: key.point, value, headers: { [REPLAY_HEADER]: groups.hot } }]);
  await scene.settled();
  assert.equal(scene.analytics.status().due, 0);
  assert.equal(scene.analytics.status().rollups?.state, "running");
});

test("another process that shares the documents trusts the same marks", async () => {
  const key = await newPoint();
  await scene.publish([measurement(key.point, NOW - 86_400e6, { total: 5 }, { receivedAtUs: NOW })]);
  await scene.settled();
  const plan = async (): Promise<string[]> => {
    const info = (await scene.parts.directory.find(systemScope, key.point))!;
    const planned = await scene.parts.history.plan({ scope: systemScope, info, columns: info.variables, resolution: "1h", zone: "UTC", fromUs: NOW - 2 * 86_400e6, toUs: NOW });
    const from: string[] = [];
    for await (const _ of planned.bucketRows({ fromUs: planned.span.fromUs, onPiece: (piece) => from.push(piece.from) }));
    return from;
  };
  assert.deepEqual(await plan(), ["raw"]);
  await scene.rolledUp();
  assert.deepEqual(await plan(), ["1h"]);
  assert.equal(partitionOf(key.point, 3) < 3, true);
});

test("a client that is erased leaves no rollups and no marks", async () => {
  const point = await scene.adopt("gone", "meter", [{ key: "total", unit: "m3" }]);
  await scene.publish([measurement(point, NOW - 86_400e6, { total: 5 }, { client: "gone", receivedAtUs: NOW })]);
  await scene.rolledUp();
  assert.ok((await stored({ client: "gone", point }, "1d")).size > 0);
  assert.equal(await scene.analytics.eraseClient("gone"), 3);
  assert.equal((await stored({ client: "gone", point }, "1d")).size, 0);
  assert.equal(await scene.parts.markStore.get(systemScope, point), undefined);
});
