import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { eventually, measurement, openScene, type Scene } from "../test-scene.ts";

const NOW = Date.parse("2026-03-20T12:07:00Z") * 1000;

interface History {
  readonly items: readonly { readonly time: string }[];
  readonly served: readonly { readonly tier?: string; readonly rollup?: string }[];
}

const raw = (scene: Scene, point: string): Promise<History> => scene.json(`/api/v1/analytics/points/${point}/history?resolution=raw&from=2026-03-19&to=2026-03-21`);
const tiersOf = (history: History): (string | undefined)[] => history.served.map(({ tier }) => tier);

let scene: Scene;

before(async () => {
  scene = await openScene({ nowUs: NOW, paused: ["hot", "warm"] });
});
after(() => scene.close());

test("a tier that fell behind hides nothing: what another has already is read there, until it has caught up", async () => {
  const point = await scene.adopt("demo", "meter", [{ key: "flow", unit: "L/s" }]);
  const old = measurement(point, NOW - 120e6, { flow: 1 }, { receivedAtUs: NOW });
  await scene.hot.write([old]);
  await scene.publish([old, measurement(point, NOW - 60e6, { flow: 2 }, { receivedAtUs: NOW })]);
  await scene.settled();
  const history = await raw(scene, point);
  assert.deepEqual([tiersOf(history), history.items.length], [["cold"], 2]);
  const { items } = await scene.json<{ items: { values: { value: number }[] }[] }>(`/api/v1/analytics/latest?points=${point}`);
  assert.equal(items[0]!.values[0]!.value, 2);
  for (const tier of ["warm", "hot"] as const) {
    await scene.resume(tier);
    await scene.settled();
    await eventually(async () => tiersOf(await raw(scene, point))[0] === tier);
    assert.equal((await raw(scene, point)).items.length, 2);
  }
});

test("a floor that rises while a history is being read makes no hole", async () => {
  const point = await scene.adopt("demo", "fast", [{ key: "flow", unit: "L/s" }]);
  const rows = Array.from({ length: 18_000 }, (_, i) => measurement(point, NOW - 86_400e6 + i * 1e6, { flow: i }, { receivedAtUs: NOW }));
  await scene.publish(rows);
  await scene.settled();
  const { series } = scene.parts;
  const key = { client: "demo", point };
  for (const order of ["ascending", "descending"] as const) {
    const seen: number[] = [];
    for await (const block of series.read({ clients: "all" }, key, { fromUs: NOW - 86_400e6, toUs: NOW, order })) {
      seen.push(...block.columns[0]!.values);
      if (seen.length === block.rows) await scene.hot.raiseFloor({ clients: "all" }, key, NOW - 86_400e6 + (order === "ascending" ? 13_000 : 17_000) * 1e6);
    }
    assert.deepEqual(order === "ascending" ? seen : seen.toReversed(), rows.map((_, i) => i), order);
  }
});

test("a cold tier that stands still hides nothing that hot and warm have; rollups wait for it and are then computed without being asked", async () => {
  const own = await openScene({ nowUs: NOW, paused: ["cold"], settings: { CAUDAL_ROLLUP_EVERY: "20ms" } });
  try {
    const point = await own.adopt("demo", "meter", [{ key: "flow", unit: "L/s" }]);
    await own.publish([measurement(point, NOW - 7200e6, { flow: 1 }, { receivedAtUs: NOW }), measurement(point, NOW - 60e6, { flow: 2 }, { receivedAtUs: NOW })]);
    await own.settled();
    assert.deepEqual(tiersOf(await raw(own, point)), ["hot"]);
    await own.analytics.rollUp();
    assert.ok(own.analytics.status().due > 0);
    assert.ok(await own.metrics.sum("caudal_rollup_marks") > 0);
    const hours = (): Promise<History> => own.json(`/api/v1/analytics/points/${point}/history?resolution=1h&from=2026-03-20&to=2026-03-21`);
    const before = await hours();
    assert.equal(before.items.length, 2);
    await own.resume("cold");
    await own.settled();
    await eventually(() => own.analytics.status().due === 0);
    assert.ok(await own.metrics.sum("caudal_rollup_buckets_total", { resolution: "1d" }) >= 1);
    const after = await hours();
    assert.deepEqual(after.items, before.items);
    assert.ok(after.served.some(({ rollup }) => rollup === "1h"));
  } finally {
    await own.close();
  }
});
