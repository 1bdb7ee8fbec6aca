import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { DIRECTORY_CHANNEL, pointIdOf, systemScope } from "@caudal/core";
import { openScene, until, type Body, type Scene } from "../test-scene.ts";

describe("points", () => {
  let scene: Scene;
  before(async () => (scene = await openScene()));
  after(() => scene.close());

  const configure = (point: string, body: unknown, headers: Record<string, string> = {}, token?: string): ReturnType<Scene["call"]> =>
    scene.call("PUT", `/api/v1/points/${point}/config`, { body, headers, ...(token === undefined ? {} : { token }) });

  async function pages(query: string): Promise<Body[][]> {
    const found: Body[][] = [];
    let cursor = "";
    do {
      const { status, body } = await scene.get(`/api/v1/points?${query}${cursor}`);
      assert.equal(status, 200);
      found.push(body.items);
      cursor = body.next === null ? "" : `&cursor=${encodeURIComponent(body.next)}`;
    } while (cursor !== "");
    return found;
  }

  test("the list pages by name, filters by client, and search reads on until the page is full", async () => {
    for (let at = 0; at < 9; at++) await scene.adopt("lista", `m-${at}`, "caudal");
    await configure(pointIdOf("lista", "m-8"), { name: "orilla Río Ñuble" });
    const paged = await pages("client=lista&limit=4");
    assert.deepEqual(paged.map((page) => page.length), [4, 4, 1]);
    assert.deepEqual(paged.flat().map(({ name }) => name), [...Array.from({ length: 8 }, (_, at) => `m-${at}`), "orilla Río Ñuble"]);
    assert.deepEqual((await pages("client=lista&limit=1&q=RIO%20NUBLE")).flat().map(({ device }) => device), ["m-8"]);
    assert.deepEqual((await pages("limit=2&q=lista")).map((page) => page.length), [2, 2, 2, 2, 1]);
    assert.deepEqual(await pages("client=lista&q=nothing-such"), [[]]);
    assert.equal((await scene.get("/api/v1/points?client=lista&q=")).body.items.length, 9);
    assert.deepEqual((await scene.get("/api/v1/points?client=nobody")).body, { items: [], next: null });
    const bad = await scene.get("/api/v1/points?cursor=!!!");
    assert.deepEqual([bad.status, bad.body.code, bad.body.field], [400, "invalid-cursor", "query.cursor"]);
    const limit = await scene.get("/api/v1/points?limit=1001");
    assert.deepEqual([limit.status, limit.body.field], [400, "query.limit"]);
  });

  test("a point shows what its keys mean, guesses as guesses, in stored and source units", async () => {
    const point = await scene.adopt("muestra", "w-07", "caudal_m3h", "wind");
    const { status, body, headers } = await scene.get(`/api/v1/points/${point}/`);
    assert.equal(status, 200);
    const { variables, ...rest } = body;
    assert.deepEqual(rest, { id: point, client: "muestra", name: "w-07", device: "w-07", channel: "", labels: {}, adoptedBy: "auto", createdAt: "2023-11-14T22:13:20Z", periodS: null, settings: [], limits: [], recomputing: null, version: 1 });
    assert.deepEqual(variables, [
      { key: "caudal_m3h", device: "w-07", channel: "", variable: "flow", name: { en: "Flow", es: "Caudal" }, kind: "rate", unit: "L/s", sourceUnit: "m3/h", decimals: 2, column: "flow_lps", guessed: true, ignored: false, beside: false, min: 0, max: null, maxRatePerS: null, flatLineS: null },
      { key: "wind", device: "w-07", channel: "", variable: "wind", name: { en: "wind", es: "wind" }, kind: "state", unit: "", sourceUnit: "", decimals: null, column: "wind", guessed: true, ignored: false, beside: false, min: null, max: null, maxRatePerS: null, flatLineS: null },
    ]);
    const again = await scene.call("GET", `/api/v1/points/${point}`, { headers: { "if-none-match": headers.get("etag") ?? "" } });
    assert.equal(again.status, 304);
    await scene.directory.learnKeys("muestra", "w-07", { keys: [{ key: "nivel", unit: null }], atUs: 1 });
    const learned = await scene.call("GET", `/api/v1/points/${point}`, { headers: { "if-none-match": headers.get("etag") ?? "" } });
    assert.deepEqual([learned.status, learned.body.variables.length, learned.body.version], [200, 3, 1], "a learned key is news to whoever holds the old answer");
  });

  test("a rename, a mended guess, limits, a period and an ignored key in one change", async (context) => {
    const point = await scene.adopt("cambio", "w-07", "caudal", "nivel", "señal");
    const nudges: string[] = [];
    context.after(await scene.live.subscribe(DIRECTORY_CHANNEL, (id) => nudges.push(id)));
    const { status, body, headers } = await configure(point, {
      name: "  Pozo 7 ", periodS: 900, variables: [{ key: "caudal", variable: "flow", unit: "m³/h", min: 0.5, max: 40, maxRatePerS: 2, flatLineS: 3600 }, { key: "señal", ignored: true }, { key: "nivel", variable: "depth", validFrom: "2024-05-01T00:00:00-04:00" }],
    });
    assert.equal(status, 200, JSON.stringify(body));
    assert.deepEqual([body.name, body.periodS, body.version], ["Pozo 7", 900, 2]);
    const by = Object.fromEntries(body.variables.map((row: Body) => [row.key, row]));
    assert.deepEqual([by.caudal.unit, by.caudal.sourceUnit, by.caudal.guessed, by.caudal.min, by.caudal.max, by.caudal.maxRatePerS, by.caudal.flatLineS], ["L/s", "m3/h", false, 0.5, 40, 2, 3600]);
    assert.deepEqual([by["señal"].ignored, by.nivel.variable], [true, "depth"]);
    assert.deepEqual((await scene.get(`/api/v1/points/${point}`)).body, body);
    assert.equal(headers.get("etag"), (await scene.get(`/api/v1/points/${point}`)).headers.get("etag"));
    await until("mapping is told", () => nudges.includes("cambio/w-07"));
    const back = (await configure(point, { periodS: null, variables: [{ key: "caudal", min: null, max: null }, { key: "señal", ignored: false }] })).body;
    assert.deepEqual([back.periodS, back.version, back.variables.find((row: Body) => row.key === "caudal").min], [null, 3, 0]);
    const named = (await configure(point, { name: "Only" })).body;
    assert.deepEqual([named.name, nudges.length], ["Only", 2], "a name is nothing to mapping");
  });

  test("limits hold from the instants that they name, and their history is shown with who, when and why", async () => {
    const point = await scene.adopt("limites", "w-07", "caudal");
    await configure(point, { variables: [{ key: "caudal", variable: "flow", unit: "m3/h", max: 40 }] });
    const { status, body } = await configure(point, { limits: [{ variable: "flow", validFrom: "2024-05-01T00:00:00-04:00", values: { max: 60, stuckM3: 9 }, reason: "bomba nueva" }, { variable: "flow", validFrom: "2124-01-01T00:00:00Z", values: { max: 1 } }] });
    assert.equal(status, 200, JSON.stringify(body));
    assert.deepEqual(body.limits.map(({ changedAt: _, changedBy, ...period }: Body) => [period, changedBy !== ""]), [
      [{ variable: "flow", validFrom: null, values: { max: 40 } }, true], [{ variable: "flow", validFrom: "2024-05-01T04:00:00Z", values: { max: 60, stuckM3: 9 }, reason: "bomba nueva" }, true],
      [{ variable: "flow", validFrom: "2124-01-01T00:00:00Z", values: { max: 1 } }, true],
    ]);
    assert.equal(body.variables[0].max, 60, "what is in force now");
    const refused = await configure(point, { limits: [{ variable: "flow", validFrom: "2024-05-01T00:00:00-04:00", values: { min: 61 } }] });
    assert.deepEqual([refused.status, refused.body.field], [400, "body.limits.0.min"]);
    assert.deepEqual([(await configure(point, { limits: [{ variable: "flow", values: { top: 1 } }] })).body.field, (await scene.get(`/api/v1/points/${point}`)).body.version], ["body.limits.0.top", 3]);
  });

  test("what cannot be is refused with the field, the words and the next step, and changes nothing", async () => {
    const point = await scene.adopt("malo", "w-07", "caudal", "nivel");
    const other = await scene.adopt("otro", "w-01", "caudal");
    await scene.adopt("malo", "w-08", "ph");
    const rows: [unknown, string, RegExp][] = [
      [{ variables: [{ key: "nivel", unit: "m" }, { key: "caudal", unit: "bar" }] }, "body.variables.1.unit", /flow is not measured in bar/],
      [{ variables: [{ key: "caudal", unit: "x".repeat(40) }] }, "body.variables.0.unit", /at most 32/],
      [{ variables: [{ key: "nobody", unit: "m" }] }, "body.variables.0.key", /sends the key nobody/],
      [{ variables: [{ key: "nobody", max: 3 }] }, "body.variables.0.key", /sends the key nobody/],
      [{ variables: [{ key: "caudal", variable: "Caudal Ñ" }] }, "body.variables.0.variable", /cannot be the name/],
      [{ variables: [{ key: "caudal", channel: "\u0007" }] }, "body.variables.0.channel", /control/],
      [{ variables: [{ key: "caudal", variable: "level", unit: "m" }] }, "body.variables.0.variable", /cannot both be level/],
      [{ variables: [{ key: "caudal", point: other }] }, "body.variables.0.point", /has no point/],
      [{ variables: [{ key: "caudal", device: "w-08", max: 1 }] }, "body.variables.0.device", /w-08 does not feed/],
      [{ variables: [{ key: "caudal", min: 3, max: 2 }] }, "body.variables.0.min", /min 3 is above max 2/],
      [{ variables: [{ key: "caudal", validFrom: "yesterday" }] }, "body.variables.0.validFrom", /RFC 3339/],
      [{ variables: [{ key: "caudal", channel: "2", max: 3 }] }, "body.variables.0.max", /feeds point/],
      [{ variables: Array.from({ length: 1024 }, (_, at) => ({ key: "caudal", validFrom: new Date(at * 1000).toISOString() })) }, "body.variables", /1024 times/],
      [{ name: " " }, "body.name", /name/], [{ name: "x".repeat(121) }, "body.name", /name/], [{ periodS: 0 }, "body.periodS", /periodS/],
      [{ variables: [{ key: "caudal", flatLineS: -1 }] }, "body.variables.0.flatLineS", /flatLineS/], [{ name: 3 }, "body.name", /name/], [{ nome: "x" }, "body", /nome/],
    ];
    for (const [body, field, words] of rows) {
      const answer = await configure(point, body);
      assert.deepEqual([answer.status, answer.body.code, answer.body.field], [400, "invalid-body", field], JSON.stringify(answer.body));
      assert.match(answer.body.detail, words);
      assert.ok(answer.body.next.length > 10 && answer.body.errors[0].field === field);
      assert.match(answer.headers.get("content-type") ?? "", /^application\/problem\+json/);
    }
    const spanish = await configure(point, { variables: [{ key: "caudal", unit: "bar" }] }, { "accept-language": "es-CL" });
    assert.match(spanish.body.detail, /flow no se mide en bar/);
    assert.match(spanish.body.next, /L\/s, L\/min/);
    assert.equal((await scene.get(`/api/v1/points/${point}`)).body.version, 1);
    await scene.directory.collections.devices.remove(systemScope, "malo/w-07");
    const alone = await configure(point, { variables: [{ key: "caudal", unit: "L/s" }] });
    assert.deepEqual([alone.status, alone.body.field], [400, "body.variables.0.key"]);
    assert.equal((await configure(point, { name: "Sin equipo" })).body.name, "Sin equipo");
  });

  test("If-Match decides between two people, by version or by tag; publishing is nobody's change", async () => {
    const point = await scene.adopt("dos", "w-07", "caudal");
    const first = await configure(point, { name: "Uno" }, { "if-match": '"1"' });
    assert.deepEqual([first.status, first.body.version], [200, 2]);
    await until("the change stands on the topic", async () => (await scene.directory.collections.points.get(systemScope, point))?.body.unpublished === false);
    const late = await configure(point, { name: "Otro" }, { "if-match": '"1"' });
    assert.deepEqual([late.status, late.body.code, late.body.field], [412, "precondition-failed", "If-Match"]);
    assert.equal(late.headers.get("etag"), first.headers.get("etag"));
    assert.equal((await configure(point, { name: "Dos" }, { "if-match": '"2"' })).status, 200, "still the version that the first answer gave");
    const { headers } = await scene.get(`/api/v1/points/${point}`);
    assert.equal((await configure(point, { name: "Tres" }, { "if-match": `W/"x", ${headers.get("etag")}` })).status, 200);
    assert.equal((await configure(point, { name: "Cuatro" }, { "if-match": headers.get("etag") ?? "" })).status, 412);
    assert.equal((await configure(point, { name: "Cinco" }, { "if-match": "*" })).status, 200);
    const both = await Promise.all(["a", "b", "c", "d"].map((name) => configure(point, { name }, { "if-match": '"5"' })));
    assert.deepEqual(both.map(({ status }) => status).sort(), [200, 412, 412, 412]);
  });

  test("nobody sees or changes what is not theirs", async () => {
    const point = await scene.adopt("ajeno", "w-07", "caudal");
    const [stranger, viewer, device] = [await scene.token("operator", ["lista", "cambio"]), await scene.token("viewer", ["ajeno"]), await scene.token("device", ["ajeno"])];
    for (const id of [point, "nowhere"]) {
      const seen = await scene.get(`/api/v1/points/${id}`, stranger);
      assert.deepEqual([seen.status, seen.body.code, seen.body.field], [404, "point-not-found", "params.id"]);
      assert.equal((await configure(id, { name: "Mío" }, {}, stranger)).status, 404);
    }
    assert.deepEqual((await scene.get("/api/v1/points?client=ajeno", stranger)).body.items, []);
    assert.equal((await scene.get(`/api/v1/points/${point}`, viewer)).status, 200);
    assert.deepEqual((await configure(point, { name: "x" }, {}, viewer)).status, 403);
    assert.equal((await scene.get("/api/v1/points", device)).status, 403);
  });

  test("two loggers, one well: the point shows and changes the keys of both", async () => {
    const well = await scene.adopt("pozo", "logger-a", "caudal");
    const second = await scene.adopt("pozo", "logger-b", "caudal", "nivel");
    assert.equal((await configure(second, { variables: [{ key: "nivel", point: well, unit: "cm" }, { key: "caudal", point: well, variable: "flow_b", unit: "L/s" }] })).status, 200);
    const keys = (body: Body): unknown[] => body.variables.map(({ device, key, variable, sourceUnit }: Body) => [device, key, variable, sourceUnit]);
    const seen = await scene.get(`/api/v1/points/${well}`);
    assert.deepEqual(keys(seen.body), [["logger-a", "caudal", "flow", "L/s"], ["logger-b", "nivel", "level", "cm"], ["logger-b", "caudal", "flow_b", "L/s"]]);
    const listed = (await pages("client=pozo")).flat();
    assert.deepEqual(listed.map(({ device, variables }) => [device, variables.length]), [["logger-a", 3], ["logger-b", 0]]);
    const mended = await configure(well, { variables: [{ key: "nivel", unit: "mm", max: 9 }, { key: "caudal", device: "logger-a", unit: "m3/h" }] });
    assert.deepEqual(keys(mended.body), [["logger-a", "caudal", "flow", "m3/h"], ["logger-b", "caudal", "flow_b", "L/s"], ["logger-b", "nivel", "level", "mm"]]);
    const ambiguous = await configure(well, { variables: [{ key: "caudal", max: 3 }] });
    assert.deepEqual([ambiguous.status, ambiguous.body.field], [400, "body.variables.0.device"]);
    assert.match(ambiguous.body.detail, /logger-a, logger-b/);
  });

  test("the catalogue lists variables and units", async () => {
    const variables = (await scene.get("/api/v1/variables?limit=1000")).body;
    assert.deepEqual(variables.items.find(({ id }: Body) => id === "flow"), {
      id: "flow", kind: "rate", unit: "L/s", name: { en: "Flow", es: "Caudal" }, min: 0, max: null, decimals: 2, periodS: 3600, regulator: { name: "caudal", decimals: 2, cut: false },
    });
    assert.deepEqual(variables.items.filter(({ regulator }: Body) => regulator !== null).map(({ id, regulator }: Body) => [id, regulator.decimals]), [["flow", 2], ["total", 0], ["depth", 2], ["volume", 0], ["flow_average", 2]]);
    const units = (await scene.get("/api/v1/units")).body;
    assert.deepEqual([units.items.find(({ code }: Body) => code === "m3/h"), units.next], [{ code: "m3/h", quantity: "flow" }, null]);
  });

  test("every change leaves a row that says who and what; a long one is cut", async () => {
    const point = await scene.adopt("auditado", "w-07", "caudal");
    await configure(point, { name: "Uno" });
    const long = { variables: Array.from({ length: 900 }, (_, at) => ({ key: "caudal", unit: "L/s", validFrom: new Date(at * 1000).toISOString(), channel: "norte".repeat(10) })) };
    assert.equal((await configure(point, long, {}, await scene.token("operator", ["auditado"]))).status, 200);
    await configure(point, { name: "" });
    const rows = (await scene.audited()).filter(({ client }) => client === "auditado");
    assert.deepEqual(rows.map(({ action, target }) => [action, target]), [["point.configure", point], ["point.configure", point]]);
    assert.deepEqual([rows[0]?.by, rows[0]?.change], ["local", '{"name":"Uno"}']);
    assert.match(rows[1]?.by ?? "", /^operator-/);
    assert.ok(JSON.parse(rows[1]?.change ?? "").characters > 100_000);
  });
});
