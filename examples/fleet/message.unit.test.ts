import assert from "node:assert/strict";
import { test } from "node:test";
import { arrayElement, labelsOf, oneMessage, rowValues } from "./message.ts";
import { entryOf } from "./test-series.ts";

const ROW = { timeMs: Date.UTC(2026, 6, 1, 12), values: ["6e+05", null] };
const KEYS = [{ key: "total_l", unit: "L", column: 2 }, { key: "battery", unit: "V", column: 3 }];
const LABELS = { time: "compressed" };
const parsed = (style: string, zone = "Europe/Madrid"): unknown => JSON.parse(oneMessage(entryOf({ style, zone, keys: KEYS }), ROW, LABELS) ?? "null");

test("each style says the same row, and what is missing is not said", () => {
  const labels = LABELS;
  assert.deepEqual(parsed("data"), { device_id: "home-1", timestamp: "2026-07-01T14:00:00+02:00", data: { total_l: 600_000 }, labels });
  assert.deepEqual(parsed("values"), { ts: ROW.timeMs, values: { total_l: 600_000 }, labels });
  assert.deepEqual(parsed("flat"), { id: "home-1", total_l: 600_000, ts: ROW.timeMs / 1000, labels });
  assert.deepEqual(parsed("sensors"), { deviceId: "home-1", timestamp: ROW.timeMs, sensors: { total_l: { value: 600_000, unit: "L" } }, labels });
});

test("a written time carries the offset of its zone", () => {
  assert.equal((parsed("data", "Etc/GMT-1") as { timestamp: string }).timestamp, "2026-07-01T13:00:00+01:00");
  assert.equal((parsed("data", "UTC") as { timestamp: string }).timestamp, "2026-07-01T12:00:00Z");
});

test("backfill is an array’s element, with units where the keys tell none", () => {
  assert.equal(arrayElement(entryOf({ keys: KEYS }), ROW, null), `{"ts":${ROW.timeMs},"values":{"total_l":6e+05}}`);
  const withUnits = JSON.parse(arrayElement(entryOf({ keys: KEYS, style: "sensors" }), ROW, LABELS) ?? "") as object;
  assert.deepEqual(withUnits, { ts: ROW.timeMs, sensors: { total_l: { value: 600_000, unit: "L" } }, labels: LABELS });
});

test("a row without any value is no message", () => {
  assert.equal(oneMessage(entryOf({ keys: KEYS }), { timeMs: 0, values: [null, null] }, LABELS), null);
  assert.equal(arrayElement(entryOf({ keys: KEYS }), { timeMs: 0, values: [null, null] }, null), null);
});

test("digits go out as the source wrote them; later rounds go on from the last value", () => {
  assert.deepEqual(rowValues(["6e+05", "7.50", null, "-9999"], ["10", "0", "5", "0"], 0), ["6e+05", "7.50", null, "-9999"]);
  assert.deepEqual(rowValues(["100", "7.50", null], ["100", "0", "5"], 2), ["300", "7.50", null]);
});

test("what JSON does not take as a number is mended or sent as text", () => {
  assert.deepEqual(rowValues(["007", ".5", "Eqp"], ["0", "0", "0"], 0), ["7", "0.5", '"Eqp"']);
});

test("labels name source, credit and licence, and say when time is compressed", () => {
  const dataset = { title: "Homes", credit: "A. Neighbour", licence: "CC0", licenceFile: "L", origin: "o" };
  const origin = { name: "Casa 1", source: "Homes", credit: "A. Neighbour", licence: "CC0" };
  assert.deepEqual(labelsOf(entryOf(), dataset), origin);
  assert.deepEqual(labelsOf(entryOf({ time: "compressed" }), dataset), { time: "compressed", ...origin });
});
