import assert from "node:assert/strict";
import { test } from "node:test";
import { CaudalError, groups, REPLAY_HEADER, topics, type LogRecord, type RecordBatch } from "@caudal/core";
import * as embedded from "@caudal/embedded";
import { Codec, writeWireHeader } from "@caudal/schemas";
import { NO_CLIENT } from "../parking/park-item.ts";
import { openScene, measurement, reading, type Scene } from "../test-parts/scene.ts";
import { decodeBatch, madeOf } from "./decode-batch.ts";

const UNKNOWN_ID = 999_999;

function withId(bytes: Uint8Array, schemaId: number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  writeWireHeader(copy, schemaId);
  return copy;
}

async function batchOf({ log }: Scene, topic: string, records: readonly LogRecord[]): Promise<RecordBatch> {
  await log.publish(topic, records);
  const { partition } = (await log.bounds(topic)).find(({ endOffset }) => endOffset > 0) ?? assert.fail();
  return log.read({ topic, partition, fromOffset: 0 });
}

test("good records are decoded in order; each bad one is an item to park, and its neighbours go on", async (t) => {
  const scene = await openScene(t, embedded);
  const key = "acme/meter/1";
  const good = scene.codec.encode("Reading", reading("acme", "meter/1"));
  const headers = { traceparent: "00-1-2-01" };
  const batch = await batchOf(scene, topics.readings, [
    { key, value: good }, { key, value: Buffer.from("{}") , headers }, { key, value: Buffer.from("\u0000") }, { key, value: good.subarray(0, good.length - 3) },
    { key, value: withId(good, UNKNOWN_ID) }, { key, value: withId(good, UNKNOWN_ID) }, { key, value: Buffer.from('{"json":1}') }, { key, value: good },
  ]);
  const { good: decoded, parked, skipped } = await decodeBatch("Reading", batch, { codec: scene.codec, group: groups.mapping });
  assert.deepEqual(decoded.map(({ record, value }) => [record.offset, value.device]), [[0, "meter/1"], [7, "meter/1"]]);
  assert.deepEqual(parked.map(({ reason, offset }) => [reason, offset]), [
    ["corrupt-record", 1], ["corrupt-record", 2], ["corrupt-record", 3], ["unknown-schema", 4], ["unknown-schema", 5], ["wrong-magic", 6],
  ]);
  assert.equal(skipped, 0);
  const [first] = parked;
  assert.deepEqual([first?.client, first?.device, first?.key, first?.topic, first?.group, first?.headers?.["traceparent"]], ["acme", "meter/1", key, topics.readings, groups.mapping, headers.traceparent]);
  assert.deepEqual(Buffer.from(first?.value ?? []).toString(), "{}");
  assert.match(parked[3]?.detail ?? "", /999999/);
});

test("a replay for another group is skipped, one for this group is taken", async (t) => {
  const scene = await openScene(t, embedded);
  const value = scene.codec.encode("Reading", reading("acme", "m"));
  const batch = await batchOf(scene, topics.readings, [
    { key: "k", value, headers: { [REPLAY_HEADER]: groups.archiveReadings } }, { key: "k", value, headers: { [REPLAY_HEADER]: groups.mapping } }, { key: "k", value },
  ]);
  const { good, skipped } = await decodeBatch("Reading", batch, { codec: scene.codec, group: groups.mapping });
  assert.deepEqual([good.map(({ record }) => record.offset), skipped], [[1, 2], 1]);
});

test("an owner that the key does not name is nobody's client", async (t) => {
  const scene = await openScene(t, embedded);
  const batch = await batchOf(scene, topics.measurements, [{ key: "point/with/slashes", value: Buffer.from("nonsense") }]);
  const { parked } = await decodeBatch("Measurement", batch, { codec: scene.codec, group: groups.hot });
  assert.deepEqual([parked[0]?.client, parked[0]?.device], [NO_CLIENT, undefined]);
});

test("a schema id that cannot be asked for rejects, and is learned once it can", async (t) => {
  const scene = await openScene(t, embedded);
  const ids = new Map<string, number>();
  let reachable = false;
  const codec = await Codec.open({
    idFor: async (subject, json) => {
      const id = await scene.registry.idFor(subject, json);
      ids.set(subject, id);
      return id;
    },
    schemaById: async (id) => {
      if (!reachable) throw new Error("connection refused");
      return id === UNKNOWN_ID ? scene.registry.schemaById(ids.get(`${topics.measurements}-value`) ?? 0) : undefined;
    },
  });
  const value = withId(scene.codec.encode("Measurement", measurement("acme", "p", 1)), UNKNOWN_ID);
  const batch = await batchOf(scene, topics.measurements, [{ key: "p", value }]);
  const decode = () => decodeBatch("Measurement", batch, { codec, group: groups.hot });
  await assert.rejects(decode(), (error) => error instanceof CaudalError && error.code === "unavailable" && error.retry === "yes");
  reachable = true;
  assert.equal((await decode()).good[0]?.value.point, "p");
});

test("what one group decoded is taken by the others with the same codec, and by no other", async (t) => {
  const scene = await openScene(t, embedded);
  const batch = await batchOf(scene, topics.readings, [{ key: "k", value: scene.codec.encode("Reading", reading("acme", "m")) }]);
  let asked = 0;
  const counting = (codec: Codec): Codec => ({ decode: (...of: Parameters<Codec["decode"]>) => (asked++, codec.decode(...of)), learn: codec.learn.bind(codec) }) as unknown as Codec;
  const [codec, other] = [counting(scene.codec), counting(scene.codec)];
  const valueOf = async (of: Codec, group: string): Promise<unknown> => (await decodeBatch("Reading", batch, { codec: of, group })).good[0]?.value;
  const first = await valueOf(codec, groups.mapping);
  assert.equal(await valueOf(codec, groups.hot), first);
  assert.equal(asked, 1);
  const again = await valueOf(other, groups.warm);
  assert.notEqual(again, first);
  assert.deepEqual([again, asked], [first, 2]);
});

test("what the process encoded itself is taken as it was, by the same codec and under the same name only", async (t) => {
  const scene = await openScene(t, embedded);
  const said = measurement("acme", "p", 1);
  const made = (codec: Codec, name: "Measurement" | "Reading" = "Measurement"): LogRecord => ({ key: "p", value: scene.codec.encode("Measurement", said), made: madeOf(codec, name, said as never) });
  const other = await Codec.open(scene.registry);
  const batch = await batchOf(scene, topics.measurements, [made(scene.codec), made(other), made(scene.codec, "Reading")]);
  const { good } = await decodeBatch("Measurement", batch, { codec: scene.codec, group: groups.hot });
  assert.deepEqual(good.map(({ value }) => value === said), [true, false, false]);
  for (const { value } of good) assert.deepEqual(structuredClone({ ...value }), structuredClone({ ...said }));
});
