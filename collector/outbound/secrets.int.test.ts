import assert from "node:assert/strict";
import { test } from "node:test";
import { accountOf, bearerLogin, never, opened, providerOf } from "./test-parts/account.ts";
import { json, startProviderServer } from "./test-parts/provider-server.ts";
import type { Transport } from "./transport.ts";

const THING = "Zk3thingTokenOfAWell0042x9_-q";
const PASSWORD = "contraseña & más/100%";
const device = { device: "pozo", remote: "r", secrets: { thing: THING }, keys: [], cadence: { kind: "every", ms: 1 }, names: {}, units: {}, sentinels: [], live: false } as const;
const basic = `Basic ${Buffer.from(`ana@acme.test:${PASSWORD}`).toString("base64")}`;
const traces = [THING, PASSWORD, encodeURIComponent(PASSWORD), basic.slice(6), "a-token-that-a-login-gave"];

function assertClean(text: string): void {
  for (const trace of traces) assert.ok(!text.toLowerCase().includes(trace.toLowerCase()), `${trace} stands in ${text}`);
}

test("trap 23: whatever a server echoes of a request, in its page, its JSON, its headers or its redirect, no failure, body or log line holds a secret", async (t) => {
  const server = await startProviderServer(t, ({ url, headers, body }, response) => {
    const status = Number(/status=(\d+)/.exec(url)![1]);
    const echo = { url, lower: url.toLowerCase(), authorization: headers.authorization, body, nested: JSON.stringify({ url, body }) };
    if (url.includes("html")) response.writeHead(status, { "content-type": "text/html" }).end(`<pre>Cannot GET ${url.replaceAll("&", "&amp;")} ${headers.authorization}</pre>`);
    else json(response, status, echo, { location: `https://elsewhere.test${url}`, "x-echo": url });
  });
  const { calls, written } = opened(t, accountOf(server.url, { secrets: { username: "ana@acme.test", password: PASSWORD }, devices: [device, device, device, device] }));
  for (const status of [302, 400, 401, 403, 404, 410, 429, 500, 503]) {
    for (const page of ["json", "html"]) {
      if (calls.outage()?.failure.kind === "rate_limited") break;
      const answered = await calls.call({ method: "POST", path: `/v2/things/${THING}/resources/${page}?status=${status}`, query: [["key", PASSWORD]], headers: { authorization: basic }, json: { password: PASSWORD } }, never);
      assert.ok(!answered.ok);
      assertClean(answered.failure.detail);
      assertClean(Buffer.from(answered.body ?? []).toString());
      if (answered.failure.status === status) assert.match(answered.failure.detail, /^POST 127\.0\.0\.1:\d+\/v2\/things\/\[redacted\]\/resources\/(json|html)\?status=…&key=… answered \d{3}/);
    }
  }
  assert.match(written(), /provider\.down/);
  assertClean(written());
});

test("trap 23: a transport's error whose message holds the URL, or that the request cannot be sent with a secret in it", async (t) => {
  const transport: Transport = {
    send: async ({ url, headers }) => ({ ok: false, failure: { kind: "request_failed", detail: `fetch of ${url.href} with ${JSON.stringify(headers)} failed: socket hang up` } }),
    close: async () => undefined,
  };
  const account = accountOf("http://127.0.0.1:1", { secrets: { username: "ana@acme.test", password: PASSWORD }, devices: [device, device] });
  const path = `/v2/things/${THING}/resources/caudal`;
  const echoed = opened(t, account, { transport });
  for (let call = 0; call < 6; call++) {
    const answered = await echoed.calls.call({ method: "GET", path, query: [["key", PASSWORD]], headers: { authorization: basic } }, never);
    assert.ok(!answered.ok);
    assert.match(answered.failure.detail, /socket hang up/);
    assertClean(answered.failure.detail);
  }
  assert.match(echoed.written(), /provider\.down/);
  assertClean(echoed.written());
  const real = opened(t, account);
  for (const headers of [{ authorization: `${basic}\r\nx: y` }, { [`x\n${THING}`]: "1" }] as Record<string, string>[]) {
    const answered = await real.calls.call({ method: "GET", path, headers }, never);
    assert.ok(!answered.ok && answered.failure.kind === "config_error", JSON.stringify(answered));
    assertClean(answered.failure.detail);
  }
});

test("trap 23: a token that a login gave is a secret too, in what comes after and in what the login itself says", async (t) => {
  const server = await startProviderServer(t, ({ url, headers, body }, response) => {
    if (url === "/login") json(response, 200, { token: "a-token-that-a-login-gave" });
    else json(response, 400, { you: headers.authorization, body });
  });
  const { calls, written } = opened(t, accountOf(server.url, { provider: providerOf({ login: bearerLogin }), secrets: { username: "ana@acme.test", password: PASSWORD }, devices: [device, device] }));
  const answered = await calls.call({ method: "GET", path: "/data" }, never);
  assert.ok(!answered.ok && answered.failure.kind === "config_error");
  assert.match(answered.failure.detail, /Bearer \[redacted\]/);
  assertClean(answered.failure.detail + Buffer.from(answered.body!).toString() + written());
  assert.equal(calls.redactor.text("Bearer a-token-that-a-login-gave"), "Bearer [redacted]");
  const login = { ...bearerLogin, token: () => ({ kind: "auth_failed", detail: `no token for ${PASSWORD}` }) as const };
  const wrong = await opened(t, accountOf(server.url, { provider: providerOf({ login }), secrets: { password: PASSWORD }, devices: [device] })).calls.call({ method: "GET", path: "/data" }, never);
  assert.ok(!wrong.ok);
  assert.equal(wrong.failure.detail, "the login: no token for [redacted]");
});
