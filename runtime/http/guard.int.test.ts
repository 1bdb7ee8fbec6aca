import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { serve, sendBytes } from "../test-parts/serve.ts";
import { createAuthenticate } from "../auth/authenticate.ts";
import { defineOperation } from "./operation.ts";
import { Problem } from "./problem.ts";

const write = defineOperation({
  method: "POST", path: "/write", operationId: "write", tag: "t", summary: { en: "a", es: "b" }, permission: "configure",
  body: z.unknown(), replies: { 200: { description: "" } },
  handle: () => ({ status: 200, body: {} }),
});
const operations = [write];
const asJson = { "Content-Type": "application/json" };

test("only a Host that is bound is served, on any port, on loopback too", async (t) => {
  const { send, port } = await serve(t, { operations, hostNames: ["Water.example.test"] });
  for (const host of ["localhost", `localhost:${port}`, "127.0.0.1:1", `[::1]:${port}`, "LOCALHOST", "water.example.test:80"]) {
    assert.equal((await send({ path: "/livez", headers: { Host: host } })).status, 200, host);
  }
  for (const host of ["evil.example.test", "localhost.evil.test", "127.0.0.1.evil.test:8000", "localhost@evil.test", "192.0.2.1"]) {
    const answer = await send({ path: "/livez", headers: { Host: host } });
    assert.deepEqual([answer.status, answer.json()["code"]], [421, "host-refused"], host);
  }
  assert.match(await sendBytes(port, "GET /livez HTTP/1.1\r\nHost: \r\nConnection: close\r\n\r\n"), /^HTTP\/1\.1 421 /);
  assert.match(await sendBytes(port, "GET /livez HTTP/1.0\r\n\r\n"), /^HTTP\/1\.1 421 /);
});

test("an address that the connection really came in by is a bound name", async (t) => {
  const { send, port } = await serve(t, { host: "0.0.0.0", operations });
  assert.equal((await send({ host: "127.0.0.2", path: "/livez", headers: { Host: `127.0.0.2:${port}` } })).status, 200);
  assert.equal((await send({ path: "/livez", headers: { Host: `127.0.0.2:${port}` } })).status, 421);
});

test("a write from another site is refused; from our own page or a program it is taken", async (t) => {
  const { send, port } = await serve(t, { operations });
  const post = (headers: Record<string, string>) => send({ method: "POST", path: "/write", headers: { ...asJson, ...headers }, body: "{}" });
  assert.equal((await post({})).status, 200);
  assert.equal((await post({ Origin: `http://127.0.0.1:${port}` })).status, 200);
  assert.equal((await post({ Host: "localhost:5", Origin: "https://localhost:5", "Sec-Fetch-Site": "same-origin" })).status, 200);
  for (const origin of ["https://evil.example.test", "null", `http://localhost:${port}`, `http://127.0.0.1:${port + 1}`, "http://127.0.0.1", "file://"]) {
    assert.equal((await post({ Origin: origin })).json()["code"], "origin-refused", origin);
  }
  assert.equal((await post({ "Sec-Fetch-Site": "cross-site" })).status, 403);
  assert.equal((await send({ path: "/livez", headers: { Origin: "https://evil.example.test" } })).status, 200);
});

test("a token in the URL is refused with what to do instead", async (t) => {
  const { send } = await serve(t, { operations });
  for (const query of ["token=abc", "access_token=abc", "a=1&TOKEN=", "api_key=x"]) {
    const answer = await send({ path: `/livez?${query}` });
    assert.deepEqual([answer.status, answer.json()["code"]], [400, "token-in-url"], query);
    assert.match(String(answer.json()["next"]), /Authorization: Bearer/);
    assert.doesNotMatch(answer.text, /abc/);
  }
  assert.equal((await send({ path: "/livez?tokens=1" })).status, 200);
});

test("every answer, problems too, forbids what comes from elsewhere", async (t) => {
  const { send } = await serve(t, { operations });
  for (const path of ["/livez", "/nothing", "/livez?token=1"]) {
    const { headers } = await send({ path });
    assert.match(String(headers["content-security-policy"]), /^default-src 'self';.*frame-ancestors 'none'/);
    assert.equal(headers["x-content-type-options"], "nosniff");
    assert.equal(headers["cache-control"], "no-store");
    assert.equal(headers["x-powered-by"], undefined);
    assert.match(String(headers["x-request-id"]), /^[0-9a-f-]{36}$/);
  }
});

test("whoever guesses tokens is slowed down", async (t) => {
  const authenticate = createAuthenticate({ lookup: async () => undefined, tokensRequired: true });
  const { send } = await serve(t, { operations, authenticate, limits: { authFailuresPerMinute: 3 } });
  const guess = () => send({ path: "/metrics", headers: { Authorization: "Bearer nope" } });
  const first = [await guess(), await guess(), await guess()];
  assert.deepEqual(first.map((answer) => [answer.status, answer.json()["code"]]), Array(3).fill([401, "invalid-token"]));
  const slowed = await guess();
  assert.deepEqual([slowed.status, slowed.json()["code"]], [429, "too-many-requests"]);
  assert.ok(Number(slowed.headers["retry-after"]) >= 1);
  assert.equal((await send({ path: "/livez" })).status, 200);
});

test("requests a second and requests in hand are bounded, health is always answered", async (t) => {
  const gate = Promise.withResolvers<void>();
  const slow = defineOperation({ ...write, method: "GET", path: "/slow", operationId: "slow", body: undefined, handle: async () => (await gate.promise, { status: 200 }) });
  const { send } = await serve(t, { operations: [slow], limits: { maxInFlight: 1, requestsPerS: 0.2 } });
  const held = send({ path: "/slow" });
  const { metrics } = { metrics: await send({ path: "/readyz" }) };
  assert.equal(metrics.status, 200);
  const second = await send({ path: "/slow" });
  assert.deepEqual([second.status, second.json()["code"], second.headers["retry-after"]], [503, "overloaded", "1"]);
  gate.resolve();
  assert.equal((await held).status, 200);
  assert.equal((await send({ path: "/slow" })).status, 200);
  assert.equal((await send({ path: "/slow" })).json()["code"], "too-many-requests");
});

test("a problem of the one who authenticates is told as it is", async (t) => {
  const { send } = await serve(t, { operations, authenticate: () => Promise.reject(new Problem("invalid-token")) });
  assert.equal((await send({ path: "/health" })).status, 200);
  assert.equal((await send({ path: "/metrics" })).status, 401);
});
