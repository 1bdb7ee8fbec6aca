import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { test } from "node:test";
import { eventually, serve } from "../test-parts/serve.ts";
import { defineOperation, type ApiRequest, type Operation } from "./operation.ts";
import { eventStreamHeaders, eventText, writeStream, type StreamOptions } from "./stream.ts";

function streaming(chunks: (request: ApiRequest) => AsyncIterable<string | Uint8Array>, headers: Readonly<Record<string, string>>, options: StreamOptions = {}): Operation {
  return defineOperation({
    method: "GET", path: "/stream", operationId: "stream", tag: "t", summary: { en: "a", es: "b" }, permission: "public", replies: { 200: { description: "" } },
    handle: async (request) => {
      const { res } = request.express;
      for (const [name, value] of Object.entries(headers)) res.setHeader(name, value);
      await writeStream(res, chunks(request), request.signal, options);
      return { streamed: true };
    },
  });
}

const csv = { "Content-Type": "text/csv" };
const CHUNK = Buffer.alloc(64 * 1024, "x");

test("a stream of any length goes out whole, no faster than it is read", async (t) => {
  let made = 0;
  async function* chunks(): AsyncIterable<Uint8Array> {
    for (; made < 400; made++) yield CHUNK;
  }
  const { port } = await serve(t, { operations: [streaming(chunks, csv)] });
  const socket = connect({ host: "127.0.0.1", port });
  t.after(() => socket.destroy());
  socket.write("GET /stream HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  await once(socket, "readable");
  let before = -1;
  await eventually(() => {
    const stalled = made === before && made > 0;
    before = made;
    return stalled;
  }, "the writer waits for the reader");
  assert.ok(made < 300, `${made} chunks made for a reader that takes none`);
  let bytes = 0;
  socket.on("data", (data: Buffer) => (bytes += data.length));
  await once(socket, "close");
  assert.equal(made, 400);
  assert.ok(bytes > 400 * CHUNK.length);
});

test("a reader that takes nothing is let go of, and the source is closed", async (t) => {
  let returned = false;
  async function* chunks(): AsyncIterable<Uint8Array> {
    try {
      for (;;) yield CHUNK;
    } finally {
      returned = true;
    }
  }
  const { port, metrics } = await serve(t, { operations: [streaming(chunks, csv, { stallMs: 50 })] });
  const socket = connect({ host: "127.0.0.1", port });
  t.after(() => socket.destroy());
  socket.on("error", () => {});
  socket.write("GET /stream HTTP/1.1\r\nHost: localhost\r\n\r\n");
  await eventually(() => returned, "the source is closed");
  await eventually(async () => (await metrics.sum("caudal_http_requests_total", { operation: "stream" })) === 1, "the request is counted");
});

test("when the caller goes the source is closed, even one that waits", async (t) => {
  let signal: AbortSignal | undefined;
  let returned = 0;
  const never: AsyncIterable<string> = {
    [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => {}), return: async () => ({ done: true, value: void returned++ }) }),
  };
  const operation = streaming((request) => ((signal = request.signal), never), eventStreamHeaders, { heartbeat: { everyMs: 20, chunk: ": alive\n\n" } });
  const { url } = await serve(t, { operations: [operation] });
  const stop = new AbortController();
  const response = await fetch(`${url}/stream`, { signal: stop.signal });
  const reader = response.body?.getReader();
  assert.equal(Buffer.from((await reader?.read())?.value ?? []).toString().split("\n\n")[0], ": alive");
  stop.abort();
  await eventually(() => returned === 1 && signal?.aborted === true, "the source is closed");
});

test("HEAD gets the headers of a stream, and its source is never asked", async (t) => {
  const never = (): AsyncIterable<string> => ({ [Symbol.asyncIterator]: () => assert.fail("asked") });
  const { send } = await serve(t, { operations: [streaming(never, eventStreamHeaders)] });
  const answer = await send({ method: "HEAD", path: "/stream" });
  assert.deepEqual([answer.status, answer.headers["content-type"], answer.text], [200, "text/event-stream; charset=utf-8", ""]);
});

test("a source that fails cuts the answer, so that a part is not taken for the whole", async (t) => {
  async function* chunks(): AsyncIterable<string> {
    yield "a,b\n";
    throw new Error("the tier is gone");
  }
  const { url } = await serve(t, { operations: [streaming(chunks, csv)] });
  const response = await fetch(`${url}/stream`);
  assert.equal(response.status, 200);
  await assert.rejects(response.text(), /terminated/);
});

test("a stop ends event streams politely and at once, lets a download finish, and cuts one that would not", async (t) => {
  const gate = Promise.withResolvers<void>();
  async function* events(request: ApiRequest): AsyncIterable<string> {
    yield eventText({ id: "1", data: "x" });
    await new Promise((resolve) => request.signal.addEventListener("abort", resolve));
  }
  async function* download(): AsyncIterable<string> {
    yield "a\n";
    await gate.promise;
    yield "b\n";
  }
  async function* endless(): AsyncIterable<string> {
    yield "a\n";
    await new Promise(() => {});
  }
  const at = (path: string, operation: Operation): Operation => ({ ...operation, path, operationId: path.slice(1) });
  const { url, server } = await serve(t, {
    operations: [at("/events", streaming(events, eventStreamHeaders)), at("/download", streaming(download, csv)), at("/endless", streaming(endless, csv))],
  });
  const [live, file, stuck] = await Promise.all(["/events", "/download", "/endless"].map((path) => fetch(url + path)));
  const stopping = server.stop(400);
  assert.equal(await live?.text(), "id: 1\ndata: x\n\n");
  gate.resolve();
  assert.equal(await file?.text(), "a\nb\n");
  await assert.rejects(stuck?.text() ?? Promise.resolve(), /terminated/);
  await stopping;
  await assert.rejects(fetch(`${url}/livez`));
});
