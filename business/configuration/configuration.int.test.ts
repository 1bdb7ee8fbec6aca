import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { groups, pointIdOf, topics } from "@caudal/core";
import { openScene, until, type Answer, type Body, type Scene } from "../test-scene.ts";

const PATH = "/api/v1/configuration";

async function opened(context: TestContext): Promise<Scene> {
  const scene = await openScene();
  context.after(() => scene.close());
  return scene;
}

const keys = [{ key: "caudal", variable: "flow", unit: "m3/h" }];
const put = (scene: Scene, devices: readonly unknown[], more: object = {}, token?: string): Promise<Answer> =>
  scene.call("POST", PATH, { body: { devices, ...more }, ...(token === undefined ? {} : { token }) });
const read = async (scene: Scene, device: string, client = "acme"): Promise<Body> => (await scene.call("POST", `${PATH}/read`, { body: { devices: [{ client, device }] } })).body.items[0];

test("a configuration is read in pages, applied whole by compare and set, and published once", async (context) => {
  const scene = await opened(context);
  for (const device of ["w-1", "w-2", "w-3"]) await scene.adopt("acme", device, "caudal");
  await scene.adopt("other", "w-1", "caudal");
  const first = (await scene.get(`${PATH}?client=acme&limit=2`)).body;
  const rest = (await scene.get(`${PATH}?client=acme&limit=2&cursor=${encodeURIComponent(first.next)}`)).body;
  assert.deepEqual([...first.items, ...rest.items].map(({ document }: Body) => document.device), ["w-1", "w-2", "w-3"]);
  assert.deepEqual(first.items[0].document, { client: "acme", device: "w-1", keys: [{ key: "caudal", variable: "flow", unit: "L/s", guessed: true }], points: [{ name: "w-1" }] });
  assert.deepEqual((await scene.get(`${PATH}/clients`)).body.items, [{ client: "acme", name: "Acme" }, { client: "other", name: "Other" }]);

  const document = { client: "acme", device: "w-1", keys, points: [{ name: "Pozo 1", limits: { flow: [{ max: 40 }, { validFrom: "2024-07-01T00:00:00Z", max: 60 }] }, settings: [{ pulseFactorL: 100 }] }] };
  const { status, body } = await put(scene, [{ document, seen: first.items[0].tag }], { reason: "first" });
  assert.deepEqual([status, body.written, body.items[0].outcome], [200, true, "applied"]);
  const after = await read(scene, "w-1");
  assert.deepEqual([after.document, after.tag], [{ ...document, points: [{ ...document.points[0] }] }, body.items[0].tag]);
  await until("it is published", async () => (await scene.all("PointEvent")).length === 1);
  assert.deepEqual((await put(scene, [{ document, seen: after.tag }])).body.items[0].outcome, "unchanged");
  assert.equal((await put(scene, [{ document: { ...document, keys: [] }, seen: "stale" }])).body.items[0].outcome, "conflict");
  assert.deepEqual((await read(scene, "w-1")).tag, after.tag);
  assert.equal((await scene.all("PointEvent")).length, 1);
  const audited = (await scene.audited()).filter(({ action }) => action === "configuration.apply");
  assert.deepEqual(audited.map(({ target }) => target), ["acme/w-1", pointIdOf("acme", "w-1")]);
  const [change] = (await scene.get(`/api/v1/points/${pointIdOf("acme", "w-1")}/changes`)).body.items;
  assert.deepEqual([change.action, change.change.name, change.change.settings], ["configuration.apply", "Pozo 1", [{ validFrom: null, values: { pulseFactorL: 100 }, reason: "first" }]]);
  const point = (await scene.get(`/api/v1/points/${pointIdOf("acme", "w-1")}`)).body;
  assert.deepEqual(point.settings.map(({ reason }: Body) => reason), ["first"]);
});

test("of two who decided on the same state, one writes and the other meets a conflict", async (context) => {
  const scene = await opened(context);
  await scene.adopt("acme", "w-1", "caudal");
  const { tag } = await read(scene, "w-1");
  const replies = await Promise.all(["Uno", "Dos", "Tres"].map((name) => put(scene, [{ document: { client: "acme", device: "w-1", keys, points: [{ name }] }, seen: tag }])));
  assert.deepEqual(replies.map(({ body }) => body.items[0].outcome).sort(), ["applied", "conflict", "conflict"]);
  const name = ["Uno", "Dos", "Tres"][replies.findIndex(({ body }) => body.items[0].outcome === "applied")];
  assert.equal((await read(scene, "w-1")).document.points[0].name, name);
});

test("whatever is wrong is refused with path, words and next step in the caller's language, and nothing of the request is written", async (context) => {
  const scene = await opened(context);
  const good = { document: { client: "acme", device: "good", keys }, seen: null };
  const bad = { client: "acme", device: "bad", keys: [{ key: "a", variable: "flow", unit: "m" }, { key: "b", variable: "flow" }, { key: "c", variable: "level", point: "nowhere" }, { key: "c", variable: "level" }], points: [{ channel: "x" }, { channel: "x", periodS: -1, settings: [{ pulseFactorL: 1, validFrom: "yesterday" }], limits: { flow: [{ least: 1 }] } }] };
  const { body } = await scene.call("POST", PATH, { body: { devices: [good, { document: bad, seen: null }] }, headers: { "accept-language": "es" } });
  assert.deepEqual([body.written, body.items.map(({ outcome }: Body) => outcome)], [false, ["checked", "refused"]]);
  const found = body.items[1].findings.map(({ path, why }: Body) => `${path.join(".")} ${why}`);
  for (const each of ["keys.0.unit unit", "keys.1.variable shared-variable", "keys.2.point unknown-point", "keys.3 repeated", "points.1 repeated"]) assert.ok(found.includes(each), `${each} in ${found.join("; ")}`);
  assert.match(body.items[1].findings.find(({ why }: Body) => why === "unit").detail, /flow no se mide en m/);
  assert.equal((await scene.get("/api/v1/points")).body.items.length, 0);
  const dry = (await put(scene, [good], { dryRun: true })).body;
  assert.deepEqual([dry.written, dry.items[0].outcome, (await scene.get("/api/v1/points")).body.items.length], [false, "checked", 0]);
  const erased = await scene.documents.collection<object>({ name: "erasures", tenant: false, indexes: [["requestedAtUs"]] });
  await erased.insert({ clients: "all" }, { id: "gone", body: { client: "gone", state: "erased", requestedAtUs: 1, by: "x", endedAtUs: 2, counts: {} } });
  await until("the erasure is known", async () => (await put(scene, [{ document: { client: "gone", device: "d" }, seen: null }], { dryRun: true })).body.items[0].findings[0]?.why === "client-erased");
});

test("one device may not give a variable of a point that another gives at the same time; after it has ended it may", async (context) => {
  const scene = await opened(context);
  const well = pointIdOf("acme", "well");
  const barometer = (device: string, span: object): object => ({ document: { client: "acme", device, keys: [{ key: "p", variable: "barometric_pressure", unit: "hPa" }], feeds: [{ key: "p", point: well, ...span }] }, seen: null });
  const first = await put(scene, [barometer("b-1", { validUntil: "2024-06-01T00:00:00Z" }), { document: { client: "acme", device: "well" }, seen: null }]);
  assert.deepEqual(first.body.items.map(({ outcome }: Body) => outcome), ["applied", "applied"], "in one request, in any order");
  const clash = (await put(scene, [barometer("b-2", { validFrom: "2024-05-01T00:00:00Z" })])).body;
  assert.deepEqual([clash.written, clash.items[0].findings[0].why], [false, "fed-by-other"]);
  assert.equal((await put(scene, [barometer("b-2", { validFrom: "2024-06-01T00:00:00Z" })])).body.items[0].outcome, "applied");
  const point = (await scene.get(`/api/v1/points/${well}`)).body;
  assert.deepEqual(point.variables.map(({ device, variable }: Body) => [device, variable]), [["b-2", "barometric_pressure"]]);
});

test("a device that waits is adopted by its file, and what it sent is handed over", async (context) => {
  const scene = await opened(context);
  await scene.directory.noteWaiting("acme", "w-9", { keys: [{ key: "caudal", unit: null }], labels: {}, atUs: 1_700_000_000_000_000 });
  await scene.park({ device: "w-9", reason: "unknown-device", group: groups.mapping, topic: topics.readings });
  const { body } = await put(scene, [{ document: { client: "acme", device: "w-9", keys }, seen: null }]);
  assert.equal(body.items[0].outcome, "applied");
  const device = (await scene.get("/api/v1/devices?client=acme")).body.items[0];
  assert.deepEqual([device.state, device.keys], ["active", [{ key: "caudal", variable: "flow", unit: "m3/h", guessed: false, point: pointIdOf("acme", "w-9") }]]);
  await until("nothing of it waits", async () => (await scene.business.parkedCount()) === 0);
});

test("who may not configure, or not this client, changes and sees nothing", async (context) => {
  const scene = await opened(context);
  await scene.adopt("acme", "w-1", "caudal");
  const [viewer, operator] = [await scene.token("viewer", ["acme"]), await scene.token("operator", ["other"])];
  assert.equal((await put(scene, [], {}, viewer)).status, 403);
  assert.equal((await put(scene, [{ document: { client: "acme", device: "w-1", keys }, seen: null }], {}, operator)).status, 403);
  assert.equal((await scene.call("POST", PATH, { token: operator, body: { remove: [{ client: "acme", device: "w-1", seen: "t" }] } })).status, 403);
  assert.deepEqual((await scene.get(PATH, operator)).body.items, []);
  assert.deepEqual((await scene.call("POST", `${PATH}/read`, { token: operator, body: { devices: [{ client: "acme", device: "w-1" }] } })).body.items, [null]);
  assert.equal((await scene.get(PATH, viewer)).body.items.length, 1);
});

test("only what nobody ever heard of is taken away, and a point that another device feeds stays", async (context) => {
  const scene = await opened(context);
  const well = pointIdOf("acme", "well");
  await scene.adopt("acme", "heard", "caudal");
  await scene.presence({ device: "heard" });
  const made = await put(scene, [{ document: { client: "acme", device: "well", keys: [{ key: "q", channel: "b", variable: "flow" }] }, seen: null }, { document: { client: "acme", device: "baro", keys: [{ key: "p", variable: "level", point: well }] }, seen: null }]);
  assert.deepEqual(made.body.items.map(({ outcome }: Body) => outcome), ["applied", "applied"]);
  const remove = async (device: string): Promise<Body> => {
    const { tag } = await read(scene, device);
    return (await scene.call("POST", PATH, { body: { remove: [{ client: "acme", device, seen: tag }] } })).body.items[0];
  };
  assert.deepEqual([(await remove("heard")).outcome, (await remove("well")).outcome, (await remove("well")).kept], ["kept", "kept", [well]]);
  const stale = (await scene.call("POST", PATH, { body: { remove: [{ client: "acme", device: "baro", seen: "stale" }] } })).body.items[0];
  assert.deepEqual([stale.outcome, (await remove("baro")).outcome, (await remove("well")).outcome], ["conflict", "removed", "removed"]);
  assert.equal((await read(scene, "well")), null);
  const { document, tag } = await read(scene, "heard");
  const less = await put(scene, [{ document: { ...document, points: [] , keys: document.keys.map((key: Body) => ({ ...key, channel: "c" })) }, seen: tag }]);
  assert.equal(less.body.items[0].outcome, "applied");
  assert.deepEqual((await read(scene, "heard")).document.points.map(({ channel }: Body) => channel), [undefined, "c"]);
});
