import assert from "node:assert/strict";
import { once } from "node:events";
import { Agent, request as httpRequest } from "node:http";
import { cpus } from "node:os";
import { test, type TestContext } from "node:test";
import { defineOperation, eventStreamHeaders, eventText, writeStream, type Operation, type Upgrade } from "@caudal/runtime";
import { WebSocket, WebSocketServer } from "ws";
import { eventually, serve, type Served } from "../../runtime/test-parts/serve.ts";
import { withProgram } from "./programs.ts";
import { startNginx } from "./test-parts/nginx.ts";

const text = { en: "a", es: "b" };
const permission = "public";
const MIB = 1024 * 1024;

/** Stands for a service: the same server, with operations at the paths that nginx sends it. */
const takeReadings = defineOperation({
  method: "POST", path: "/api/v1/readings", operationId: "take", tag: "t", summary: text, permission, replies: { 202: { description: "" } },
  body: { raw: true, maxBytes: MIB, contentTypes: ["application/json"] },
  handle: ({ raw, headers }) => ({ status: 202, body: { bytes: raw.length, host: headers.host } }),
});
const get = (path: string, operationId: string, handle: Operation["handle"]): Operation =>
  ({ method: "GET", path, operationId, tag: "t", summary: text, permission, replies: { 200: { description: "" } }, handle });

/** Chunks that the test gives out one by one. */
function faucet(): { give: (chunk: string | undefined) => void; chunks: () => AsyncGenerator<string> } {
  const held: (string | undefined)[] = [];
  let wake = (): void => {};
  return {
    give: (chunk) => {
      held.push(chunk);
      wake();
    },
    chunks: async function* () {
      for (;;) {
        while (held.length === 0) await new Promise<void>((resolve) => (wake = resolve));
        const chunk = held.shift();
        if (chunk === undefined) return;
        yield chunk;
      }
    },
  };
}

interface Fleet {
  readonly port: number;
  readonly url: string;
  readonly services: Readonly<Record<"collector" | "processor" | "archiver" | "analytics" | "business" | "compliance" | "web", Served>>;
}

async function fleet(context: TestContext, program: string, more: { live?: Operation; upgrades?: Upgrade[]; history?: Operation } = {}): Promise<Fleet> {
  const analytics = [more.live, more.history].filter((operation) => operation !== undefined);
  const services = {
    collector: await serve(context, { operations: [takeReadings] }),
    processor: await serve(context, { operations: [get("/api/v1/processor/jobs", "processorJobs", () => ({ status: 200, body: { from: "processor" } }))] }),
    archiver: await serve(context, { operations: [get("/api/v1/archiver/jobs", "archiverJobs", () => ({ status: 200, body: { from: "archiver" } }))] }),
    analytics: await serve(context, { operations: analytics, upgrades: more.upgrades ?? [] }),
    business: await serve(context, { operations: [get("/api/v1/points", "list", () => ({ status: 200, body: { from: "business" } }))] }),
    compliance: await serve(context, { operations: [get("/api/v1/compliance/obras", "listObras", () => ({ status: 200, body: { from: "compliance" } }))] }),
    web: await serve(context, { operations: [get("/api/v1/status", "status", () => ({ status: 200, body: { from: "web" } }))] }),
  };
  const port = await startNginx(context, program, Object.fromEntries(Object.entries(services).map(([name, { port: at }]) => [name, at])));
  return { port, url: `http://127.0.0.1:${port}`, services };
}

withProgram("nginx-light", (program) => {
  test("each path reaches its service, with the host that the caller wrote", async (t) => {
    const { url, port } = await fleet(t, program);
    assert.deepEqual(await (await fetch(`${url}/api/v1/points?limit=2`)).json(), { from: "business" });
    assert.deepEqual(await (await fetch(`${url}/api/v1/compliance/obras`)).json(), { from: "compliance" });
    assert.deepEqual(await (await fetch(`${url}/api/v1/status`)).json(), { from: "web" });
    for (const service of ["processor", "archiver"]) assert.deepEqual(await (await fetch(`${url}/api/v1/${service}/jobs`)).json(), { from: service });
    const taken = await fetch(`${url}/api/v1/readings`, { method: "POST", headers: { "content-type": "application/json", origin: url }, body: "{}" });
    assert.deepEqual([taken.status, await taken.json()], [202, { bytes: 2, host: `127.0.0.1:${port}` }]);
    assert.equal((await fetch(`${url}/nginx-health`)).status, 200);
  });

  test("a foreign host and a foreign origin are refused behind nginx too, and its headers are the service's", async (t) => {
    const { url, port } = await fleet(t, program);
    const request = httpRequest({ host: "127.0.0.1", port, path: "/api/v1/points", headers: { host: "elsewhere.example" } }).end();
    const [refused] = await once(request, "response");
    assert.equal(refused.statusCode, 421);
    refused.resume();
    const foreign = await fetch(`${url}/api/v1/readings`, { method: "POST", headers: { "content-type": "application/json", origin: "http://elsewhere.example" }, body: "{}" });
    assert.equal(foreign.status, 403);
    assert.equal(foreign.headers.get("x-content-type-options"), "nosniff");
    assert.equal(foreign.headers.getSetCookie().length, 0);
  });

  test("figures are not for outside", async (t) => {
    const { url } = await fleet(t, program);
    assert.equal((await fetch(`${url}/metrics`)).status, 404);
  });

  test("a body of the largest size passes, one byte more is 413 in our own form", async (t) => {
    const { url } = await fleet(t, program);
    const post = (bytes: number): Promise<Response> => fetch(`${url}/api/v1/readings`, { method: "POST", headers: { "content-type": "application/json" }, body: Buffer.alloc(bytes, " ") });
    assert.equal((await post(MIB)).status, 202);
    const refused = await post(MIB + 1);
    assert.equal(refused.status, 413);
    assert.match(refused.headers.get("content-type") ?? "", /^application\/problem\+json/);
    assert.equal(((await refused.json()) as { code: string }).code, "too-large");
  });

  test("an event of the live stream arrives at once, and the end of the reader reaches the service", async (t) => {
    const { give, chunks } = faucet();
    let ended = false;
    const live = get("/api/v1/live", "live", async ({ express: { res }, signal }) => {
      for (const [name, value] of Object.entries(eventStreamHeaders)) res.setHeader(name, value);
      await writeStream(res, chunks(), signal);
      ended = true;
      return { streamed: true };
    });
    const { url } = await fleet(t, program, { live });
    const gone = new AbortController();
    const response = await fetch(`${url}/api/v1/live`, { signal: gone.signal });
    const reader = response.body!.getReader();
    const words = new TextDecoder();
    for (const id of ["1", "2", "3"]) {
      give(eventText({ id, event: "measurement", data: "x" }));
      // Nothing else follows: kept back by a buffer, it would never come.
      const { value } = await reader.read();
      assert.equal(words.decode(value), eventText({ id, event: "measurement", data: "x" }));
    }
    gone.abort();
    await eventually(() => {
      give(": heartbeat\n\n");
      return ended;
    }, "the service knows that the reader is gone");
  });

  test("a history comes as it is made", async (t) => {
    const { give, chunks } = faucet();
    const history = get("/api/v1/analytics/points/p/history", "history", async ({ express: { res }, signal }) => {
      res.setHeader("Content-Type", "application/x-ndjson");
      await writeStream(res, chunks(), signal);
      return { streamed: true };
    });
    const { url } = await fleet(t, program, { history });
    give("first\n");
    const reader = (await fetch(`${url}/api/v1/analytics/points/p/history`)).body!.getReader();
    assert.equal(new TextDecoder().decode((await reader.read()).value), "first\n");
    give("second\n");
    assert.equal(new TextDecoder().decode((await reader.read()).value), "second\n");
    give(undefined);
    assert.equal((await reader.read()).done, true);
  });

  test("a WebSocket passes both ways and closes with its code", async (t) => {
    const sockets = new WebSocketServer({ noServer: true });
    const upgrade: Upgrade = {
      path: "/ws", permission: "read",
      handle: (request, socket, head) => sockets.handleUpgrade(request, socket, head, (webSocket) => {
        webSocket.on("message", (data) => webSocket.send(`heard ${data.toString()}`));
        webSocket.send("hello");
      }),
    };
    const { port } = await fleet(t, program, { upgrades: [upgrade] });
    const client = new WebSocket(`ws://127.0.0.1:${port}/ws`);
    const heard: string[] = [];
    client.on("message", (data) => heard.push(data.toString()));
    await once(client, "open");
    client.send("you");
    await eventually(() => heard.length === 2, "two messages");
    assert.deepEqual(heard, ["hello", "heard you"]);
    client.close(1000);
    const [code] = await once(client, "close");
    assert.equal(code, 1000);
  });

  test("connections to a service stay open between requests", async (t) => {
    const { port, services: { business } } = await fleet(t, program);
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    t.after(() => agent.destroy());
    const ask = async (): Promise<void> => {
      const request = httpRequest({ host: "127.0.0.1", port, path: "/api/v1/points", agent }).end();
      const [response] = await once(request, "response");
      response.resume();
      await once(response, "end");
    };
    for (let count = 0; count < 20; count++) await ask();
    const open = /caudal_http_connections (\d+)/.exec(await business.metrics.text())?.[1];
    // One a worker at most; closed after each request there would be none.
    assert.ok(Number(open) >= 1 && Number(open) <= cpus().length, `${open} connections after 20 requests`);
  });

  test("a service that is away is 503 in our own form, and the others go on", async (t) => {
    const { url, services } = await fleet(t, program);
    await services.business.server.stop(100);
    const away = await fetch(`${url}/api/v1/points`);
    assert.equal(away.status, 503);
    assert.equal(away.headers.get("retry-after"), "5");
    assert.equal(((await away.json()) as { code: string }).code, "unavailable");
    assert.equal((await fetch(`${url}/api/v1/status`)).status, 200);
  });
});
