import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { DIRECTORY_CHANNEL, deviceKey, systemScope } from "@caudal/core";
import { all, DAY_MS, eventually, measurement, openScene, type Scene } from "../test-scene.ts";

const us = (text: string): number => Date.parse(text) * 1000;
const NOW = us("2026-03-20T12:00:00Z");
const key = (point: string): { client: string; point: string } => ({ client: "demo", point });
let scene: Scene;

before(async () => {
  scene = await openScene({ nowUs: NOW });
});
after(() => scene.close());

interface Latest {
  readonly point: string;
  readonly values: readonly { readonly variable: string; readonly unit: string; readonly time: string; readonly value: number; readonly flag: number; readonly ageS: number; readonly stale: boolean }[];
  readonly newest: string | null;
  readonly daysWithoutConnection: number | null;
}

test("newest values with their age, looked for in older tiers where hot has none", async () => {
  const point = await scene.adopt("demo", "well", [{ key: "flow", unit: "L/min" }, { key: "battery", unit: "mV" }, { key: "level", unit: "cm" }]);
  await scene.publish([
    measurement(point, NOW - 40 * DAY_MS * 1000, { level: 3.25 }, { receivedAtUs: NOW }),
    measurement(point, NOW - 10 * DAY_MS * 1000, { battery: 3.6, level: { value: 9, flag: 4, reasons: ["above-range"] } }, { receivedAtUs: NOW }),
    measurement(point, NOW - 30e6, { flow: 1.5 }, { receivedAtUs: NOW }),
  ]);
  await scene.settled();
  assert.equal((await scene.hot.latest(all, [key(point)])).length, 1);
  const { items: [found] } = await scene.json<{ items: Latest[] }>(`/api/v1/analytics/latest?points=${point}`);
  assert.deepEqual(found!.values.map(({ variable, unit, value, flag, time }) => [variable, unit, value, flag, time]), [
    ["flow", "L/s", 1.5, 1, "2026-03-20T11:59:30Z"], ["battery", "V", 3.6, 1, "2026-03-10T12:00:00Z"], ["level", "m", 9, 4, "2026-03-10T12:00:00Z"],
  ]);
  assert.ok(found!.values[0]!.ageS >= 30 && found!.values[0]!.ageS < 90);
  const realtime = await scene.json<Latest & { completeness24h: { received: number } }>(`/api/v1/analytics/points/${point}/realtime`);
  assert.deepEqual(realtime.values.map(({ value }) => value), [1.5, 3.6, 9]);
  assert.equal(realtime.completeness24h.received, 1);
});

test("trap 3, trap 4: the connection is the newest time of any variable that a source gave, never when we received it; never seen is null, and a variable a day behind is stale", async () => {
  const latestOf = async (point: string): Promise<Latest> => (await scene.json<{ items: [Latest] }>(`/api/v1/analytics/latest?points=${point}`)).items[0];
  const keys = [{ key: "total", unit: "m3" }, { key: "level", unit: "m" }];
  const never = await latestOf(await scene.adopt("demo", "never", keys));
  assert.deepEqual([never.newest, never.daysWithoutConnection, never.values], [null, null, []]);
  const one = await scene.adopt("demo", "one-input-dead", keys);
  await scene.publish([
    measurement(one, NOW - 160 * DAY_MS * 1000, { total: 9 }, { receivedAtUs: NOW }),
    measurement(one, NOW - 2 * DAY_MS * 1000 - 3600e6, { level: 3 }, { receivedAtUs: NOW }),
  ]);
  const polled = await scene.adopt("demo", "no-clock", keys);
  await scene.publish([
    measurement(polled, NOW - 5 * DAY_MS * 1000, { level: 3 }, { receivedAtUs: NOW }),
    measurement(polled, NOW - 1e6, { total: { value: 4, flag: 1, reasons: ["edge-time"] } }, { receivedAtUs: NOW }),
  ]);
  await scene.settled();
  const alive = await latestOf(one);
  assert.deepEqual([alive.newest, alive.daysWithoutConnection], ["2026-03-18T11:00:00Z", 2]);
  assert.deepEqual(alive.values.map(({ variable, stale }) => [variable, stale]), [["total", true], ["level", false]]);
  const dead = await latestOf(polled);
  assert.deepEqual([dead.newest, dead.daysWithoutConnection], ["2026-03-15T12:00:00Z", 5]);
});

test("a point that two devices feed shows both in their units, and a variable that nobody lists in the catalogue's", async () => {
  const point = await scene.adopt("demo", "logger-1", [{ key: "level", unit: "m" }]);
  const second = await scene.adopt("demo", "logger-2", [{ key: "energy", unit: "kWh" }]);
  await scene.directory.configure(second, { variables: [{ key: "energy", point }] }, { scope: all, by: "test", atUs: NOW });
  await scene.publish([measurement(point, NOW - 60e6, { temperature: 12, energy: 7, level: 1 }, { receivedAtUs: NOW })]);
  await scene.settled();
  await scene.live.publish(DIRECTORY_CHANNEL, deviceKey("demo", "logger-2"));
  const { items: [found] } = await scene.json<{ items: Latest[] }>(`/api/v1/analytics/latest?points=${point}`);
  assert.deepEqual(found!.values.map(({ variable, unit }) => [variable, unit]), [["level", "m"], ["energy", "kWh"], ["temperature", "Cel"]]);
  const { columns } = await scene.json<{ columns: { column: string }[] }>(`/api/v1/analytics/points/${point}/history`);
  assert.deepEqual(columns.map(({ column }) => column), ["level_m", "energy_kwh", "temperature_c"]);
});

test("all points of the scope in pages, those without data too", async () => {
  const silent = await scene.adopt("demo", "silent", [{ key: "flow", unit: "L/s" }]);
  const seen: Latest[] = [];
  let next: string | null = null;
  do {
    const page: { items: Latest[]; next: string | null } = await scene.json(`/api/v1/analytics/latest?limit=1${next === null ? "" : `&cursor=${next}`}`);
    seen.push(...page.items);
    next = page.next;
  } while (next !== null);
  assert.equal(new Set(seen.map(({ point }) => point)).size, seen.length);
  assert.deepEqual(seen.find(({ point }) => point === silent)?.values, []);
});

test("days of a zone with what was expected, received and flagged; nothing is expected before the first fact nor after now", async () => {
  const point = await scene.adopt("demo", "logger", [{ key: "flow", unit: "L/s" }]);
  const start = us("2026-03-18T03:00:00Z");
  const rows = [];
  for (let i = 0; start + i * 600e6 < NOW; i++) if (i % 10 !== 9) rows.push(measurement(point, start + i * 600e6, { flow: { value: 1, flag: i % 100 === 0 ? 3 : 1 } }, { receivedAtUs: NOW }));
  await scene.publish(rows);
  await scene.rolledUp();
  type Days = { items: { point: string; days: { day: string; expected: number; received: number; flagged: number; ratio: number | null }[] }[] };
  const { items: [found] } = await scene.json<Days>(`/api/v1/analytics/completeness?points=${point}&days=4&tz=America/Santiago`);
  assert.deepEqual(found!.days, [
    { day: "2026-03-17", expected: 0, received: 0, flagged: 0, ratio: null },
    { day: "2026-03-18", expected: 144, received: 130, flagged: 2, ratio: 130 / 144 },
    { day: "2026-03-19", expected: 144, received: 130, flagged: 1, ratio: 130 / 144 },
    { day: "2026-03-20", expected: 54, received: 48, flagged: 1, ratio: 48 / 54 },
  ]);
  await scene.directory.configure(point, { periodS: 60 }, { scope: all, by: "test", atUs: NOW });
  await scene.live.publish(DIRECTORY_CHANNEL, deviceKey("demo", "logger"));
  await eventually(async () => (await scene.json<Days>(`/api/v1/analytics/completeness?points=${point}&days=2&tz=-03:00`)).items[0]!.days[0]!.expected === 1440);
  const { items } = await scene.json<Days>("/api/v1/analytics/completeness");
  assert.ok(items.every(({ days }) => days.length === 7));
  assert.equal((await scene.get("/api/v1/analytics/completeness?days=0")).status, 400);
  assert.equal((await scene.get(`/api/v1/analytics/latest?points=${Array.from({ length: 1001 }, (_, i) => `p${i}`).join(",")}`)).status, 400);
});

test("what another device feeds beside its own points is no sign of life", async () => {
  const point = await scene.adopt("demo", "quiet-well", [{ key: "sonda", unit: "kPa" }]);
  await scene.adopt("demo", "barometer", [{ key: "barometer", unit: "kPa" }]);
  await scene.directory.setFeeds("demo", "barometer", [{ key: "barometer", point }], { scope: systemScope, by: "Ana", atUs: NOW });
  await scene.publish([measurement(point, NOW - 3 * DAY_MS * 1000, { sonda: 150 }, { receivedAtUs: NOW }), measurement(point, NOW - 30e6, { barometric_pressure: 95 }, { receivedAtUs: NOW })]);
  await scene.settled();
  const { items: [found] } = await scene.json<{ items: [Latest] }>(`/api/v1/analytics/latest?points=${point}`);
  assert.deepEqual([found.newest, found.daysWithoutConnection], ["2026-03-17T12:00:00Z", 3]);
  assert.deepEqual(found.values.map(({ variable, unit, stale }) => [variable, unit, stale]), [["sonda", "kPa", false], ["barometric_pressure", "kPa", false]]);
});
