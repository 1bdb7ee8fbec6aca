import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { openScene, type Body, type Scene } from "../test-scene.ts";

describe("periods of a point's settings, corrected", () => {
  let scene: Scene;
  before(async () => (scene = await openScene()));
  after(() => scene.close());

  const march = "2026-03-01T12:00:00Z";
  const configure = (point: string, ...settings: object[]): ReturnType<Scene["call"]> => scene.call("PUT", `/api/v1/points/${point}/config`, { body: { settings } });
  const periods = async (point: string): Promise<unknown[]> => (await scene.get(`/api/v1/points/${point}`)).body.settings.map(({ validFrom, values, reason }: Body) => [validFrom, values, reason]);

  test("keep their reason; one is corrected alone, says less, begins elsewhere, or is gone as if it had never been", async () => {
    const point = await scene.adopt("pozo", "w-07", "pulsos");
    await configure(point, { values: { pulseFactorL: 100, sensorDepthM: 45 }, reason: "plate" }, { validFrom: march, values: { pulseFactorL: 10 }, reason: "new meter" });
    await configure(point, { values: { pulseFactorL: 50 }, keepLater: true, reason: "plate read again" });
    assert.deepEqual(await periods(point), [[null, { pulseFactorL: 50, sensorDepthM: 45 }, "plate read again"], [march, { pulseFactorL: 10 }, "new meter"]]);
    await configure(point, { forget: ["sensorDepthM"], reason: "another well's" });
    assert.deepEqual(await periods(point), [[null, { pulseFactorL: 50 }, "another well's"], [march, { pulseFactorL: 10 }, "new meter"]]);
    const april = "2026-04-01T00:00:00Z";
    await configure(point, { validFrom: march, forget: ["pulseFactorL"], reason: "wrong day" }, { validFrom: april, values: { pulseFactorL: 10 }, reason: "wrong day" });
    assert.deepEqual(await periods(point), [[null, { pulseFactorL: 50 }, "another well's"], [april, { pulseFactorL: 10 }, "wrong day"]]);
    await configure(point, { validFrom: april, forget: ["pulseFactorL"] });
    assert.deepEqual(await periods(point), [[null, { pulseFactorL: 50 }, "another well's"]]);
    const refused = await configure(point, { forget: ["colour"] });
    assert.deepEqual([refused.status, refused.body.field], [400, "body.settings.0.colour"]);
    assert.equal((await configure(point, { values: {}, reason: "" })).status, 400);
  });

  test("and every change stays to be read, by whom and when, newest first, each client its own", async () => {
    const point = (await scene.get("/api/v1/points?client=pozo")).body.items[0].id;
    const first = (await scene.get(`/api/v1/points/${point}/changes?limit=2`)).body;
    assert.deepEqual(first.items.map(({ action, change }: Body) => [action, change.settings[0].forget]), [["point.configure", ["pulseFactorL"]], ["point.configure", ["pulseFactorL"]]]);
    const rest = (await scene.get(`/api/v1/points/${point}/changes?cursor=${encodeURIComponent(first.next)}`)).body;
    assert.deepEqual([rest.items.length, rest.next], [3, null]);
    assert.ok([...first.items, ...rest.items].every(({ by, at }: Body) => by !== "" && !Number.isNaN(Date.parse(at))));
    assert.equal((await scene.get(`/api/v1/points/${point}/changes`, await scene.token("viewer", ["otro"]))).status, 404);
  });
});
