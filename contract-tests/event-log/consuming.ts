import assert from "node:assert/strict";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { hasCode, partitionOf } from "@caudal/core";
import { byNumber, Door, numbered, record, Recorder, textOf, type SceneTest } from "./scene.ts";

export function consumingTests(test: SceneTest): void {
  test("a group gets every record, in batches of one partition, in order, one batch at a time", async (scene) => {
    const topic = await scene.topic();
    await scene.log.publish(topic, numbered(300));
    const recorder = new Recorder();
    recorder.work = () => new Promise((resolve) => setImmediate(resolve));
    await scene.log.consume({ topic, group: "g", handler: recorder, maxBatchRecords: 9 });
    await scene.log.publish(topic, numbered(300, "later"));
    await scene.eventually(() => assert.equal(recorder.values().length, 600));
    assert.equal(recorder.overlapped, false);
    for (const { partition } of await scene.log.bounds(topic)) {
      const own = recorder.batches.filter((batch) => batch.partition === partition);
      const offsets = own.flatMap(({ records }) => records.map(({ offset }) => offset));
      assert.deepEqual(offsets, [...offsets].sort((a, b) => a - b));
      assert.equal(new Set(offsets).size, offsets.length);
      for (const batch of own) {
        assert.ok(batch.records.length <= 9 && batch.topic === topic);
        assert.ok(batch.nextOffset > (batch.records.at(-1)?.offset ?? Infinity) && batch.endOffset >= batch.nextOffset);
        assert.ok(batch.records.every(({ key }) => partitionOf(key, 4) === partition));
      }
    }
  });

  test("batches keep their limit of bytes", async (scene) => {
    const topic = await scene.topic({ partitions: 1 });
    await scene.log.publish(topic, Array.from({ length: 40 }, (_, i) => record("k", `${i}`.padStart(1000, "0"))));
    await scene.reopen();
    const recorder = new Recorder();
    await scene.log.consume({ topic, group: "g", handler: recorder, maxBatchBytes: 4100 });
    await scene.eventually(() => assert.equal(recorder.values().length, 40));
    assert.ok(recorder.batches.every(({ records }) => records.length <= 4), recorder.batches.map(({ records }) => records.length).join());
  });

  test("a handler that rejects gets the same records again after a pause, while other partitions go on", async (scene) => {
    const topic = await scene.topic({ partitions: 2 });
    const keys = [0, 1].map((wanted) => Array.from({ length: 20 }, (_, i) => `k${i}`).find((key) => partitionOf(key, 2) === wanted) ?? "");
    const told: { error: unknown; partition: number; attempt: number }[] = [];
    const refused: string[][] = [];
    const recorder = new Recorder();
    recorder.work = async (batch) => {
      if (batch.partition !== 0 || refused.length >= 3) return;
      refused.push(batch.records.map(({ value }) => textOf(value)));
      // The other partition is handled whole before this one is let through.
      if (refused.length === 3) await scene.eventually(() => assert.equal(recorder.batches.filter(({ partition }) => partition === 1).length > 0, true));
      throw new Error("store is down");
    };
    await scene.log.publish(topic, [record(keys[0] ?? "", "a0"), record(keys[0] ?? "", "a1"), record(keys[1] ?? "", "b0")]);
    await scene.log.consume({
      topic, group: "g", handler: recorder,
      onHandlerError: (error, partition, attempt) => {
        told.push({ error, partition, attempt });
        return 5;
      },
    });
    await scene.eventually(() => assert.equal(recorder.values().length, 3));
    assert.deepEqual(refused, Array.from({ length: 3 }, () => ["a0", "a1"]));
    assert.deepEqual(recorder.values().filter((value) => value.startsWith("a")), ["a0", "a1"]);
    assert.deepEqual(told.map(({ partition, attempt }) => [partition, attempt]), [[0, 1], [0, 2], [0, 3]]);
    assert.ok(told.every(({ error }) => error instanceof Error && error.message === "store is down"));
    await scene.eventually(async () => assert.equal(await scene.lag(topic, "g"), 0));
  });

  test("a batch counts as handled only when its handler has resolved, and is not delivered again after a restart", async (scene) => {
    const topic = await scene.topic({ partitions: 1 });
    const door = new Door();
    const first = new Recorder();
    first.work = () => door.opened;
    await scene.log.publish(topic, numbered(10));
    await scene.log.consume({ topic, group: "g", handler: first, maxBatchRecords: 4 });
    await scene.eventually(() => assert.equal(first.gained.length, 1));
    assert.equal(await scene.lag(topic, "g"), 10);
    door.open();
    await scene.eventually(async () => assert.equal(await scene.lag(topic, "g"), 0));
    await scene.reopen();
    assert.equal(await scene.lag(topic, "g"), 0);
    const second = new Recorder();
    await scene.log.consume({ topic, group: "g", handler: second });
    await scene.log.publish(topic, [record("k", "new")]);
    await scene.eventually(() => assert.deepEqual(second.values(), ["new"]));
  });

  test("by-handler commits nothing by itself; what was committed is where the group goes on", async (scene) => {
    const topic = await scene.topic({ partitions: 1 });
    await scene.log.publish(topic, Array.from({ length: 6 }, (_, i) => record("k", String(i))));
    const read = async (commit?: number): Promise<string[]> => {
      const recorder = new Recorder();
      const consumption = await scene.log.consume({ topic, group: "g", handler: recorder, commit: "by-handler" });
      await scene.eventually(() => assert.equal(recorder.values().at(-1), "5"));
      if (commit !== undefined) await recorder.gained[0]?.commit(commit);
      await consumption.close();
      return recorder.values();
    };
    assert.deepEqual(await read(), ["0", "1", "2", "3", "4", "5"]);
    assert.equal(await scene.lag(topic, "g"), 6);
    assert.deepEqual(await read(4), ["0", "1", "2", "3", "4", "5"]);
    assert.equal(await scene.lag(topic, "g"), 2);
    await scene.reopen();
    assert.deepEqual(await read(), ["4", "5"]);
  });

  test("the offset that `assigned` gives is where delivery starts, whatever was committed", async (scene) => {
    const topic = await scene.topic({ partitions: 1 });
    await scene.log.publish(topic, Array.from({ length: 8 }, (_, i) => record("k", String(i))));
    for (const [start, expected] of [[undefined, 8], [5, 3], [0, 8], [8, 0]] as const) {
      const recorder = new Recorder();
      recorder.assigned = async () => start;
      const consumption = await scene.log.consume({ topic, group: "g", handler: recorder });
      await scene.eventually(() => assert.equal(consumption.owned().length, 1));
      await scene.eventually(() => assert.equal(recorder.values().length, expected));
      await consumption.close();
      assert.equal(recorder.values().length, expected, `from ${start}`);
    }
  });

  test("a start beyond the end is an error that is told and asked again", async (scene) => {
    const topic = await scene.topic({ partitions: 1 });
    await scene.log.publish(topic, numbered(2));
    const told: unknown[] = [];
    const recorder = new Recorder();
    recorder.assigned = async () => (told.length === 0 ? 3 : 0);
    await scene.log.consume({ topic, group: "g", handler: recorder, onHandlerError: (error) => (told.push(error), 1) });
    await scene.eventually(() => assert.equal(recorder.values().length, 2));
    assert.ok(told.length === 1 && hasCode(told[0], "offset-out-of-range"));
  });

  test("a paused consumption finishes the batch in hand and takes no other until it is resumed", async (scene) => {
    const topic = await scene.topic({ partitions: 1 });
    const door = new Door();
    const recorder = new Recorder();
    let begun = 0;
    recorder.work = () => {
      begun += 1;
      return door.opened;
    };
    const consumption = await scene.log.consume({ topic, group: "g", handler: recorder, maxBatchRecords: 1 });
    await scene.log.publish(topic, numbered(3));
    await scene.eventually(() => assert.equal(begun, 1));
    consumption.pause();
    door.open();
    await scene.eventually(() => assert.equal(recorder.batches.length, 1));
    await scene.eventually(async () => assert.equal(await scene.lag(topic, "g"), 2));
    await scene.log.publish(topic, numbered(2, "more"));
    // Whoever would fetch has had a round trip's time to do it.
    assert.equal((await scene.readAll(topic)).length, 5);
    assert.equal(begun, 1);
    consumption.resume();
    await scene.eventually(() => assert.equal(recorder.values().length, 5));
  });

  test("a slow group holds up no other group", async (scene) => {
    const topic = await scene.topic();
    const door = new Door();
    const slow = new Recorder();
    slow.work = () => door.opened;
    const fast = new Recorder();
    await scene.log.consume({ topic, group: "slow", handler: slow });
    await scene.log.consume({ topic, group: "fast", handler: fast });
    await scene.log.publish(topic, numbered(100));
    await scene.eventually(() => assert.equal(fast.values().length, 100));
    assert.equal(slow.values().length, 0);
    door.open();
    await scene.eventually(() => assert.deepEqual(byNumber(slow.values()), byNumber(fast.values())));
  });

  test("a stuck handler holds a bounded amount of memory, and nothing is dropped", async (scene) => {
    const topic = await scene.topic({ partitions: 2 });
    const door = new Door();
    const recorder = new Recorder();
    let bytes = 0;
    recorder.handle = async (batch) => {
      await door.opened;
      for (const { value } of batch.records) bytes += value.length;
    };
    await scene.log.consume({ topic, group: "g", handler: recorder });
    collectGarbage();
    const before = process.memoryUsage().arrayBuffers;
    const value = new Uint8Array(256 * 1024);
    const rounds = Math.ceil((2 * (scene.options.memoryBoundBytes ?? 48 * 1024 * 1024)) / (8 * value.length));
    for (let round = 0; round < rounds; round += 1) await scene.log.publish(topic, Array.from({ length: 8 }, (_, i) => ({ key: `k${i}`, value })));
    await scene.eventually(() => {
      collectGarbage();
      assert.ok(process.memoryUsage().arrayBuffers - before < (scene.options.memoryBoundBytes ?? 48 * 1024 * 1024), "memory grows with what waits");
    });
    door.open();
    await scene.eventually(() => assert.equal(bytes, rounds * 8 * value.length));
  }, "memory-bound");

  test("after a kill the group gets again what it had not committed, and nothing is missing", async (scene) => {
    const topic = await scene.topic({ partitions: 1 });
    await scene.log.publish(topic, Array.from({ length: 20 }, (_, i) => record("k", String(i))));
    const first = new Recorder();
    first.work = (batch) => (batch.records.some(({ value }) => textOf(value) === "12") ? new Promise(() => undefined) : Promise.resolve());
    await scene.log.consume({ topic, group: "g", handler: first, maxBatchRecords: 1 });
    await scene.eventually(() => assert.equal(first.values().length, 12));
    await scene.crash();
    const second = new Recorder();
    await scene.log.consume({ topic, group: "g", handler: second });
    await scene.eventually(() => assert.equal(second.values().at(-1), "19"));
    assert.ok(second.values().includes("12"), "the record in hand is delivered again");
    assert.deepEqual(second.values(), Array.from({ length: 20 }, (_, i) => String(i)).slice(20 - second.values().length));
  }, "crash");
}

/** At once, whatever the process was started with: what is held is to be seen apart from what has not been collected yet. */
function collectGarbage(): void {
  setFlagsFromString("--expose-gc");
  (runInNewContext("gc") as () => void)();
}
