import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { instantToCivil } from "@caudal/core";
import fc from "fast-check";
import type { Answer, Normalised, PageAsk, Window } from "../provider.ts";
import type { HttpJsonSettings } from "./block.ts";
import { blockProvider, httpJson } from "./http-json.ts";
import { compilePath } from "./json-path.ts";
import { compilePattern } from "./local-pattern.ts";
import { compileTimeFormat } from "./time-format.ts";

const NOW_US = Date.UTC(2026, 2, 1, 13) * 1000;
const plain = { baseUrl: "https://a.example", request: { path: "/{device}" }, samples: "$[*]", map: { variable: "$.k", value: "$.v", time: { path: "$.t", format: "epoch-s" } } };
const settingsOf = (block: object): HttpJsonSettings => httpJson.settings.parse(block);
const answer = (body: unknown, status = 200): Answer => ({ status, headers: {}, body: Buffer.from(typeof body === "string" ? body : JSON.stringify(body)) });
const ask = (settings: HttpJsonSettings, more: Partial<PageAsk<HttpJsonSettings>> = {}): PageAsk<HttpJsonSettings> => ({
  settings, secrets: { ID: "yo", SECRET: "clave/1", KEY: "k" }, device: { device: "d", remote: "d", secrets: {} }, keys: [], window: undefined, page: undefined, nowUs: NOW_US, ...more,
});
const findings = (block: object): string => {
  const read = httpJson.settings.safeParse(block);
  return read.success ? "" : JSON.stringify(read.error.issues);
};

test("a path finds what RFC 9535 says, and says where it stops being one", () => {
  const tree = { a: [{ n: "x", v: 1 }, { n: "y", v: 2 }], "a b": { c: null }, "{variable}": 9, p: { q: { v: 5 } } };
  for (const [path, found] of [
    ["$.a[*].v", [1, 2]], ["$.a[-1].n", ["y"]], ["$['a b'].c", [null]], ["$.a[?@.n == 'y'].v", [2]], ["$.a[0:1].v", [1]], ["$..v", [1, 2, 5]], ["$.a.v", []], ["$.p[0]", []], ["$.a[5]", []], ["$.missing.b", []], ["$.p.*.v", [5]], ["$.constructor", []],
  ] as const) assert.deepEqual(compilePath(path).all(tree), found, path);
  assert.deepEqual(compilePath("$['{variable}'].v").all({ q: { v: 3 }, "{variable}": { v: 4 } }, { variable: "q" }), [3]);
  for (const [path, said] of [["a.b", "character 1"], ["$.a[", "character 5"], ["$[?@.a = 1]", "character 8"], ["$..['{variable}']", "whole name"]] as const) assert.throws(() => compilePath(path), new RegExp(said), path);
});

test("a path holds no code: its answer cannot be reached by it", () => {
  for (const path of ["$.constructor.constructor('x')()", "$[(@.length-1)]", "$[?(process.exit())]"]) assert.throws(() => compilePath(path), /JSONPath/, path);
});

test("patterns of letters read and write the same instant", () => {
  const whole = compilePattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSS");
  fc.assert(fc.property(fc.integer({ min: Date.UTC(1970, 0, 1) * 1000, max: Date.UTC(2099, 0, 1) * 1000 }), (us) => { assert.equal(whole.read(whole.write(us)), us); }));
  assert.equal(compilePattern("d/M/yyyy H:mm").read("1/3/2026 9:05"), Date.UTC(2026, 2, 1, 9, 5) * 1000);
  assert.equal(compilePattern("dd-MM-yyyy HH:mm:ss").read("31-02-2026 00:00:00"), undefined);
  assert.equal(compilePattern("dd-MM-yyyy HH").read("1-02-2026 00"), undefined);
  for (const pattern of ["dd-MM-yy HH:mm", "dd-MM HH:mm", "yyyy-MM-dd HH:mm Z", "yyyy-MM-dd HH:mm 'x", "yyyy-MM-dd dd HH"]) assert.throws(() => compilePattern(pattern), Error, pattern);
});

test("trap 2: every format writes an instant that it reads again, in January, in July and in both nights of change", () => {
  for (const text of ["epoch-ms", "epoch-s", "epoch-us", "iso", "day-count", "local:dd-MM-yyyy HH:mm:ss"]) {
    const format = compileTimeFormat(text);
    for (const at of ["2026-01-15T12:00:00Z", "2026-07-15T12:00:00Z", "2026-04-05T02:30:00Z", "2026-04-05T05:30:00Z", "2026-09-06T03:59:00Z", "2026-09-06T04:00:00Z"]) {
      const us = Date.parse(at) * 1000;
      const read = format.read(format.write(us, "America/Santiago", "down"));
      assert.ok(read.ok && read.value !== null, `${text} ${at}`);
      assert.equal(read.value.civilUs, read.value.offsetUs === null ? instantToCivil(us, "America/Santiago") : us, `${text} ${at}`);
    }
    assert.deepEqual(format.read(null), { ok: true, value: null });
    assert.equal(format.read({}).ok, false);
    assert.equal(format.read("ayer").ok, false);
  }
  assert.equal(compileTimeFormat("epoch-s").read(1_772_366_400_000).ok, false);
  assert.equal(compileTimeFormat("epoch-ms").read(1_772_366_400).ok, false);
  assert.throws(() => compileTimeFormat("unix"), /epoch-ms/);
});

test("values are encoded and never read again as a template", () => {
  const settings = settingsOf({ ...plain, request: { method: "POST", path: "/x/{device}/y", query: { a: "{device}", n: 3 }, headers: { "X-Device": "{device}" }, json: { d: "{device}", all: "{variables}", text: "<{device}>" } } });
  const remote = "{secret.KEY}/../ñ?&";
  const request = httpJson.request(ask(settings, { device: { device: "d", remote, secrets: {} }, keys: ['q"', "{from}"] }));
  assert.equal(request.path, "/x/%7Bsecret.KEY%7D%2F..%2F%C3%B1%3F%26/y");
  assert.deepEqual(request.query, [["a", remote], ["n", "3"]]);
  assert.deepEqual(request.json, { d: remote, all: ['q"', "{from}"], text: `<${remote}>` });
  assert.equal(request.headers?.["x-device"], "{secret.KEY}/../%C3%B1?&");
  for (const dots of [".", "..", ""]) assert.throws(() => httpJson.request(ask(settings, { device: { device: "d", remote: dots, secrets: {} } })), /cannot stand/);
});

test("each kind of credential stands where its service looks for it", () => {
  const of = (auth: object): ReturnType<typeof httpJson.request> => httpJson.request(ask(settingsOf({ ...plain, auth })));
  assert.equal(of({ kind: "none" }).headers?.["authorization"], undefined);
  assert.equal(of({ kind: "bearer", secretRef: "KEY" }).headers?.["authorization"], "Bearer k");
  assert.equal(of({ kind: "basic", userRef: "ID", passwordRef: "KEY" }).headers?.["authorization"], `Basic ${Buffer.from("yo:k").toString("base64")}`);
  assert.equal(of({ kind: "header", name: "Authorization", prefix: "Token ", secretRef: "KEY" }).headers?.["authorization"], "Token k");
  assert.deepEqual(of({ kind: "query", name: "api_key", secretRef: "KEY" }).query, [["api_key", "k"]]);
  assert.throws(() => of({ kind: "bearer", secretRef: "NONE" }), /no secret named NONE/);
});

test("a login gives its token and when it ends, or fails without one", () => {
  const jwt = `h.${Buffer.from(JSON.stringify({ exp: 1_772_370_000 })).toString("base64url")}.s`;
  for (const [expires, body, endUs] of [
    [undefined, { token: "t" }, undefined], [{ seconds: 60 }, { token: "t" }, NOW_US + 60e6], [{ path: "$.in", format: "seconds" }, { token: "t", in: "90" }, NOW_US + 90e6],
    [{ path: "$.at", format: "epoch-ms" }, { token: "t", at: 1_772_370_000_000 }, 1_772_370_000e6], [{ path: "$.at", format: "iso" }, { token: "t", at: "2026-03-01T13:00:00Z" }, 1_772_370_000e6], [{ path: "$.at", format: "iso" }, { token: "t" }, undefined],
    [{ jwt: true }, { token: jwt }, 1_772_370_000e6], [{ jwt: true }, { token: "no.jwt" }, undefined],
  ] as const) {
    const settings = settingsOf({ ...plain, auth: { kind: "login", path: "/login", json: { u: "{secret.ID}", p: "{secret.SECRET}" }, ...(expires === undefined ? {} : { expires }) } });
    const { login } = blockProvider("x", settings);
    const got = login?.token(answer(body), NOW_US);
    assert.deepEqual(got, { token: body.token, expiresAtUs: endUs }, JSON.stringify(expires));
    assert.deepEqual(login?.request(settings, { ID: "yo", SECRET: "s" }).json, { u: "yo", p: "s" });
    assert.equal(login?.apply({ method: "GET", path: "/" }, "t").headers?.["authorization"], "Bearer t");
    for (const bad of [answer({}), answer("<html>"), answer({ token: "" })]) assert.equal((login?.token(bad, NOW_US) as { kind?: string }).kind, "auth_failed");
  }
});

test("OAuth 2 client credentials", () => {
  const settings = settingsOf({ ...plain, auth: { kind: "oauth2", path: "https://login.example/token", clientIdRef: "ID", clientSecretRef: "SECRET", scope: "read" } });
  const { login, secrets } = blockProvider("x", settings);
  assert.deepEqual(secrets.account, ["ID", "SECRET"]);
  const request = login?.request(settings, { ID: "yo", SECRET: "clave/1" });
  assert.deepEqual(request?.form, { grant_type: "client_credentials", scope: "read" });
  assert.equal(request?.headers?.["authorization"], `Basic ${Buffer.from("yo:clave%2F1").toString("base64")}`);
  assert.deepEqual(login?.token(answer({ access_token: "t", expires_in: 60 }), NOW_US), { token: "t", expiresAtUs: NOW_US + 60e6 });
  const inForm = settingsOf({ ...plain, auth: { kind: "oauth2", path: "/token", clientIdRef: "ID", clientSecretRef: "SECRET", credentials: "form" } });
  assert.deepEqual(blockProvider("x", inForm).login?.request(inForm, { ID: "a", SECRET: "b" }).form, { grant_type: "client_credentials", client_id: "a", client_secret: "b" });
});

test("what fields mean only together is said at the field", () => {
  const history = { path: "/h", query: { from: "{from}" } };
  for (const [block, said] of [
    [{ ...plain, request: undefined }, "request"], [{ ...plain, map: undefined }, "map"], [{ ...plain, request: { path: "/{from}" } }, "belongs to history"], [{ ...plain, request: { path: "/{devise}" } }, "is unknown"],
    [{ ...plain, history: { path: "/h" } }, "by time"], [{ ...plain, history: { ...history, paging: { kind: "offset" } } }, "{offset}"], [{ ...plain, history: { ...history, time: { format: "local:yyyyMMddHHmm" } } }, "zone"],
    [{ ...plain, map: { ...plain.map, time: { path: "$.t", format: "day-count" } } }, "no offset"], [{ ...plain, auth: { kind: "basic", passwordRef: "KEY" } }, "userRef"], [{ ...plain, numbers: { decimal: ",", thousands: "," } }, "same sign"],
    [{ ...plain, request: { path: "/{variables*}" } }, "whole query value"], [{ ...plain, auth: { kind: "login", path: "/{device}" } }, "no value in a login"], [{ ...plain, map: { columns: {}, time: { path: "$.t" } } }, "one column"], [{ ...plain, retry: { attempts: 5 } }, "expected 3"],
  ] as const) assert.ok(findings(block).includes(said), `${said}: ${findings(block)}`);
});

test("statuses mean what the block says", () => {
  const provider = blockProvider("x", settingsOf({ ...plain, statuses: { 403: "rate_limited" } }));
  assert.equal(provider.classify?.(answer("", 403))?.kind, "rate_limited");
  assert.equal(provider.classify?.(answer("", 500)), undefined);
});

/** A service with rows of its own, asked page by page as the collector does. */
function readAll(history: object, rows: readonly { readonly t: number }[], serve: (query: ReadonlyMap<string, string>) => readonly unknown[], window: Window): { readonly times: ReadonlySet<number>; readonly calls: number; readonly end: Normalised["kind"] } {
  const settings = settingsOf({ ...plain, request: undefined, history });
  const times = new Set<number>();
  let page: unknown;
  for (let calls = 1; calls <= rows.length * 3 + 5; calls++) {
    const one = ask(settings, { window, page, nowUs: window.toUs });
    const said = httpJson.normalise(answer(serve(new Map(httpJson.request(one).query))), one);
    if (said.kind !== "ok" && said.kind !== "no_data") return { times, calls, end: said.kind };
    if (said.kind === "ok") for (const { timeUs } of said.samples) times.add(timeUs / 1e6);
    if (said.next === undefined) return { times, calls, end: said.kind };
    page = JSON.parse(JSON.stringify(said.next));
  }
  return assert.fail("it never ends");
}

test("every kind of paging gets every row of the window, and ends", () => {
  const fromS = 1_772_323_200;
  const offsets = fc.array(fc.integer({ min: 0, max: 60 }), { maxLength: 40 }).map((list) => [...new Set(list)].sort((a, b) => a - b));
  fc.assert(fc.property(offsets, fc.integer({ min: 1, max: 7 }), fc.constantFrom("oldest", "newest", "offset", "page", "token"), fc.constantFrom("short", "empty"), (list, limit, kind, until) => {
    const rows = list.map((s) => ({ k: "q", v: s, t: fromS + s }));
    const query = { from: "{from}", to: "{to}", skip: "{offset}", page: "{page}", limit: "{limit}" };
    const paging = { oldest: { kind: "time", until }, newest: { kind: "time", order: "newest-first", until }, offset: { kind: "offset", until }, page: { kind: "page", until }, token: { kind: "token", next: "$[?@.next].next" } }[kind];
    const serve = (asked: ReadonlyMap<string, string>): readonly unknown[] => {
      const inside = rows.filter(({ t }) => t >= Number(asked.get("from")) && t < Number(asked.get("to")));
      if (kind === "newest") return inside.reverse().slice(0, limit);
      const skip = kind === "offset" ? Number(asked.get("skip")) : kind === "page" ? (Number(asked.get("page")) - 1) * limit : kind === "token" ? Number((asked.get("page") ?? "t0").slice(1)) : 0;
      return [...inside.slice(skip, skip + limit), ...(kind === "token" && skip + limit < inside.length ? [{ next: `t${skip + limit}` }] : [])];
    };
    const read = readAll({ path: "/h", query, time: { format: "epoch-s" }, limit, paging, samples: "$[?@.k]" }, rows, serve, { fromUs: fromS * 1e6, toUs: (fromS + 100) * 1e6 });
    assert.deepEqual([...read.times].sort((a, b) => a - b), rows.map(({ t }) => t));
  }), { numRuns: 150 });
});

test("a service that ignores the page is an error after its bound, and no quiet end", () => {
  const rows = Array.from({ length: 20 }, (_, s) => ({ k: "q", v: s, t: 1_772_323_200 + s }));
  const read = readAll({ path: "/h", query: { from: "{from}", page: "{page}" }, limit: 20, paging: { kind: "page", maxPages: 5 } }, rows, () => rows, { fromUs: 1_772_323_200e6, toUs: 1_772_323_300e6 });
  assert.deepEqual([read.end, read.calls], ["config_error", 5]);
});

const folder = new URL("fixtures/", import.meta.url);
const bodies = readdirSync(folder).map((name) => JSON.parse(readFileSync(new URL(name, folder), "utf8")) as { settings: object; keys: string[]; now: string; window?: { from: string; to: string }; answer: { json?: unknown; body?: string } });

test("fuzz: whatever the answer, nothing is thrown and no number comes that the answer does not hold", () => {
  const us = (text: string): number => Date.parse(text) * 1000;
  fc.assert(fc.property(fc.constantFrom(...bodies), fc.oneof(fc.json(), fc.string(), fc.tuple(fc.nat(400), fc.constantFrom("", "0", "}", ",", "null", "\"", "-", "[", "é"))), fc.anything(), (fixture, change, page) => {
    const base = fixture.answer.body ?? JSON.stringify(fixture.answer.json);
    const text = typeof change === "string" ? change : base.slice(0, change[0]) + change[1] + base.slice(change[0] + 1);
    const settings = settingsOf(fixture.settings);
    const window = fixture.window === undefined ? undefined : { fromUs: us(fixture.window.from), toUs: us(fixture.window.to) };
    const said = httpJson.normalise(answer(text), ask(settings, { keys: fixture.keys, window, page, nowUs: us(fixture.now) }));
    if (said.kind !== "ok") return;
    for (const { value, timeUs } of said.samples) {
      assert.ok(Number.isSafeInteger(timeUs));
      if (typeof value === "number") assert.ok(numbersIn(JSON.parse(text)).has(value), `${value} in ${text}`);
      if (typeof value === "string") assert.ok(text.replaceAll(".", "").replaceAll(",", "").includes(JSON.stringify(value).slice(1, -1).replaceAll(".", "").replaceAll(",", "")), `${value} in ${text}`);
    }
  }), { numRuns: 1500 });
});

function numbersIn(value: unknown): Set<number> {
  if (typeof value === "number") return new Set([value]);
  return typeof value === "object" && value !== null ? new Set(Object.values(value).flatMap((inner) => [...numbersIn(inner)])) : new Set();
}
