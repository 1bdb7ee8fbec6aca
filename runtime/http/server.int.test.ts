import assert from "node:assert/strict";
import { test } from "node:test";
import { CaudalError, type Principal } from "@caudal/core";
import { z } from "zod";
import { defineOperation, type Operation } from "./operation.ts";
import { serve } from "../test-parts/serve.ts";

const summary = { en: "A thing", es: "Una cosa" };
const replies = { 200: { description: "It" } };
const common = { tag: "things", summary, replies } as const;

const thing = defineOperation({
  ...common, method: "GET", path: "/api/v1/things/{id}", operationId: "getThing", permission: "read",
  params: z.object({ id: z.string().min(2) }),
  query: z.object({ limit: z.coerce.number().int().min(1).max(10).default(5) }),
  handle: ({ params, query, language, principal }) => ({ status: 200, body: { id: params.id, limit: query.limit, language, by: principal.name }, headers: { ETag: '"7"' } }),
});
const put = defineOperation({
  ...common, method: "PUT", path: "/api/v1/things/{id}", operationId: "putThing", permission: "configure",
  params: z.object({ id: z.string() }),
  body: z.strictObject({ name: z.string(), tags: z.array(z.string()).optional() }),
  handle: ({ body, params }) => ({ status: 200, body: { ...body, id: params.id } }),
});
const many = defineOperation({
  ...common, method: "POST", path: "/api/v1/things/replay", operationId: "replayThings", permission: "administer", bodyOptional: true,
  body: z.object({ all: z.boolean() }),
  handle: ({ body }) => ({ status: 200, body: { all: body?.all ?? "none" } }),
});
const raw = defineOperation({
  ...common, method: "POST", path: "/api/v1/raw", operationId: "postRaw", permission: "send",
  body: { raw: true, maxBytes: 100, contentTypes: ["application/json", "text/csv"] },
  handle: ({ raw: bytes }) => ({ status: 200, body: bytes, headers: { "Content-Type": "text/csv" } }),
});
const failing = defineOperation({
  ...common, method: "GET", path: "/api/v1/failing/{how}", operationId: "getFailing", permission: "public",
  params: z.object({ how: z.string() }),
  handle: ({ params }) => {
    if (params.how === "bug") throw new TypeError("secret words");
    throw new CaudalError(params.how === "gone" ? "not-found" : "unavailable", "words of a port");
  },
});
const operations: Operation[] = [thing, put, many, raw, failing];

const asJson = { "Content-Type": "application/json" };

test("an operation answers with and without a trailing slash, and to HEAD", async (t) => {
  const { send } = await serve(t, { operations });
  for (const path of ["/api/v1/things/ab?limit=3", "/api/v1/things/ab/?limit=3"]) {
    const answer = await send({ path });
    assert.equal(answer.status, 200);
    assert.deepEqual(answer.json(), { id: "ab", limit: 3, language: "en", by: "local" });
    assert.equal(answer.headers["content-type"], "application/json; charset=utf-8");
  }
  const head = await send({ path: "/api/v1/things/ab", method: "HEAD" });
  assert.deepEqual([head.status, head.text, head.headers.etag], [200, "", '"7"']);
  assert.equal((await send({ path: "/api/v1/things/ab", headers: { "If-None-Match": '"7"' } })).status, 304);
  assert.deepEqual((await send({ path: "/api/v1/things/a%2Fb" })).json()["id"], "a/b");
  for (const path of ["/health/", "/livez/", "/readyz/", "/metrics/", "/openapi.json/"]) assert.equal((await send({ path })).status, 200, path);
});

test("what does not fit the schemas is named by field, in the caller's language", async (t) => {
  const { send } = await serve(t, { operations });
  const query = await send({ path: "/api/v1/things/ab?limit=99" });
  assert.deepEqual([query.status, query.headers["content-type"], query.json()["code"], query.json()["field"]], [400, "application/problem+json; charset=utf-8", "invalid-parameter", "query.limit"]);
  assert.equal((await send({ path: "/api/v1/things/ab?limit=1&limit=2" })).status, 400);
  assert.equal((await send({ path: "/api/v1/things/x" })).json()["field"], "params.id");
  const body = await send({ method: "PUT", path: "/api/v1/things/ab?lang=es", headers: asJson, body: '{"name":1,"tags":["a",2],"more":0}' });
  const problem = body.json();
  assert.deepEqual([problem["code"], problem["title"], body.headers["content-language"]], ["invalid-body", "El cuerpo no es válido", "es"]);
  assert.deepEqual((problem["errors"] as { field: string }[]).map(({ field }) => field).sort(), ["body", "body.name", "body.tags.1"]);
  assert.match((problem["errors"] as { detail: string }[])[0]?.detail ?? "", /Entrada inválida|entrada inválida/i);
  assert.match(String(problem["instance"]), /^urn:uuid:[0-9a-f-]{36}$/);
});

test("bodies: malformed, too deep, not UTF-8, empty, too large, of another type or compressed", async (t) => {
  const { send } = await serve(t, { operations });
  const answerTo = (body: string | Uint8Array, headers: Record<string, string> = asJson) => send({ method: "PUT", path: "/api/v1/things/ab", headers, body });
  const cases: [string, Awaited<ReturnType<typeof answerTo>>][] = [
    ["malformed-json", await answerTo('{"name":')],
    ["too-deep", await answerTo("[".repeat(100))],
    ["invalid-utf8", await answerTo(new Uint8Array([0x22, 0xc3, 0x28, 0x22]))],
    ["empty", await answerTo("")],
    ["too-large", await answerTo("x".repeat(1024 * 1024 + 1))],
    ["unsupported-media-type", await answerTo("<a/>", { "Content-Type": "application/xml" })],
    ["unsupported-media-type", await answerTo("{}", {})],
    ["unsupported-encoding", await answerTo(new Uint8Array([31, 139]), { ...asJson, "Content-Encoding": "gzip" })],
    ["form-refused", await answerTo("name=a", { "Content-Type": "application/x-www-form-urlencoded" })],
    ["form-refused", await answerTo("{}", { "Content-Type": "text/plain; charset=utf-8" })],
  ];
  for (const [code, answer] of cases) assert.equal(answer.json()["code"], code);
  assert.equal(cases[4]?.[1].status, 413);
  const good = await answerTo('\ufeff{"name":"é"}', { "Content-Type": "Application/Vnd.x+json; charset=utf-8" });
  assert.deepEqual(good.json(), { name: "é", id: "ab" });
});

test("a body of unknown length that is too large is answered 413 while it still comes", async (t) => {
  const { send } = await serve(t, { operations });
  const answer = await send({ method: "POST", path: "/api/v1/raw", headers: { ...asJson, "Transfer-Encoding": "chunked" }, body: "x".repeat(200_000) });
  assert.deepEqual([answer.status, answer.json()["code"]], [413, "too-large"]);
  const expecting = await send({ method: "POST", path: "/api/v1/raw", headers: { ...asJson, Expect: "100-continue", "Content-Length": "5" }, body: "a,b\n1" });
  assert.equal(expecting.text, "a,b\n1");
  const refused = await send({ method: "POST", path: "/api/v1/raw", headers: { ...asJson, Expect: "100-continue", "Content-Length": "500" } });
  assert.equal(refused.status, 413);
});

test("a raw body comes as bytes, an optional one may be absent, and bytes go out as they are", async (t) => {
  const { send } = await serve(t, { operations });
  const echoed = await send({ method: "POST", path: "/api/v1/raw", headers: { "Content-Type": "text/csv" }, body: "a,b" });
  assert.deepEqual([echoed.text, echoed.headers["content-type"], echoed.headers["content-length"]], ["a,b", "text/csv", "3"]);
  assert.deepEqual((await send({ method: "POST", path: "/api/v1/things/replay" })).json(), { all: "none" });
  assert.deepEqual((await send({ method: "POST", path: "/api/v1/things/replay", headers: asJson, body: '{"all":true}' })).json(), { all: true });
});

test("a path without the method is 405 with Allow; an unknown path is 404; OPTIONS lists", async (t) => {
  const { send } = await serve(t, { operations, statics: (_request, response) => void response.end("the page") });
  const wrong = await send({ method: "DELETE", path: "/api/v1/things/ab" });
  assert.deepEqual([wrong.status, wrong.headers["allow"], wrong.json()["code"]], [405, "GET, HEAD, OPTIONS, PUT", "method-not-allowed"]);
  assert.equal((await send({ path: "/api/v1/things/replay" })).json()["id"], "replay");
  const options = await send({ method: "OPTIONS", path: "/api/v1/raw" });
  assert.deepEqual([options.status, options.headers["allow"]], [204, "OPTIONS, POST"]);
  assert.equal((await send({ path: "/anything" })).text, "the page");
});

test("static files that find nothing, or refuse, end as a problem", async (t) => {
  const { send, metrics } = await serve(t, {
    statics: (request, response, next) => {
      if (request.path === "/") response.end("the page");
      else if (request.path === "/..") next(Object.assign(new Error("no"), { status: 403 }));
      else next();
    },
  });
  assert.equal((await send({ path: "/" })).text, "the page");
  assert.equal((await send({ path: "/missing.js" })).json()["code"], "not-found");
  assert.equal((await send({ path: "/.." })).json()["code"], "forbidden");
  assert.equal(await metrics.sum("caudal_http_requests_total", { operation: "static", status: "200" }), 1);
});

test("without static files an unknown path is a problem, and so is a broken escape", async (t) => {
  const { send } = await serve(t, { operations });
  const missing = await send({ path: "/nothing/here", headers: { "Accept-Language": "es-CL" } });
  assert.deepEqual([missing.status, missing.json()["code"], missing.json()["title"]], [404, "not-found", "Aquí no hay nada"]);
  assert.equal((await send({ path: "/api/v1/things/%E0%A4%A" })).json()["code"], "bad-escape");
});

test("failures: a bug keeps its words inside and names its instance, a port's error keeps its code", async (t) => {
  const logged: unknown[] = [];
  const logger = { debug() {}, info() {}, warn() {}, error: (event: string, fields?: object) => void logged.push([event, fields]), child: () => logger };
  const { send, metrics } = await serve(t, { operations, logger });
  const bug = await send({ path: "/api/v1/failing/bug" });
  assert.deepEqual([bug.status, bug.json()["code"], bug.text.includes("secret words")], [500, "internal", false]);
  assert.match(JSON.stringify(logged), /http\.failed/);
  const down = await send({ path: "/api/v1/failing/down" });
  assert.deepEqual([down.status, down.headers["retry-after"], down.text.includes("words")], [503, "1", false]);
  assert.equal((await send({ path: "/api/v1/failing/gone" })).status, 404);
  assert.equal(await metrics.sum("caudal_http_requests_total", { operation: "getFailing", status: "500" }), 1);
});

test("who may: 401 without a principal, 403 without the permission, public for all", async (t) => {
  const people: Record<string, Principal> = {
    viewer: { name: "v", role: "viewer", scope: { clients: ["a"] } },
    device: { name: "d", role: "device", scope: { clients: ["a"] } },
  };
  const { send } = await serve(t, { operations, authenticate: async (request) => people[request.headers.authorization ?? ""] });
  const as = (who: string, sent: object) => send({ ...sent, headers: { ...asJson, ...(who === "" ? {} : { Authorization: who }) } });
  const nobody = await as("", { path: "/api/v1/things/ab" });
  assert.deepEqual([nobody.status, nobody.headers["www-authenticate"], nobody.json()["code"]], [401, 'Bearer realm="caudal"', "unauthenticated"]);
  assert.equal((await as("viewer", { path: "/api/v1/things/ab" })).status, 200);
  assert.equal((await as("device", { path: "/api/v1/things/ab" })).json()["code"], "forbidden");
  assert.equal((await as("device", { method: "POST", path: "/api/v1/raw", body: "1" })).status, 200);
  assert.equal((await as("viewer", { method: "POST", path: "/api/v1/raw", body: "1" })).status, 403);
  assert.equal((await as("", { path: "/metrics" })).status, 401);
  assert.equal((await as("viewer", { path: "/metrics" })).status, 403);
  const health = (await as("", { path: "/health" })).json();
  assert.deepEqual([health["status"], "components" in health], ["ok", false]);
  assert.ok("components" in (await as("viewer", { path: "/health" })).json());
});

test("two operations of one path and method, one id, or a path that is none, are a bug", async (t) => {
  await assert.rejects(serve(t, { operations: [thing, { ...thing, operationId: "other" }] }), /two operations serve/);
  await assert.rejects(serve(t, { operations: [thing, { ...thing, path: "/x" }] }), /are called getThing/);
  await assert.rejects(serve(t, { operations: [{ ...thing, path: "/x/:id" }] }), /not a path/);
});
