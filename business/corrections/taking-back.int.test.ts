import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { openScene, type Body, type Scene } from "../test-scene.ts";

const T0 = 1_772_366_400_000_000;
const HOUR_US = 3_600_000_000;
const at = (hour: number): string => new Date((T0 + hour * HOUR_US) / 1000).toISOString();

describe("corrections that are taken back", () => {
  let scene: Scene;
  let point = "";
  before(async () => {
    scene = await openScene();
    point = await scene.adopt("acme", "w-07", "flow");
  });
  after(() => scene.close());

  /** A fact in cold: authority 0 is the source's, 1 a person's. */
  const fact = (hour: number, value: number | null, authority: number, knownAtUs: number): Promise<unknown> => scene.cold.write([{
    eventId: `f${hour}-${authority}-${knownAtUs}`, client: "acme", point, device: "w-07", channel: "", source: "s", transport: "t", instantUs: T0 + hour * HOUR_US, observedAtUs: null, receivedAtUs: T0, authority, knownAtUs, causeId: "c",
    facts: [{ variable: "flow", value, flag: value === null ? 2 : 1, reasons: value === null ? ["withdrawn"] : authority === 1 ? ["corrected"] : [] }], labels: {},
  }]);
  const say = (body: object): ReturnType<Scene["call"]> => scene.call("POST", `/api/v1/points/${point}/corrections`, { body: { variable: "flow", reason: "the tape was read wrong", ...body } });
  const events = async (): Promise<Body[]> => (await scene.all("PointEvent")).filter(({ kind }) => kind === "correction").map(({ eventId, body }) => ({ eventId, ...JSON.parse(body ?? "") }));

  test("give back what the source said last of each instant, and leave what nobody corrected alone", async () => {
    for (const [hour, value] of [[0, 5], [1, 6], [2, 5], [3, 9], [4, 7]] as const) await fact(hour, value, 0, 100 + hour);
    await fact(1, 6.5, 0, 300);
    for (const hour of [0, 1, 2]) await fact(hour, 1, 1, 500);
    await fact(3, null, 1, 500);
    await fact(8, 3, 1, 500);
    const trial = (await say({ from: at(0), to: at(9), restore: true, dryRun: true })).body;
    assert.deepEqual(trial.facts.map(({ at: time, before, after: then }: Body) => [time.slice(11, 13), before.value, then]), [["12", 1, 5], ["13", 1, 6.5], ["14", 1, 5], ["15", null, 9], ["20", 3, null]]);
    assert.deepEqual(await events(), []);
    const { status, body } = await say({ from: at(0), to: at(9), restore: true });
    assert.deepEqual([status, body.restored, body.value], [200, true, null]);
    const told = await events();
    assert.deepEqual(told.map(({ value, timesUs }) => [value, timesUs.map((timeUs: number) => (timeUs - T0) / HOUR_US)]), [[5, [0, 2]], [6.5, [1]], [9, [3]], [null, [8]]]);
    assert.equal(new Set(told.map(({ eventId }) => eventId)).size, 4);
    assert.ok(told.every(({ eventId }) => eventId.startsWith(body.id)), "ids follow from the correction, so that a crash publishes the same");
  });

  test("are listed as such, and of one instant with the value that holds again there", async () => {
    const all = (await scene.get(`/api/v1/points/${point}/corrections`)).body.items;
    assert.deepEqual(all.map(({ restored, value, facts }: Body) => [restored, value, facts]), [[true, null, 5]]);
    const one = (await scene.get(`/api/v1/points/${point}/corrections?variable=flow&at=${encodeURIComponent(at(1))}`)).body.items;
    assert.deepEqual(one.map(({ restored, value, reason }: Body) => [restored, value, reason]), [[true, 6.5, "the tape was read wrong"]]);
    assert.deepEqual((await scene.get(`/api/v1/points/${point}/corrections?at=${encodeURIComponent(at(4))}`)).body.items, []);
    assert.deepEqual((await scene.get(`/api/v1/points/${point}/corrections?variable=level`)).body.items, []);
  });

  test("where nobody corrected anything, or where too many values would hold again, it is refused with its field", async () => {
    const nothing = await say({ at: at(4), restore: true });
    assert.deepEqual([nothing.status, nothing.body.field], [400, "body.restore"]);
    for (let hour = 100; hour < 170; hour++) {
      await fact(hour, hour, 0, 600);
      await fact(hour, 1, 1, 700);
    }
    const many = await say({ from: at(100), to: at(170), restore: true });
    assert.deepEqual([many.status, many.body.field], [400, "body.to"]);
    assert.equal((await say({ at: at(4), restore: true, value: 2 })).body.field, "body.value");
  });
});
