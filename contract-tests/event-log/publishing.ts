import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { hasCode, partitionOfHash, partitionOf, type LogRecord, type StoredRecord } from "@caudal/core";
import { byNumber, numbered, record, Recorder, textOf, type Scene, type SceneTest } from "./scene.ts";

const sha = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

export function publishingTests(test: SceneTest): void {
  test("what was published is there after the log was closed and opened again", async (scene) => {
    const topic = await scene.topic();
    const before = Date.now() * 1000;
    await scene.log.publish(topic, numbered(200));
    const first = await scene.readAll(topic);
    await scene.reopen();
    const again = await scene.readAll(topic);
    assert.deepEqual(byNumber(again.map(({ value }) => textOf(value))), numbered(200, "r").map(({ value }) => textOf(value)));
    assert.deepEqual(again, first);
    assert.ok(again.every(({ appendedAtUs }) => Number.isSafeInteger(appendedAtUs) && appendedAtUs > before - 86_400_000_000));
  });

  test("what was published is there once after a kill", async (scene) => {
    const topic = await scene.topic();
    await Promise.all(Array.from({ length: 20 }, (_, i) => scene.log.publish(topic, numbered(10, `batch${i}-`))));
    await scene.crash();
    const values = (await scene.readAll(topic)).map(({ value }) => textOf(value));
    assert.equal(values.length, 200);
    assert.equal(new Set(values).size, 200);
  }, "crash");

  test("records of a key keep the order of the calls that brought them", async (scene) => {
    const topic = await scene.topic();
    for (let call = 0; call < 5; call += 1) await scene.log.publish(topic, [0, 1, 2].flatMap((i) => [record("a", `${3 * call + i}`), record("b", `${3 * call + i}`)]));
    const all = await scene.readAll(topic);
    for (const key of ["a", "b"]) {
      assert.deepEqual(all.filter((each) => each.key === key).map(({ value }) => textOf(value)), Array.from({ length: 15 }, (_, i) => String(i)));
    }
  });

  test("calls made at once are each whole, in their own order, and there once", async (scene) => {
    const topic = await scene.topic();
    await Promise.all(Array.from({ length: 300 }, (_, call) => scene.log.publish(topic, [record(`k${call}`, `${call}:0`), record(`k${call}`, `${call}:1`)])));
    const all = await scene.readAll(topic);
    assert.equal(all.length, 600);
    for (let call = 0; call < 300; call += 1) {
      assert.deepEqual(all.filter(({ key }) => key === `k${call}`).map(({ value }) => textOf(value)), [`${call}:0`, `${call}:1`]);
    }
  });

  test("a record's partition is Kafka's murmur2 of its key", async (scene) => {
    const topic = await scene.topic({ partitions: 7 });
    // Keys and hashes of Kafka's own tests.
    const vectors: readonly (readonly [string, number])[] = [["21", -973932308], ["foobar", -790332482], ["a-little-bit-longer-string", -1486304829], ["abc", 479470107]];
    const keys = [...vectors.map(([key]) => key), "", "pozo-ñandú", "水", ...Array.from({ length: 50 }, (_, i) => `demo/device-${i}`)];
    await scene.log.publish(topic, keys.map((key) => record(key, key)));
    const found = await partitionsByKey(scene, topic);
    for (const [key, hash] of vectors) assert.equal(found.get(key), partitionOfHash(hash, 7), key);
    for (const key of keys) assert.equal(found.get(key), partitionOf(key, 7), key);
  });

  test("keys, headers and values come back byte for byte, from memory and from the disk", async (scene) => {
    const topic = await scene.topic({ partitions: 1 });
    const records: LogRecord[] = [
      { key: "", value: new Uint8Array() },
      { key: "ñandú 水", value: Uint8Array.from({ length: 256 }, (_, i) => i), headers: { traceparent: "00-ab-cd-01", "content ñ": "värde\n\"" } },
      { key: "plain", value: new Uint8Array([0]), headers: {} },
      { key: "view", value: new Uint8Array([9, 8, 7, 6]).subarray(1, 3) },
    ];
    await scene.log.publish(topic, records);
    for (const where of ["memory", "disk"]) {
      if (where === "disk") await scene.reopen();
      const stored = await scene.readAll(topic);
      assert.deepEqual(stored.map(({ key }) => key), records.map(({ key }) => key), where);
      assert.deepEqual(stored.map(({ value }) => [...value]), records.map(({ value }) => [...value]), where);
      assert.deepEqual(stored.map(({ headers }) => ({ ...headers })), records.map(({ headers }) => ({ ...headers })), where);
    }
  });

  test("the log keeps its own copy of what it was given", async (scene) => {
    const topic = await scene.topic({ partitions: 1 });
    const value = new Uint8Array([1, 2, 3]);
    await scene.log.publish(topic, [{ key: "k", value }]);
    value.fill(0);
    assert.deepEqual([...((await scene.readAll(topic))[0] as StoredRecord).value], [1, 2, 3]);
  });

  test("records of 1 MiB and 9 MiB pass whole, to readers and to consumers whose batches are smaller", async (scene) => {
    const topic = await scene.topic({ partitions: 1 });
    const values = [randomBytes(1024 * 1024), randomBytes(9 * 1024 * 1024), Buffer.from("small")];
    for (const value of values) await scene.log.publish(topic, [{ key: "big", value }]);
    await scene.reopen();
    assert.deepEqual((await scene.readAll(topic)).map(({ value }) => sha(value)), values.map(sha));
    const recorder = new Recorder();
    await scene.log.consume({ topic, group: "g", handler: recorder, maxBatchBytes: 64 * 1024 });
    await scene.eventually(() => assert.equal(recorder.values().length, 3));
    assert.deepEqual(recorder.batches.flatMap(({ records }) => records.map(({ value }) => sha(value))), values.map(sha));
  });

  test("publishing nothing is no error, and a topic that was not declared is", async (scene) => {
    await scene.log.publish(await scene.topic(), []);
    await assert.rejects(scene.log.publish("suite.never-declared", numbered(1)), (error) => hasCode(error, "unknown-topic"));
    await assert.rejects(scene.log.bounds("suite.never-declared"), (error) => hasCode(error, "unknown-topic"));
    await assert.rejects(scene.log.consume({ topic: "suite.never-declared", group: "g", handler: new Recorder() }), (error) => hasCode(error, "unknown-topic"));
  });

  test("declaring a topic again changes nothing, with another number of partitions it fails", async (scene) => {
    const topic = await scene.topic({ partitions: 3 });
    await scene.log.publish(topic, numbered(5));
    await scene.log.declareTopics([{ name: topic, partitions: 3, retentionMs: null }]);
    await assert.rejects(scene.log.declareTopics([{ name: topic, partitions: 4, retentionMs: null }]), (error) => hasCode(error, "setting"));
    assert.equal((await scene.log.bounds(topic)).length, 3);
    assert.equal((await scene.readAll(topic)).length, 5);
  });

  test("a closed log refuses, and closing twice is no error", async (scene) => {
    const topic = await scene.topic();
    await scene.log.close();
    await scene.log.close();
    await assert.rejects(scene.log.publish(topic, numbered(1)), (error) => hasCode(error, "closed"));
    await assert.rejects(scene.log.consume({ topic, group: "g", handler: new Recorder() }), (error) => hasCode(error, "closed"));
    await assert.rejects(scene.log.read({ topic, partition: 0, fromOffset: 0 }), (error) => hasCode(error, "closed"));
  });

  test("close waits for publishes that are under way", async (scene) => {
    const topic = await scene.topic();
    const publishes = Array.from({ length: 50 }, (_, i) => scene.log.publish(topic, numbered(20, `c${i}-`)));
    await Promise.all([...publishes, scene.log.close()]);
    await scene.open();
    assert.equal((await scene.readAll(topic)).length, 1000);
  });
}

async function partitionsByKey(scene: Scene, topic: string): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  for (const { partition, startOffset, endOffset } of await scene.log.bounds(topic)) {
    if (startOffset === endOffset) continue;
    const batch = await scene.log.read({ topic, partition, fromOffset: startOffset, maxRecords: 1000 });
    for (const { key } of batch.records) found.set(key, batch.partition);
  }
  return found;
}
