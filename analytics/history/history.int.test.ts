import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { measurement, openScene, type Scene } from "../test-scene.ts";

const us = (text: string): number => Date.parse(text) * 1000;
const NOW = us("2026-03-20T12:07:30Z");

interface History {
  readonly resolution: string;
  readonly columns: readonly { readonly column: string }[];
  readonly items: readonly (Record<string, Record<string, unknown>> & { readonly time: string })[];
  readonly coverage: Record<string, number>;
  readonly served: readonly Record<string, string>[];
  readonly next: string | null;
}

let scene: Scene;
let point: string;

before(async () => {
  scene = await openScene({ nowUs: NOW });
  point = await scene.adopt("demo", "meter", [{ key: "flow", unit: "L/s" }, { key: "total", unit: "m3" }]);
  // One reading every five minutes for 60 days, received now: hot holds three days of it, warm thirty.
  const start = NOW - 60 * 86_400e6;
  const rows = [];
  for (let at = Math.ceil(start / 300e6) * 300e6, i = 0; at < NOW; at += 300e6, i++) {
    rows.push(measurement(point, at, { flow: (i % 10) / 10, total: i / 1000 }, { receivedAtUs: NOW }));
  }
  await scene.publish(rows);
  await scene.rolledUp();
});
after(() => scene.close());

const history = (query: string): Promise<History> => scene.json(`/api/v1/analytics/points/${point}/history?${query}`);

test("sixty days are served by three tiers, each instant once", async () => {
  const whole = await history("from=2026-01-01&to=2026-03-20T12:07:30Z&resolution=raw&limit=50000");
  assert.deepEqual(whole.served.map(({ tier }) => tier), ["cold", "warm", "hot"]);
  const times = whole.items.map(({ time }) => Date.parse(time));
  assert.equal(times.length, 60 * 288);
  assert.ok(times.every((time, i) => i === 0 || time - times[i - 1]! === 300_000));
  assert.deepEqual(whole.columns.map(({ column }) => column), ["flow_lps", "total_m3"]);
  assert.deepEqual(whole.items[0], { time: "2026-01-19T12:10:00Z", flow: { value: 0, flag: 1 }, total: { value: 0, flag: 1 } });
  assert.deepEqual([whole.coverage.expected, whole.coverage.received], [2 * 60 * 288, 2 * 60 * 288]);
});

test("hours come from rollups but for the one that is not over", async () => {
  const hours = await history("from=2026-03-20T00:00:00Z&to=2026-03-20T13:00:00Z&resolution=1h");
  assert.deepEqual(hours.served, [
    { rollup: "1h", from: "2026-03-20T00:00:00Z", to: "2026-03-20T12:00:00Z" }, { tier: "hot", from: "2026-03-20T12:00:00Z", to: "2026-03-20T13:00:00Z" },
  ]);
  assert.equal(hours.items.length, 13);
  const { mean, ...first } = hours.items[0]!.flow!;
  assert.deepEqual(first, { min: 0, max: 0.9, first: 0.4, last: 0.5, consumption: null, count: 12, coverage: 1, flagged: 0 });
  assert.ok(Math.abs(Number(mean) - 0.45) < 1e-9, String(mean));
  assert.equal(hours.items[0]!.total!.consumption, 0.012);
  assert.equal(hours.items[12]!.flow!.count, 2);
});

test("pages of auto go on at the resolution of the first", async () => {
  const first = await history("from=2026-01-01&limit=1000");
  assert.equal(first.resolution, "1h");
  assert.equal(first.items.length, 1000);
  const second = await history(`from=2026-01-01&limit=1000&cursor=${first.next}`);
  assert.equal(second.next, null);
  assert.equal(second.items.length, 441);
  assert.equal(Date.parse(second.items[0]!.time) - Date.parse(first.items.at(-1)!.time), 3_600_000);
});

test("a late and a corrected fact change the stored buckets that they touch, and nothing else", async () => {
  const before = await history("from=2026-02-01&to=2026-02-02&resolution=1h");
  await scene.publish([
    measurement(point, us("2026-02-01T10:02:00Z"), { flow: 50 }, { receivedAtUs: NOW }),
    measurement(point, us("2026-02-01T14:55:00Z"), { total: { value: 9999, flag: 4, reasons: ["above-range"] } }, { receivedAtUs: NOW, authority: 1 }),
  ]);
  await scene.settled();
  const marked = await history("from=2026-02-01&to=2026-02-02&resolution=1h");
  assert.ok(marked.served.some(({ tier }) => tier === "cold"));
  await scene.rolledUp();
  const after = await history("from=2026-02-01&to=2026-02-02&resolution=1h");
  assert.deepEqual(after.served, [{ rollup: "1h", from: "2026-02-01T00:00:00Z", to: "2026-02-02T00:00:00Z" }]);
  const plain = (items: typeof after.items): unknown => JSON.parse(JSON.stringify(items), (name, value: unknown) => (name === "revised" ? undefined : value));
  assert.deepEqual(plain(after.items), plain(marked.items));
  assert.deepEqual(after.items.filter((item) => JSON.stringify(item).includes("revised")).map(({ time }) => time), ["2026-02-01T10:00:00Z", "2026-02-01T14:00:00Z", "2026-02-01T15:00:00Z"], "and these say so");
  const changed = after.items.filter((item, i) => JSON.stringify(item) !== JSON.stringify(before.items[i])).map(({ time }) => time);
  assert.deepEqual(changed, ["2026-02-01T10:00:00Z", "2026-02-01T14:00:00Z", "2026-02-01T15:00:00Z"]);
  assert.equal(after.items[10]!.flow!.max, 50);
  assert.equal(after.items[14]!.total!.flagged, 1);
  assert.equal(after.items[14]!.total!.consumption, 0.011);
  assert.equal(after.items[15]!.total!.consumption, 0.013);
});
