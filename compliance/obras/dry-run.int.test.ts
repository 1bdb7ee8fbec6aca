import assert from "node:assert/strict";
import { test } from "node:test";
import { openScene, type Body } from "../test-scene.ts";

const body = (over: object = {}): Body => ({
  client: "acme", name: "Pozo 7", standard: "mayor", water: "groundwater", centreRut: "76.543.210-3", informantRut: "12345678-5",
  feeds: [{ quantity: "flow", point: "p7", variable: "flow" }, { quantity: "total", point: "p7", variable: "total" }, { quantity: "depth", point: "p7", variable: "depth" }],
  submitFrom: "2026-01-01", ...over,
});
const PATH = "/obras/dga/OB-0602-7";

test("a dry run answers the work as it would be, or what is wrong with it, asks for no reason and writes nothing", async (t) => {
  const scene = await openScene();
  t.after(() => scene.close());
  const dry = (over: object = {}, options: object = {}) => scene.call("PUT", `${PATH}?dryRun=true`, { body: body(over), ...options });
  const first = await dry({ version: 0 });
  assert.deepEqual([first.status, first.body.version, first.body.centreRut, first.body.permittedDelayDays, first.body.reason], [200, 1, "76543210-3", 7, ""]);
  assert.deepEqual([await scene.obras.all(), (await scene.call("GET", PATH)).status], [[], 404]);
  assert.deepEqual((await dry({ informantRut: "77555666-7", feeds: [{ quantity: "flow", point: "p7", variable: "flow" }] })).body.errors.map(({ field }: Body) => field), ["body.informantRut", "body.feeds", "body.feeds"]);
  assert.match((await dry({ mode: "live" })).body.errors[0].detail, /password of 12345678-5 at dga is not held/);

  const unsaid = await scene.call("PUT", PATH, { body: body() });
  assert.deepEqual([unsaid.status, unsaid.body.field], [400, "body.reason"], "what is written needs its reason");
  const put = await scene.call("PUT", PATH, { body: body({ reason: "registered" }) });
  assert.deepEqual([(await dry({ version: 1 })).body, (await dry({ name: "Pozo 8", version: 1 })).body.version], [put.body, 2], "what changes nothing keeps its version");
  assert.deepEqual([(await dry({ version: 0 })).body.code, (await dry({ version: 7 })).status], ["state-conflict", 409]);
  assert.deepEqual([(await dry({}, { token: scene.token("auditor", "all") })).status, (await dry({}, { token: scene.token("operator", ["other"]) })).status], [403, 403]);
  assert.deepEqual((await scene.call("GET", `${PATH}/versions`)).body, { items: [put.body], next: null });
});
