import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Measurement } from "@caudal/schemas";
import { TestEventSource } from "../live/test-event-source.ts";
import { eventually, measurement, openScene, type Scene } from "../test-scene.ts";
import { revisedOf, SETTLES_US } from "./revised.ts";
import type { Bucket } from "../buckets/bucket.ts";

const us = (text: string): number => Date.parse(text) * 1000;
const NOW = us("2026-03-20T12:07:00Z");
let scene: Scene;

before(async () => {
  scene = await openScene({ nowUs: NOW });
});
after(() => scene.close());

interface Cell {
  readonly count: number;
  readonly mean: number;
  readonly revised?: { readonly at: string; readonly late: number; readonly corrected: number };
}

async function cells(point: string, resolution: string, from = "2026-03-20T08:00:00Z", to = "2026-03-20T11:00:00Z"): Promise<Map<string, Cell>> {
  const { items } = await scene.json<{ items: { time: string; flow: Cell }[] }>(`/api/v1/analytics/points/${point}/history?from=${from}&to=${to}&resolution=${resolution}`);
  return new Map(items.map(({ time, flow }) => [time.slice(11, 16), flow]));
}

const at = (point: string, time: string, flow: number): Measurement => measurement(point, us(`2026-03-20T${time}:00Z`), { flow }, { receivedAtUs: NOW });

test("a late and a corrected row recompute their buckets, and these say so at every level; the others say nothing", async () => {
  const point = await scene.adopt("demo", "told", [{ key: "flow", unit: "L/s" }]);
  await scene.publish(["08:01", "08:16", "08:31", "09:01", "10:01"].map((time) => at(point, time, 5)));
  await scene.rolledUp();
  for (const resolution of ["15m", "1h"]) assert.ok([...(await cells(point, resolution)).values()].every(({ revised }) => revised === undefined), "what is computed for the first time is not revised");
  const counted = (): Promise<number[]> => Promise.all(["late", "corrected"].map((cause) => scene.metrics.sum("caudal_rollups_recomputed_total", { cause })));
  const quiet = await counted();
  await scene.publish([at(point, "08:05", 9), at(point, "08:06", 9), at(point, "09:01", 7)]);
  await scene.rolledUp();
  const quarters = await cells(point, "15m");
  const brief = (cell: Cell | undefined): unknown => cell?.revised === undefined ? cell?.count : [cell.count, cell.revised.late, cell.revised.corrected];
  assert.deepEqual([...quarters].map(([time, cell]) => [time, brief(cell)]), [["08:00", [3, 2, 0]], ["08:15", [1, 0, 1]], ["08:30", 1], ["09:00", [1, 0, 1]], ["10:00", [1, 0, 1]]], "the value that holds into the next bucket is another there as well");
  assert.deepEqual([...(await cells(point, "1h"))].map(([time, cell]) => [time, brief(cell)]), [["08:00", [5, 2, 0]], ["09:00", [1, 0, 1]], ["10:00", [1, 0, 1]]]);
  assert.ok(Math.abs(us(quarters.get("08:00")!.revised!.at) - scene.clock.nowUs()) < 60e6, "it says when");
  const loud = await counted();
  assert.ok(loud[0]! - quiet[0]! >= 2 && loud[1]! - quiet[1]! >= 2, `${loud} after ${quiet}`);
  await scene.publish([at(point, "08:07", 9)]);
  await scene.rolledUp();
  assert.deepEqual(brief((await cells(point, "15m")).get("08:00")), [4, 3, 0], "what was said before is kept");
  assert.deepEqual(brief((await cells(point, "15m")).get("09:00")), [1, 0, 1]);
  await scene.publish([at(point, "08:07", 9)]);
  await scene.rolledUp();
  assert.deepEqual(brief((await cells(point, "15m")).get("08:00")), [4, 3, 0], "the same value again is no revision");
});

test("whoever follows live is told which bucket changed, and why, within the scope and the points that were asked for", async () => {
  const [point, other] = [await scene.adopt("demo", "live-a", [{ key: "flow", unit: "L/s" }]), await scene.adopt("demo", "live-b", [{ key: "flow", unit: "L/s" }])];
  await scene.publish([at(point, "08:01", 5), at(other, "08:01", 5)]);
  await scene.rolledUp();
  const source = await TestEventSource.open(`${scene.url}/api/v1/live?points=${point}`);
  try {
    await scene.publish([at(other, "08:02", 6), at(point, "08:02", 6)]);
    await scene.rolledUp();
    const words = (): Record<string, unknown>[] => source.events.filter(({ event }) => event === "rollup").map(({ data }) => ({ ...data }));
    await eventually(() => words().length >= 2 && source.measurements().length === 1);
    const [hour, quarterEnd, hourEnd] = ["2026-03-20T08:00:00Z", "2026-03-20T08:15:00Z", "2026-03-20T09:00:00Z"];
    const named = { client: "demo", point, variables: ["flow"], cause: "late", from: hour };
    assert.deepEqual(words(), [{ ...named, level: "15m", to: quarterEnd }, { ...named, level: "1h", to: hourEnd }]);
  } finally {
    source.close();
  }
});

test("until a quarter of an hour after its end a bucket may change without being revised, and one that was empty is new", () => {
  const bucket = (count: number, more: Partial<Bucket> = {}): Bucket => ({ count, flagged: 0, min: 1, max: 1, integral: 1, seconds: 1, first: 1, last: 1, consumption: NaN, ...more });
  const [toUs, later] = [1000, 1000 + SETTLES_US];
  assert.deepEqual(revisedOf(bucket(1), bucket(2), { toUs, nowUs: later - 1 }), { revised: undefined, cause: undefined });
  assert.deepEqual(revisedOf(bucket(1), bucket(3), { toUs, nowUs: later }), { revised: { late: 2, corrected: 0, atUs: later }, cause: "late" });
  assert.deepEqual(revisedOf(bucket(2), bucket(2, { max: 5 }), { toUs, nowUs: later }).cause, "corrected");
  assert.deepEqual(revisedOf(bucket(2), undefined, { toUs, nowUs: later }).cause, "corrected", "all of it was taken back");
  for (const empty of [undefined, bucket(0)]) assert.deepEqual(revisedOf(empty, bucket(3), { toUs, nowUs: later }), { revised: undefined, cause: undefined });
  const revised = { late: 1, corrected: 2, atUs: 5 };
  assert.deepEqual(revisedOf(bucket(2, { revised }), bucket(2), { toUs, nowUs: later }).revised, revised);
  assert.deepEqual(revisedOf(bucket(2, { revised }), bucket(3), { toUs, nowUs: later }).revised, { late: 2, corrected: 2, atUs: later });
});
