import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { test } from "node:test";
import { eventually, serve, sendBytes } from "../test-parts/serve.ts";
import { defineOperation } from "./operation.ts";

function held() {
  const gate = Promise.withResolvers<void>();
  let began = 0;
  const operation = defineOperation({
    method: "GET", path: "/slow", operationId: "slow", tag: "t", summary: { en: "a", es: "b" }, permission: "public", replies: { 200: { description: "" } },
    handle: async () => {
      began++;
      await gate.promise;
      return { status: 200, body: "done" };
    },
  });
  return { gate, operation, began: () => began };
}

test("stopping takes no more, finishes what is in hand, and closes idle connections", async (t) => {
  const { gate, operation, began } = held();
  const { server, url, port } = await serve(t, { operations: [operation] });
  const idle = connect({ host: "127.0.0.1", port });
  await once(idle, "connect");
  const answered = fetch(`${url}/slow`);
  await eventually(() => began() === 1, "the request is in hand");
  await server.quiesce();
  const stopping = server.stop(2000);
  await assert.rejects(fetch(`${url}/livez`), /fetch failed/);
  gate.resolve();
  const response = await answered;
  assert.deepEqual([response.status, await response.json()], [200, "done"]);
  await stopping;
  await eventually(() => idle.destroyed || idle.readableEnded || idle.closed, "the idle connection is closed");
});

test("a connection that is kept is told to close, and readiness goes before liveness", async (t) => {
  const { gate, operation, began } = held();
  const { server, port, url } = await serve(t, { operations: [operation] });
  const kept = connect({ host: "127.0.0.1", port });
  let received = "";
  kept.on("data", (chunk) => (received += chunk.toString()));
  kept.write("GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n");
  await eventually(() => began() === 1, "the request is in hand");
  await server.quiesce();
  kept.write("GET /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n");
  gate.resolve();
  await once(kept, "close");
  assert.match(received, /^HTTP\/1\.1 200 [\s\S]*"done"/);
  const second = received.slice(received.indexOf('"done"'));
  if (second.includes("HTTP/1.1")) assert.match(second, /503[\s\S]*Connection: close[\s\S]*"stopping"/);
  await assert.rejects(fetch(`${url}/livez`));
});

test("what does not finish in time is cut within the budget", async (t) => {
  const { gate, operation, began } = held();
  const { server, url } = await serve(t, { operations: [operation] });
  t.after(() => gate.resolve());
  const answered = fetch(`${url}/slow`);
  const cut = assert.rejects(answered);
  await eventually(() => began() === 1, "the request is in hand");
  const beganMs = performance.now();
  await server.stop(200);
  assert.ok(performance.now() - beganMs < 1500);
  await cut;
});

test("stopping a server that never started, or twice, is harmless", async (t) => {
  const { server } = await serve(t);
  await Promise.all([server.stop(100), server.stop(100)]);
});

test("headers that never end, a body that never comes, and what is no HTTP are cut", async (t) => {
  const write = defineOperation({
    method: "POST", path: "/write", operationId: "write", tag: "t", summary: { en: "a", es: "b" }, permission: "public", replies: { 200: { description: "" } },
    body: { raw: true, maxBytes: 10, contentTypes: ["text/csv"] },
    handle: () => ({ status: 200 }),
  });
  const { port } = await serve(t, { operations: [write], limits: { headersTimeoutMs: 50, requestTimeoutMs: 50 } });
  assert.match(await sendBytes(port, "NONSENSE\r\n\r\n"), /^HTTP\/1\.1 400 /);
  assert.match(await sendBytes(port, "GET /livez HTTP/1.1\r\nHost: localhost\r\n"), /^HTTP\/1\.1 408 /);
  assert.match(await sendBytes(port, "POST /write HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/csv\r\nContent-Length: 5\r\n\r\nab"), /^HTTP\/1\.1 408 /);
});

test("readiness says 503 when a part fails, 200 when one is degraded, and health says which", async (t) => {
  const { send, health, metrics } = await serve(t);
  health.add("log", () => ({ status: "degraded", detail: "slow" }));
  assert.equal((await send({ path: "/readyz" })).status, 200);
  health.add("cold", () => ({ status: "failing" }));
  assert.equal((await send({ path: "/readyz" })).status, 503);
  const answer = await send({ path: "/health" });
  assert.deepEqual([answer.status, answer.json()], [503, { status: "failing", version: "1.2.3", components: [{ name: "log", status: "degraded", detail: "slow" }, { name: "cold", status: "failing" }] }]);
  assert.equal((await send({ path: "/livez" })).status, 200);
  const text = (await send({ path: "/metrics" })).text;
  assert.match(text, /^caudal_http_requests_total\{operation="getHealth",status="503"\} 1$/m);
  assert.match(text, /^caudal_http_connections [1-9]/m);
  assert.ok((await metrics.sum("caudal_http_requests_total")) >= 4);
});
