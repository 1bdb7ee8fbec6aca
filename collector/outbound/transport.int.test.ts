import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer as createTlsServer } from "node:https";
import { createServer } from "node:net";
import { test, type TestContext } from "node:test";
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import type { Answered } from "./calls.ts";
import { json, startProviderServer } from "./test-parts/provider-server.ts";
import { openTransport, type Outgoing, type TransportOptions } from "./transport.ts";

const never = new AbortController().signal;

function transportOf(context: TestContext, options: TransportOptions = {}) {
  const transport = openTransport(options);
  context.after(() => transport.close());
  const get = (url: string, over: Partial<Outgoing> = {}, signal = never) => transport.send({ method: "GET", url: new URL(url), headers: {}, timeoutMs: 30_000, allowPrivate: true, ...over }, signal);
  return { transport, get };
}

function failureOf(answered: Answered) {
  assert.ok(!answered.ok, "a failure was wanted");
  assert.equal("answer" in answered, false);
  return answered.failure;
}

/** Writes these bytes to whoever connects, then leaves as told. */
async function rawServer(context: TestContext, bytes: string, end: "end" | "reset" | "hang"): Promise<string> {
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.once("data", () => socket.write(bytes, () => (end === "reset" ? socket.resetAndDestroy() : end === "end" ? socket.end() : undefined)));
    context.after(() => socket.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  context.after(() => server.close());
  return `http://127.0.0.1:${(server.address() as { port: number }).port}/`;
}

test("an answer comes whole, with header names in lower case, over connections that are kept", async (t) => {
  const server = await startProviderServer(t, ({ method, body, headers }, response) => json(response, 201, { method, body, type: headers["content-type"] }, { "X-Many": "a" }));
  const { transport, get } = transportOf(t);
  const answered = await transport.send({ method: "POST", url: new URL(`${server.url}/x?y=1`), headers: { "content-type": "application/json" }, body: "{}", timeoutMs: 30_000, allowPrivate: true }, never);
  assert.ok(answered.ok);
  assert.equal(answered.answer.status, 201);
  assert.equal(answered.answer.headers["x-many"], "a");
  assert.deepEqual(JSON.parse(Buffer.from(answered.answer.body).toString()), { method: "POST", body: "{}", type: "application/json" });
  for (let round = 0; round < 5; round++) assert.ok((await get(server.url)).ok);
  // A call may begin just before the connection of the one before it is free again.
  assert.ok(server.connections() <= 2);
  assert.equal(server.arrivals[0]!.url, "/x?y=1");
});

test("gzip, deflate in both its forms and br are decoded, also on top of each other", async (t) => {
  const text = Buffer.from("[1,2,3]");
  const bodies: Record<string, readonly [string, Buffer]> = {
    "/gzip": ["gzip", gzipSync(text)], "/deflate": ["deflate", deflateSync(text)], "/raw": ["deflate", deflateRawSync(text)], "/br": ["br", brotliCompressSync(text)], "/two": ["gzip, br", brotliCompressSync(gzipSync(text))], "/identity": ["identity", text],
  };
  const server = await startProviderServer(t, ({ url }, response) => {
    const [encoding, body] = bodies[url]!;
    response.writeHead(200, { "content-encoding": encoding }).end(body);
  });
  const { get } = transportOf(t);
  for (const path of Object.keys(bodies)) {
    const answered = await get(server.url + path);
    assert.ok(answered.ok, path);
    assert.equal(Buffer.from(answered.answer.body).toString(), "[1,2,3]", path);
  }
  assert.equal(server.arrivals[0]!.headers["accept-encoding"], "gzip, deflate, br");
});

test("a body over the cap is a failure: by its length, without one, and when it grows in decoding", async (t) => {
  const bomb = gzipSync(Buffer.alloc(4 * 1024 * 1024));
  const server = await startProviderServer(t, ({ url }, response) => {
    if (url === "/long") response.writeHead(200, { "content-length": "5000" }).end(Buffer.alloc(5000));
    else if (url === "/chunks") {
      for (let chunk = 0; chunk < 50; chunk++) response.write(Buffer.alloc(100));
      response.end();
    } else if (url === "/bomb") response.writeHead(200, { "content-encoding": "gzip" }).end(bomb.subarray(0));
    else response.writeHead(200, { "content-encoding": "gzip, gzip" }).end(gzipSync(bomb));
  });
  const { get } = transportOf(t, { maxAnswerBytes: 4500 });
  for (const path of ["/long", "/chunks", "/bomb", "/twice"]) {
    assert.deepEqual(failureOf(await get(server.url + path)), { kind: "bad_payload", detail: "the answer is longer than 4500 bytes" }, path);
  }
});

test("what is not encoded as its header says is a failure; one that is cut short may be tried again", async (t) => {
  const server = await startProviderServer(t, ({ url }, response) => {
    const [encoding, body] = url === "/cut" ? ["gzip", gzipSync(Buffer.from("[1,2,3,4,5,6]")).subarray(0, 20)] : url === "/lie" ? ["gzip", Buffer.from("plain")] : url === "/many" ? ["gzip,gzip,gzip,gzip", Buffer.from("x")] : ["zstd", Buffer.from("x")];
    response.writeHead(200, { "content-encoding": encoding as string }).end(body);
  });
  const { get } = transportOf(t);
  assert.equal(failureOf(await get(`${server.url}/cut`)).kind, "request_failed");
  for (const path of ["/lie", "/many", "/unknown"]) assert.equal(failureOf(await get(server.url + path)).kind, "bad_payload", path);
});

test("a hang ends with its deadline: before the head, and inside the body", async (t) => {
  const { get } = transportOf(t);
  const silent = await rawServer(t, "", "hang");
  const half = await rawServer(t, 'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"va', "hang");
  for (const url of [silent, half]) assert.deepEqual(failureOf(await get(url, { timeoutMs: 60 })), { kind: "request_failed", detail: "no whole answer within 60 ms" });
});

test("a reset or an end inside the body, and half a JSON with its length, never pass for an answer", async (t) => {
  const { get } = transportOf(t);
  const head = "HTTP/1.1 200 OK\r\n";
  for (const [bytes, end] of [
    [`${head}content-length: 100\r\n\r\n{"value": 1`, "reset"], [`${head}content-length: 100\r\n\r\n{"value": 1`, "end"], [`${head}transfer-encoding: chunked\r\n\r\n5\r\n{"val\r\n`, "end"], ["garbage\r\n\r\n", "end"], ["", "reset"],
  ] as const) assert.equal(failureOf(await get(await rawServer(t, bytes, end))).kind, "request_failed", JSON.stringify(bytes));
});

test("a refused connection and an unknown name are failures, and the signal ends a call with its reason", async (t) => {
  const { get } = transportOf(t);
  const gone = await rawServer(t, "", "end");
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  assert.equal(failureOf(await get(`http://127.0.0.1:${port}/`)).kind, "request_failed");
  assert.equal(failureOf(await get("http://name.invalid/", { allowPrivate: true })).kind, "request_failed");
  assert.equal(failureOf(await get("ftp://127.0.0.1/")).kind, "config_error");
  assert.ok(gone);
  const stop = new AbortController();
  const hanging = get(await rawServer(t, "", "hang"), {}, stop.signal);
  stop.abort(new Error("left"));
  await assert.rejects(hanging, /left/);
  await assert.rejects(get("http://127.0.0.1/", {}, stop.signal), /left/);
});

test("an address of a private network is refused: as the URL's host in any form, and as what a name resolves to", async (t) => {
  const server = await startProviderServer(t, (_arrival, response) => json(response, 200, {}));
  const { get } = transportOf(t);
  const { port } = server;
  for (const host of ["127.0.0.1", "localhost", "0x7f.1", "2130706433", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0"]) {
    const failure = failureOf(await get(`http://${host}:${port}/`, { allowPrivate: false }));
    assert.equal(failure.kind, "config_error", host);
    assert.match(failure.detail, /private network.*allowPrivate/, host);
  }
  assert.equal(server.connections(), 0);
  assert.ok((await get(`http://127.0.0.1:${port}/`)).ok);
  // A connection that one account may use is not lent to another that may not.
  assert.equal(failureOf(await get(`http://127.0.0.1:${port}/`, { allowPrivate: false })).kind, "config_error");
  assert.equal(server.connections(), 1);
});

test("a name with a public and a private address is refused, and one that resolves otherwise later gains nothing", async (t) => {
  const server = await startProviderServer(t, (_arrival, response) => json(response, 200, {}));
  let asked = 0;
  const { get } = transportOf(t, { lookup: (_name, _options, resolved) => {
    asked++;
    resolved(null, [{ address: "8.8.8.8", family: 4 }, { address: "127.0.0.1", family: 4 }]);
  } });
  assert.equal(failureOf(await get(`http://rebinding.test:${server.port}/`, { allowPrivate: false })).kind, "config_error");
  assert.equal(asked, 1);
  assert.equal(server.connections(), 0);
});

test("https is spoken with certificates that are known, and with no others", async (t) => {
  const pem = (name: string) => readFileSync(new URL(`../test-parts/${name}`, import.meta.url), "utf8");
  const server = createTlsServer({ cert: pem("broker-cert.pem"), key: pem("broker-key.pem") }, (_request, response) => response.end("{}"));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.closeAllConnections());
  t.after(() => server.close());
  const url = `https://localhost:${(server.address() as { port: number }).port}/`;
  assert.ok((await transportOf(t, { ca: pem("broker-cert.pem") }).get(url)).ok);
  const failure = failureOf(await transportOf(t).get(url));
  assert.equal(failure.kind, "request_failed");
  assert.match(failure.detail, /certificate/);
});
