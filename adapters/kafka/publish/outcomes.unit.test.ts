import assert from "node:assert/strict";
import { test } from "node:test";
import { hasCode } from "@caudal/core";
import { Call } from "./batch.ts";
import { Outcomes } from "./outcomes.ts";
import { PartitionQueue } from "./partition-queue.ts";
import type { ProducerSession } from "./producer-session.ts";

interface Scene {
  readonly queue: PartitionQueue;
  readonly outcomes: Outcomes;
  readonly published: Promise<void>;
  readonly advanced: number[];
  readonly forgotten: () => number;
}

function scene(sent = true, publishWithinMs = 10_000): Scene {
  const queue = new PartitionQueue("t", 0);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const call = new Call(10, resolve, reject);
  queue.add({ key: "a", value: new Uint8Array(3) }, call);
  queue.add({ key: "b", value: new Uint8Array(3) }, call);
  const advanced: number[] = [];
  let forgotten = 0;
  const session = { advance: (_: string, records: number) => advanced.push(records) } as unknown as ProducerSession;
  if (sent && queue.head !== undefined) queue.head.sentAs = { session, sequence: 0 };
  const outcomes = new Outcomes({ forgetSession: () => (forgotten += 1), publishWithinMs, tell: () => undefined });
  promise.catch(() => undefined);
  return { queue, outcomes, published: promise, advanced, forgotten: () => forgotten };
}

test("taken, and taken before: both are durable and count", async () => {
  for (const code of [0, 46]) {
    const { queue, outcomes, published, advanced } = scene();
    assert.equal(outcomes.settle(queue, code), true);
    await published;
    assert.deepEqual([advanced, queue.head], [[2], undefined]);
  }
});

test("what may pass stays at the head as it is", () => {
  for (const code of [3, 5, 6, 7, 19, 20]) {
    const { queue, outcomes, advanced, forgotten } = scene();
    assert.equal(outcomes.settle(queue, code), false, String(code));
    assert.deepEqual([queue.head?.count, advanced, forgotten()], [2, [], 0]);
  }
});

test("a broker that lost count gets a new producer and the same records", () => {
  for (const code of [45, 47, 59]) {
    const { queue, outcomes, forgotten } = scene();
    assert.equal(outcomes.settle(queue, code), false);
    assert.deepEqual([queue.head?.count, forgotten()], [2, 1]);
  }
});

test("what is refused fails its calls at once", async () => {
  for (const [code, expected] of [[10, "too-large"], [29, "forbidden"]] as const) {
    const { queue, outcomes, published } = scene();
    assert.equal(outcomes.settle(queue, code), true);
    await assert.rejects(published, (error) => hasCode(error, expected));
    assert.equal(queue.head, undefined);
  }
});

test("what is tried for too long is given up: unavailable when it was never sent, a timeout when it may be there", async () => {
  for (const [sent, expected] of [[false, "unavailable"], [true, "timeout"]] as const) {
    const { queue, outcomes, published, forgotten } = scene(sent, -1);
    outcomes.giveUpOld(queue);
    await assert.rejects(published, (error) => hasCode(error, expected));
    assert.deepEqual([queue.head, forgotten()], [undefined, sent ? 1 : 0]);
  }
  const gone = scene(false, -1);
  gone.outcomes.settle(gone.queue, 3);
  gone.outcomes.giveUpOld(gone.queue);
  await assert.rejects(gone.published, (error) => hasCode(error, "unknown-topic"));
});

test("a call of which a part is durable is not called undone", async () => {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const call = new Call(10, resolve, reject);
  const [first, second] = [new PartitionQueue("t", 0), new PartitionQueue("t", 1)];
  for (const queue of [first, second]) queue.add({ key: "a", value: new Uint8Array() }, call);
  const { outcomes } = scene(true, -1);
  outcomes.settle(first, 0);
  outcomes.giveUpOld(second);
  await assert.rejects(promise, (error) => hasCode(error, "timeout"));
  call.landed();
});
