import assert from "node:assert/strict";
import { test } from "node:test";
import { firstPlacement } from "./schedule.ts";
import { hourlyRows, seriesOf } from "./test-series.ts";
import { Track } from "./track.ts";

const NOW = Date.UTC(2026, 2, 10, 15, 20, 30, 400);
const LABELS = { time: "compressed", credit: "A. Neighbour" };
type Element = { ts: number; values: { total_l: number }; labels?: object };

function compressedTrack(rows = 6000): Track {
  const series = seriesOf(hourlyRows(rows), { time: "compressed" });
  return new Track(series, firstPlacement(series, NOW), "t", LABELS);
}

const elements = (payload: string | null): Element[] => JSON.parse(payload ?? "[]") as Element[];

test("the first message is short, later ones bounded; all carry the marker and the first the credit", () => {
  const track = compressedTrack();
  const due = track.due(NOW, "full");
  const first = track.compose(due);
  assert.equal(first.rows, 20);
  assert.deepEqual(elements(first.payload).map((e) => e.labels).slice(0, 2), [LABELS, { time: "compressed" }]);
  track.acknowledge(first.rows, NOW);
  const second = track.compose(due - 20);
  assert.equal(second.rows, 500);
  assert.equal(elements(second.payload)[0]?.values.total_l, 120);
  assert.ok(elements(second.payload).every((e) => JSON.stringify(e.labels) === '{"time":"compressed"}'));
});

test("one due row goes in the device’s own style", () => {
  const track = compressedTrack();
  assert.deepEqual(JSON.parse(track.compose(1).payload ?? ""), { ts: track.nextDueMs(), values: { total_l: 100 }, labels: LABELS });
});

test("rows that hold no value are passed over", () => {
  const series = seriesOf("head\nk;01/01/2017 10:00:00;;0\nk;01/01/2017 11:00:00;NULL;0\nk;01/01/2017 12:00:00;3;0\n");
  const track = new Track(series, { offsetMs: 0, next: 0 }, "t", { credit: "c" });
  assert.deepEqual(track.compose(2), { payload: null, rows: 2 });
  const all = track.compose(3);
  assert.equal(all.rows, 3);
  assert.deepEqual(elements(all.payload).map((e) => [e.values.total_l, e.labels]), [[3, { credit: "c" }]]);
});

test("near the limit a compressed point sends a row a minute, dated now, and later goes on from there", () => {
  const track = compressedTrack();
  assert.equal(track.due(NOW, "resting"), 1);
  assert.equal(track.nextDueMs(), Math.floor(NOW / 1000) * 1000);
  track.acknowledge(1, NOW);
  assert.equal(track.due(NOW + 59_000, "resting"), 0);
  assert.equal(track.due(NOW + 60_000, "resting"), 1);
  track.acknowledge(1, NOW + 60_000);
  assert.equal(track.due(NOW + 600_000, "stopped"), 0);
  assert.equal(track.due(NOW + 900_000, "full"), 0, "what was not played is no debt");
  assert.equal(track.due(NOW + 903_000, "full"), 3);
  assert.equal(track.placement.next, 2);
});

test("a wall-clock point keeps its pace whatever the limit says", () => {
  const series = seriesOf(hourlyRows(240));
  const track = new Track(series, firstPlacement(series, NOW), "t", {});
  assert.equal(track.due(NOW, "stopped"), track.due(NOW, "full"));
});
