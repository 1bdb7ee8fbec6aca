import assert from "node:assert/strict";
import { test } from "node:test";
import { ContainerWriter, decodeContainer, encodeContainer, type ArchivedRecord } from "./container.ts";

const record = (offset: number): ArchivedRecord => ({ offset, appendedAtUs: 1_772_366_400_000_000 + offset, key: `demo/W-${offset % 7}`, headers: { traceparent: "00-1" }, value: Buffer.from(`value ${offset}`.repeat(20)) });
const records = Array.from({ length: 5000 }, (_, index) => record(index));

test("records come back from a container, in order and whole", async () => {
  const bytes = await encodeContainer(records, { topic: "caudal.readings", partition: "3" });
  assert.equal(Buffer.from(bytes.subarray(0, 4)).toString("latin1"), "Obj\x01");
  assert.ok(bytes.length < 5000 * 60, "compressed");
  const back = await decodeContainer(bytes);
  assert.equal(back.length, records.length);
  assert.deepEqual(JSON.parse(JSON.stringify(back[4999])), JSON.parse(JSON.stringify(records[4999])));
});

test("the same records give the same bytes", async () => {
  const [first, second] = await Promise.all([1, 2].map(async () => encodeContainer(records.slice(0, 100), { topic: "t" })));
  assert.deepEqual(first, second);
});

test("a writer gives its file as often as it is asked, and goes on", async () => {
  const writer = new ContainerWriter();
  assert.deepEqual(await decodeContainer(await writer.finish({ topic: "t" })), []);
  for (const each of records.slice(0, 3000)) writer.add(each);
  const first = await writer.finish({ topic: "t" });
  assert.deepEqual(await writer.finish({ topic: "t" }), first);
  // Larger than a block, and than what the writer began with.
  const large = { ...record(3000), value: Buffer.alloc(1_000_000, "x") };
  writer.add(large);
  const back = await decodeContainer(await writer.finish({ topic: "t" }));
  assert.equal(writer.records, 3001);
  assert.deepEqual(back.map(({ offset }) => offset), Array.from({ length: 3001 }, (_, offset) => offset));
  assert.deepEqual(Buffer.from(back[3000]!.value), large.value);
  assert.equal((await decodeContainer(first)).length, 3000);
});

test("bytes that are cut or flipped are refused", async () => {
  const bytes = await encodeContainer(records.slice(0, 1000), { topic: "t" });
  const flipped = Uint8Array.from(bytes);
  flipped[bytes.length >> 1] = (flipped[bytes.length >> 1] ?? 0) ^ 0xff;
  await assert.rejects(decodeContainer(flipped));
  await assert.rejects(decodeContainer(bytes.subarray(0, bytes.length - 30)));
  await assert.rejects(decodeContainer(Buffer.from("not a container")));
});

test("a container may hold no record: it says that nothing is missing there", async () => {
  const bytes = await encodeContainer([], { "caudal.topic": "caudal.readings" });
  assert.deepEqual(await decodeContainer(bytes), []);
  await assert.rejects(decodeContainer(new Uint8Array(0)));
});
