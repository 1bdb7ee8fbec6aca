import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { openScene, type Body, type Scene } from "../test-scene.ts";

describe("settings of a point", () => {
  let scene: Scene;
  before(async () => (scene = await openScene()));
  after(() => scene.close());

  const configure = (point: string, body: unknown, headers: Record<string, string> = {}): ReturnType<Scene["call"]> => scene.call("PUT", `/api/v1/points/${point}/config`, { body, headers });

  test("are given by plain names from an instant on, and shown with their history, by whom and when", async () => {
    const point = await scene.adopt("pozo", "w-07", "pulsos");
    const { status, body } = await configure(point, { settings: [{ values: { sensorDepthM: 45, pumpDepthM: 60, pipeDiameterMm: 152.4, dialStartM3: 1200, pulseFactorL: 100 } }, { validFrom: "2026-03-01T12:00:00-03:00", values: { pulseFactorL: 10 } }] });
    assert.equal(status, 200, JSON.stringify(body));
    assert.deepEqual(body.settings.map(({ validFrom, values }: Body) => [validFrom, values]), [
      [null, { sensorDepthM: 45, pumpDepthM: 60, pipeDiameterMm: 152.4, dialStartM3: 1200, pulseFactorL: 100 }], ["2026-03-01T15:00:00Z", { pulseFactorL: 10 }],
    ]);
    assert.ok(body.settings.every(({ changedAt, changedBy }: Body) => !Number.isNaN(Date.parse(changedAt)) && changedBy !== ""));
    const unset = (await configure(point, { settings: [{ validFrom: "2026-04-01T00:00:00Z", values: { pumpDepthM: null } }] })).body;
    assert.deepEqual(unset.settings.at(-1).values, { pumpDepthM: null });
    assert.deepEqual((await scene.get(`/api/v1/points/${point}`)).body, unset);
    assert.deepEqual((await scene.get("/api/v1/points?client=pozo")).body.items[0].settings, unset.settings);
  });

  test("that cannot be are refused with the field, what was met and what is expected, in both languages, and change nothing", async () => {
    const point = await scene.adopt("negado", "w-07", "pulsos");
    const rows: [object, string, RegExp, RegExp][] = [
      [{ values: { sensorDepthM: -3 } }, "body.settings.0.sensorDepthM", /sensorDepthM is -3; expected > 0, <= 12000 m/, /sensorDepthM es -3; se esperaba > 0/],
      [{ values: { levelKind: "upside-down" } }, "body.settings.0.levelKind", /levelKind is "upside-down"; expected water-column, /, /se esperaba water-column/],
      [{ values: { depthOfSensor: 3 } }, "body.settings.0.depthOfSensor", /depthOfSensor is no setting/, /no es un ajuste/],
      [{ validFrom: "ayer", values: { sensorDepthM: 3 } }, "body.settings.0.validFrom", /RFC 3339/, /RFC 3339/],
    ];
    for (const [change, field, en, es] of rows) {
      for (const [language, words] of [["en", en], ["es", es]] as const) {
        const refused = await configure(point, { settings: [change] }, { "accept-language": language });
        assert.deepEqual([refused.status, refused.body.code, refused.body.field], [400, "invalid-body", field]);
        assert.match(refused.body.detail, words);
        assert.ok(refused.body.next.length > 10);
      }
    }
    assert.deepEqual((await scene.get(`/api/v1/points/${point}`)).body.settings, []);
  });

  test("stand in a catalogue with unit, bounds and what they mean", async () => {
    const { items } = (await scene.get("/api/v1/variables/settings")).body;
    const by = new Map<string, Body>(items.map((row: Body) => [row.name, row]));
    assert.deepEqual(by.get("sensorDepthM"), { name: "sensorDepthM", unit: "m", says: { en: "Depth of the level sensor", es: "Profundidad del sensor de nivel" }, choices: null, min: null, above: 0, max: 12_000, whole: false });
    assert.ok(by.get("levelKind").choices.includes("pressure"));
    assert.equal(by.get("counterModulus").above, 0);
  });
});
