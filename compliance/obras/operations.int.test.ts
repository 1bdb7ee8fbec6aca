import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { onEachStore } from "../ledger/test-stores/each-store.ts";
import { openScene, type Body, type Scene, type SceneOptions } from "../test-scene.ts";

const body = (over: object = {}): Body => ({
  client: "acme", name: "Pozo 7", standard: "mayor", water: "groundwater", centreRut: "76.543.210-3", informantRut: "12345678-5",
  feeds: [{ quantity: "flow", point: "p7", variable: "flow" }, { quantity: "total", point: "p7", variable: "total" }, { quantity: "depth", point: "p7", variable: "depth" }],
  submitFrom: "2026-01-01", reason: "registered", ...over,
});

onEachStore((store, open) => {
  async function sceneOf(t: TestContext, options: SceneOptions = {}): Promise<Scene> {
    const { first } = await open(t);
    const scene = await openScene({ ...options, documents: first });
    t.after(() => scene.close());
    return scene;
  }

  test(`${store}: a work is put, read, put back changed as it was read, and told as it was`, async (t) => {
    const scene = await sceneOf(t);
    const put = await scene.call("PUT", "/obras/dga/OB-0602-7", { body: body() });
    assert.equal(put.status, 200, put.text);
    assert.deepEqual([put.body.work, put.body.centreRut, put.body.submitFrom, put.body.mode, put.body.version, put.body.changedBy], ["dga/OB-0602-7", "76543210-3", "2026-01-01T04:00:00Z", "off", 1, "local"]);
    const read = await scene.call("GET", "/obras/dga/OB-0602-7");
    assert.deepEqual(read.body, put.body);
    assert.equal((await scene.call("PUT", "/obras/dga/OB-0602-7", { body: { ...read.body, reason: "nothing new" } })).body.version, 1);
    const changed = await scene.call("PUT", "/obras/dga/OB-0602-7", { body: { ...read.body, endsAt: "2030-01-01T00:00:00Z", knownDefect: { since: "2026-02-01", reason: "probe cut" }, reason: "defect" } });
    assert.deepEqual([changed.body.version, changed.body.endsAt, changed.body.knownDefect], [2, "2030-01-01T00:00:00Z", { since: "2026-02-01T04:00:00Z", reason: "probe cut" }]);
    const late = await scene.call("PUT", "/obras/dga/OB-0602-7", { body: { ...read.body, name: "late", reason: "late" } });
    assert.deepEqual([late.status, late.body.code, late.body.field], [409, "state-conflict", "body.version"]);
    const versions = await scene.call("GET", "/obras/dga/OB-0602-7/versions");
    assert.deepEqual(versions.body, { items: [put.body, changed.body], next: null });
    for (const path of ["/obras/dga/OB-0602-8", "/obras/dga/OB-0602-8/versions"]) assert.deepEqual([(await scene.call("GET", path)).status, (await scene.call("GET", path)).body.code], [404, "obra-not-found"]);
  });

  test(`${store}: lists are paged, by client and regulator, within the caller's scope`, async (t) => {
    const scene = await sceneOf(t);
    for (const [code, client] of [["OB-0602-7", "acme"], ["OB-0602-8", "other"], ["OB-0602-9", "acme"]]) assert.equal((await scene.call("PUT", `/obras/dga/${code}`, { body: body({ client }) })).status, 200);
    const codes = async (query: string, token?: string): Promise<Body> => (await scene.call("GET", `/obras${query}`, token === undefined ? {} : { token })).body.items.map(({ code }: Body) => code);
    assert.deepEqual(await codes("?client=acme&regulator=dga"), ["OB-0602-7", "OB-0602-9"]);
    assert.deepEqual(await codes("", scene.token("viewer", ["other"])), ["OB-0602-8"]);
    const page = await scene.call("GET", "/obras?limit=2");
    assert.deepEqual(await codes(`?cursor=${page.body.next}`), ["OB-0602-9"]);
    assert.equal((await scene.call("GET", "/obras?cursor=none")).body.code, "invalid-cursor");
    const exported = await scene.call("GET", "/obras/export?client=acme");
    assert.deepEqual([exported.headers.get("content-type"), exported.text.trim().split("\r\n").length], ["text/csv; charset=utf-8", 3]);
  });

  test(`${store}: what is wrong is named by its field in the caller's language, and nothing is written`, async (t) => {
    const scene = await sceneOf(t);
    const refused = async (over: object, language = "en"): Promise<Body> => {
      const answer = await scene.call("PUT", "/obras/dga/OB-0602-7", { body: body(over), language });
      assert.equal(answer.status, 400, answer.text);
      return answer.body.errors;
    };
    assert.deepEqual(await refused({ informantRut: "77555666-7" }), [{ field: "body.informantRut", detail: "the check digit should be 8" }]);
    assert.deepEqual(await refused({ informantRut: "77555666-7" }, "es"), [{ field: "body.informantRut", detail: "el dígito verificador debería ser 8" }]);
    assert.deepEqual((await refused({ submitFrom: "soon", endsAt: "later", knownDefect: { since: "x", reason: "y" } })).map(({ field }: Body) => field), ["body.submitFrom", "body.endsAt", "body.knownDefect.since"]);
    assert.deepEqual((await refused({ endsAt: "2025-01-01" })).map(({ field }: Body) => field), ["body.endsAt"]);
    assert.deepEqual((await refused({ reason: "" })).map(({ field }: Body) => field), ["body.reason"]);
    assert.equal((await scene.call("PUT", "/obras/dga/OB-0602-0", { body: body() })).body.errors[0].field, "body.code");
    assert.equal((await scene.call("PUT", "/obras/dgx/OB-0602-7", { body: body() })).status, 400);
    assert.deepEqual(await scene.obras.all(), []);
  });

  test(`${store}: who may change works: operators of the client; auditors and viewers read, devices do not`, async (t) => {
    const scene = await sceneOf(t);
    const as = async (role: "operator" | "auditor" | "viewer" | "device" | "compliance", method: string, given: object = {}): Promise<number> => (await scene.call(method, "/obras/dga/OB-0602-7", { token: scene.token(role, ["acme"]), ...given })).status;
    assert.equal(await as("auditor", "PUT", { body: body() }), 403);
    assert.equal(await as("operator", "PUT", { body: body({ client: "other" }) }), 403);
    assert.equal(await as("operator", "PUT", { body: body() }), 200);
    assert.equal(await as("auditor", "GET"), 200);
    assert.equal(await as("device", "GET"), 403);
    const taken = await scene.call("PUT", "/obras/dga/OB-0602-7", { body: body({ client: "other" }), token: scene.token("operator", ["other"]) });
    assert.equal(taken.status, 409);
  });

  test(`${store}: live needs an installation that sends and the informant's password`, async (t) => {
    const shadow = await sceneOf(t, { mode: "shadow" });
    assert.match((await shadow.call("PUT", "/obras/dga/OB-0602-7", { body: body({ mode: "live" }) })).body.errors[0].detail, /CAUDAL_DGA_MODE is shadow/);
    for (const mode of ["sandbox", "live"] as const) {
      const scene = await sceneOf(t, { mode });
      assert.match((await scene.call("PUT", "/obras/dga/OB-0602-7", { body: body({ mode: "live" }) })).body.errors[0].detail, /password of 12345678-5 at dga is not held/);
      assert.equal((await scene.call("PUT", "/credentials/dga/12345678-5", { body: { password: "synthetic" } })).status, 204);
      assert.equal((await scene.call("PUT", "/obras/dga/OB-0602-7", { body: body({ mode: "live" }) })).body.mode, "live");
    }
  });
});
