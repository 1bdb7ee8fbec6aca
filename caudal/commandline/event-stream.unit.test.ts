import assert from "node:assert/strict";
import { test } from "node:test";
import { readEvents, type ServerEvent } from "./event-stream.ts";

async function read(...chunks: readonly string[]): Promise<ServerEvent[]> {
  const bytes = Buffer.from(chunks.join(""));
  const parts = chunks.length === 1 ? [...bytes].map((byte) => Uint8Array.of(byte)) : chunks.map((chunk) => Buffer.from(chunk));
  const events: ServerEvent[] = [];
  for await (const event of readEvents(new Response(ReadableStream.from(parts)))) events.push(event);
  return events;
}

test("events whatever their chunks: ids, names, several lines of data; comments and what is unfinished are passed over", async () => {
  const text = ': hello\n\nid: 7\nevent: measurement\ndata: {"a":"ñ"}\n\ndata: one\ndata: two\n\nid: 8\n\ndata: cut off';
  assert.deepEqual(await read(text), [{ id: "7", name: "measurement", data: '{"a":"ñ"}' }, { id: "", name: "message", data: "one\ntwo" }]);
});

test("lines may end as on Windows, also across chunks", async () => {
  assert.deepEqual(await read("id:1\r", "\ndata:x\r\n\r", "\n"), [{ id: "1", name: "message", data: "x" }]);
});

test("a stream without a body has none", async () => {
  for await (const event of readEvents(new Response(null))) assert.fail(event.data);
});
