import assert from "node:assert/strict";
import { hasCode } from "@caudal/core";
import { numbered, record, Recorder, textOf, type SceneTest } from "./scene.ts";

const outOfRange = (error: unknown): boolean => hasCode(error, "offset-out-of-range");

export function readingTests(test: SceneTest): void {
  test("bounds are those of each partition, in order", async (scene) => {
    const topic = await scene.topic({ partitions: 3 });
    assert.deepEqual(await scene.log.bounds(topic), [0, 1, 2].map((partition) => ({ partition, startOffset: 0, endOffset: 0 })));
    await scene.log.publish(topic, numbered(40));
    const bounds = await scene.log.bounds(topic);
    assert.deepEqual(bounds.map(({ partition }) => partition), [0, 1, 2]);
    assert.equal(bounds.reduce((sum, { startOffset, endOffset }) => sum + endOffset - startOffset, 0), 40);
  });

  test("a read pages through a partition without a hole and keeps its limits", async (scene) => {
    const topic = await scene.topic({ partitions: 1 });
    await scene.log.publish(topic, Array.from({ length: 50 }, (_, i) => record("k", `${i}`.padStart(100, "0"))));
    const seen: number[] = [];
    for (let fromOffset = 0; fromOffset < 50; ) {
      const batch = await scene.log.read({ topic, partition: 0, fromOffset, maxRecords: 7 });
      assert.ok(batch.records.length > 0 && batch.records.length <= 7);
      assert.equal(batch.endOffset, 50);
      assert.ok(batch.records.every(({ offset }) => offset >= fromOffset && offset < batch.nextOffset));
      seen.push(...batch.records.map(({ value }) => Number(textOf(value))));
      fromOffset = batch.nextOffset;
    }
    assert.deepEqual(seen, Array.from({ length: 50 }, (_, i) => i));
    const few = await scene.log.read({ topic, partition: 0, fromOffset: 0, maxBytes: 350 });
    assert.ok(few.records.length >= 1 && few.records.length <= 3, `${few.records.length} records of 101 bytes in 350`);
    assert.equal((await scene.log.read({ topic, partition: 0, fromOffset: 49, maxBytes: 1 })).records.length, 1);
  });

  test("a read at the end gives nothing after its wait, and what comes during it at once", async (scene) => {
    const topic = await scene.topic({ partitions: 1 });
    assert.deepEqual(await scene.log.read({ topic, partition: 0, fromOffset: 0 }), { topic, partition: 0, records: [], nextOffset: 0, endOffset: 0 });
    const started = performance.now();
    const none = await scene.log.read({ topic, partition: 0, fromOffset: 0, waitMs: 60 });
    assert.ok(none.records.length === 0 && performance.now() - started >= 50);
    const waiting = scene.log.read({ topic, partition: 0, fromOffset: 0, waitMs: 60_000 });
    await scene.log.publish(topic, [record("k", "now")]);
    assert.deepEqual((await waiting).records.map(({ value }) => textOf(value)), ["now"]);
  });

  test("a waiting read ends when its signal aborts, and when the log closes", async (scene) => {
    const topic = await scene.topic({ partitions: 1 });
    const abort = new AbortController();
    const aborted = scene.log.read({ topic, partition: 0, fromOffset: 0, waitMs: 60_000, signal: abort.signal });
    abort.abort();
    await assert.rejects(aborted, { name: "AbortError" });
    const closed = scene.log.read({ topic, partition: 0, fromOffset: 0, waitMs: 60_000 });
    await Promise.all([assert.rejects(closed, (error) => hasCode(error, "closed")), scene.log.close()]);
  });

  test("a read outside the bounds fails", async (scene) => {
    const topic = await scene.topic({ partitions: 1 });
    await scene.log.publish(topic, numbered(3));
    await assert.rejects(scene.log.read({ topic, partition: 0, fromOffset: 4 }), outOfRange);
    await assert.rejects(scene.log.read({ topic, partition: 0, fromOffset: -1 }), outOfRange);
    await assert.rejects(scene.log.read({ topic, partition: 1, fromOffset: 0 }), (error) => hasCode(error, "unknown-topic"));
  });

  test("trimBefore lets go of what is below the offset, for good", async (scene) => {
    const topic = await scene.topic({ partitions: 1 });
    await scene.log.publish(topic, Array.from({ length: 30 }, (_, i) => record("k", String(i))));
    await scene.log.trimBefore(topic, 0, 12);
    for (const when of ["at once", "after a restart"]) {
      if (when === "after a restart") await scene.reopen();
      assert.deepEqual(await scene.log.bounds(topic), [{ partition: 0, startOffset: 12, endOffset: 30 }], when);
      await assert.rejects(scene.log.read({ topic, partition: 0, fromOffset: 11 }), outOfRange);
      assert.equal(textOf((await scene.readAll(topic))[0]?.value ?? new Uint8Array()), "12");
      assert.deepEqual(await scene.log.lag(topic, "new"), [{ partition: 0, committedOffset: 12, endOffset: 30, lag: 18 }]);
    }
    await scene.log.trimBefore(topic, 0, 5);
    assert.equal((await scene.log.bounds(topic))[0]?.startOffset, 12, "a start never goes back");
    await assert.rejects(scene.log.trimBefore(topic, 0, 31), outOfRange);
  }, "trim");

  test("a partition that was trimmed to its end goes on counting", async (scene) => {
    const topic = await scene.topic({ partitions: 1 });
    await scene.log.publish(topic, numbered(8));
    await scene.log.trimBefore(topic, 0, 8);
    await scene.reopen();
    assert.deepEqual(await scene.log.bounds(topic), [{ partition: 0, startOffset: 8, endOffset: 8 }]);
    await scene.log.publish(topic, [record("k", "next")]);
    assert.deepEqual((await scene.readAll(topic)).map(({ offset, value }) => [offset, textOf(value)]), [[8, "next"]]);
  }, "trim");

  test("a consumer whose position was trimmed away goes on at the start", async (scene) => {
    const topic = await scene.topic({ partitions: 1 });
    await scene.log.publish(topic, Array.from({ length: 10 }, (_, i) => record("k", String(i))));
    await scene.log.trimBefore(topic, 0, 6);
    const recorder = new Recorder();
    recorder.assigned = async () => 2;
    await scene.log.consume({ topic, group: "g", handler: recorder });
    await scene.eventually(() => assert.deepEqual(recorder.values(), ["6", "7", "8", "9"]));
    await scene.eventually(async () => assert.equal(await scene.lag(topic, "g"), 0));
  }, "trim");

  test("records go when they are older than the topic keeps, but none that a group has yet to handle", async (scene) => {
    const topic = await scene.topic({ partitions: 1, retentionMs: 60_000 });
    const unread = await scene.topic({ partitions: 1, retentionMs: 60_000 });
    const kept = await scene.topic({ partitions: 1, retentionMs: null });
    const start = async (name = topic): Promise<number | undefined> => (await scene.log.bounds(name))[0]?.startOffset;
    const fast = new Recorder();
    const slow = new Recorder();
    await scene.log.consume({ topic, group: "fast", handler: fast });
    await scene.log.consume({ topic, group: "slow", handler: slow, commit: "by-handler" });
    for (const name of [topic, unread, kept]) await scene.log.publish(name, Array.from({ length: 10 }, (_, i) => record("k", String(i))));
    await scene.eventually(() => assert.equal(fast.values().length + slow.values().length, 20));
    await scene.eventually(async () => assert.equal(await scene.lag(topic, "fast"), 0));
    scene.harness.advanceMs?.(61_000);
    await scene.log.publish(topic, [record("k", "young")]);
    await scene.eventually(async () => assert.equal(await start(unread), 10));
    assert.equal(await start(), 0, "the slow group has not said that it handled anything");
    await slow.gained[0]?.commit(4);
    await scene.eventually(async () => assert.equal(await start(), 4));
    await slow.gained[0]?.commit(11);
    await scene.eventually(async () => assert.equal(await start(), 10));
    assert.equal(await start(kept), 0);
    await scene.reopen();
    assert.deepEqual((await scene.readAll(topic)).map(({ value }) => textOf(value)), ["young"]);
  }, "held-clock");
}
