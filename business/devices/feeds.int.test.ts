import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { DIRECTORY_CHANNEL, systemScope } from "@caudal/core";
import { openScene, type Body, type Scene } from "../test-scene.ts";

const UNKNOWN_POINT = "0000000000000000000g";

describe("feeds of a device", () => {
  let scene: Scene;
  let wells: string[];
  before(async () => {
    scene = await openScene();
    await scene.adopt("acme", "baro", "aire");
    wells = [];
    for (const well of ["w-1", "w-2", "w-3"]) wells.push(await scene.adopt("acme", well, "sonda"));
    const { body } = await scene.get("/api/v1/devices?client=acme");
    const baro = body.items.find((row: Body) => row.device === "baro").points[0];
    await scene.call("PUT", `/api/v1/points/${baro}/config`, { body: { variables: [{ key: "aire", variable: "barometric_pressure", unit: "hPa" }] } });
  });
  after(() => scene.close());

  const path = "/api/v1/devices/acme/baro/feeds";
  const set = (feeds: readonly object[], more: object = {}, token?: string): ReturnType<Scene["call"]> => scene.call("PUT", path, { body: { feeds, ...more }, ...(token === undefined ? {} : { token }) });
  const listed = async (query = ""): Promise<Body[]> => (await scene.get(`${path}${query}`)).body.items;

  test("a dry run checks and writes nothing; a word is written, told and listed, and the point shows it", async () => {
    const feeds = wells.slice(0, 2).map((point) => ({ key: "aire", point }));
    const trial = await set(feeds, { dryRun: true });
    assert.deepEqual([trial.status, trial.body.before, trial.body.after, trial.body.changed, trial.body.dryRun], [200, 0, 2, true, true]);
    assert.deepEqual(await listed(), []);
    const told: string[] = [];
    const stop = await scene.live.subscribe(DIRECTORY_CHANNEL, (id) => told.push(id));
    const { body } = await set([...feeds.slice(1), { ...feeds[0], validFrom: "2026-03-01T00:00:00Z" }]);
    assert.deepEqual([body.before, body.after, body.changed], [0, 2, true]);
    await stop();
    assert.deepEqual(told, ["acme/baro"]);
    const rows = await listed();
    assert.deepEqual(rows.map(({ name, key, variable, unit, validFrom, validUntil }) => [name, key, variable, unit, validFrom, validUntil]).sort(), [
      ["w-1", "aire", "barometric_pressure", "mbar", "2026-03-01T00:00:00Z", null], ["w-2", "aire", "barometric_pressure", "mbar", null, null],
    ]);
    assert.deepEqual((await set(feeds.slice(1))).body.changed, false, "the same word twice changes nothing");
    const point = (await scene.get(`/api/v1/points/${wells[0]}`)).body;
    assert.deepEqual(point.variables.filter((row: Body) => row.device === "baro").map((row: Body) => [row.key, row.variable, row.unit]), [["aire", "barometric_pressure", "kPa"]]);
    assert.equal((await scene.get("/api/v1/devices?client=acme")).body.items.find((row: Body) => row.device === "baro").feeds, 2);
    const { items } = await (await scene.documents.collection<{ action: string; target: string }>({ name: "audit", tenant: true })).find(systemScope, { limit: 100 });
    assert.deepEqual(items.filter((row) => row.body.action === "device.feeds").map((row) => row.body.target), ["acme/baro"]);
  });

  test("the list pages on, and takes away what is taken away", async () => {
    await set([{ key: "aire", point: wells[2] }]);
    const first = (await scene.get(`${path}?limit=2`)).body;
    const second = (await scene.get(`${path}?limit=2&cursor=${encodeURIComponent(first.next)}`)).body;
    assert.deepEqual([...first.items, ...second.items].map(({ point }) => point).sort(), wells.toSorted());
    assert.equal(second.next, null);
    assert.equal((await listed("?key=nobody")).length, 0);
    await set([{ key: "aire", point: wells[2], removed: true, validFrom: "2026-06-01T00:00:00Z" }]);
    assert.deepEqual((await listed()).filter(({ point }) => point === wells[2]).map(({ validUntil }) => validUntil), ["2026-06-01T00:00:00Z"]);
    await set([{ key: "aire", point: wells[2], removed: true }]);
    assert.equal((await listed()).length, 2);
  });

  test("limits of a fed variable are set at the point; what the key means is not", async () => {
    const config = (variables: readonly object[]): ReturnType<Scene["call"]> => scene.call("PUT", `/api/v1/points/${wells[1]}/config`, { body: { variables } });
    const limited = await config([{ key: "aire", min: 60 }]);
    assert.deepEqual([limited.status, limited.body.variables.find((row: Body) => row.key === "aire")?.min], [200, 60]);
    const refused = await config([{ key: "aire", unit: "kPa" }]);
    assert.deepEqual([refused.status, refused.body.field], [400, "body.variables.0.key"]);
    assert.match(refused.body.detail, /beside its own/);
  });

  test("what cannot be is refused, names its field, and leaves everything as it was", async () => {
    const before = await listed();
    const refusals: readonly (readonly [object, string, RegExp])[] = [
      [{ key: "nadie", point: wells[0] }, "body.feeds.1.key", /nadie/],
      [{ key: "aire", point: UNKNOWN_POINT }, "body.feeds.1.point", new RegExp(UNKNOWN_POINT)],
      [{ key: "aire", point: wells[0], variable: "level" }, "body.feeds.1.variable", /level/],
      [{ key: "aire", point: wells[0], validFrom: "2026-01-02T00:00:00Z", validUntil: "2026-01-01T00:00:00Z" }, "body.feeds.1.validUntil", /aire/],
      [{ key: "aire", point: wells[0], validFrom: "ayer" }, "body.feeds.1.validFrom", /RFC 3339/],
    ];
    for (const [change, field, says] of refusals) {
      const { status, body } = await set([{ key: "aire", point: wells[2] }, change]);
      assert.deepEqual([status, body.code, body.field], [400, "invalid-body", field]);
      assert.match(body.detail, says);
      assert.ok(body.next.length > 0);
    }
    await scene.adopt("acme", "baro-2", "aire");
    const other = (await scene.get("/api/v1/devices?client=acme")).body.items.find((row: Body) => row.device === "baro-2").points[0];
    await scene.call("PUT", `/api/v1/points/${other}/config`, { body: { variables: [{ key: "aire", variable: "barometric_pressure", unit: "hPa" }] } });
    const taken = await scene.call("PUT", "/api/v1/devices/acme/baro-2/feeds", { body: { feeds: [{ key: "aire", point: wells[1] }] } });
    assert.deepEqual([taken.status, taken.body.field], [400, "body.feeds.0.point"]);
    assert.match(taken.body.detail, /device baro/);
    assert.equal((await set(Array.from({ length: 2001 }, (_, at) => ({ key: "aire", point: `p${at}` })))).status, 400);
    assert.deepEqual(await listed(), before);
  });

  test("it asks for a device that is there, a role that may, and points of the same client", async () => {
    await scene.adopt("otra", "w-9", "sonda");
    assert.equal((await scene.get("/api/v1/devices/acme/nadie/feeds")).status, 404);
    assert.equal((await scene.call("PUT", "/api/v1/devices/acme/nadie/feeds", { body: { feeds: [{ key: "a", point: "b" }] } })).status, 404);
    assert.equal((await set([{ key: "aire", point: wells[2] }], {}, await scene.token("viewer", ["acme"]))).status, 403);
    assert.equal((await set([{ key: "aire", point: wells[2] }], {}, await scene.token("operator", ["otra"]))).status, 404);
    const strange = (await scene.get("/api/v1/devices?client=otra")).body.items[0].points[0];
    assert.equal((await set([{ key: "aire", point: strange }])).body.field, "body.feeds.0.point");
  });
});
