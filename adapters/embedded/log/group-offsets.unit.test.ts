import assert from "node:assert/strict";
import { test } from "node:test";
import { GroupOffsets } from "./group-offsets.ts";
import { PartitionLog } from "./partition-log.ts";

const partition = (id: number): PartitionLog => new PartitionLog({ id, topic: "t", partition: id - 1, startOffset: 0, endOffset: 100 });

test("positions are taken to be written once each, the newest only, and again after a write that failed", () => {
  let told = 0;
  const offsets = new GroupOffsets(() => {
    told += 1;
  });
  const [one, two] = [partition(1), partition(2)];
  offsets.commit(one, "a", 5);
  offsets.commit(one, "a", 7);
  offsets.commit(one, "a", 7);
  offsets.commit(two, "a", 1);
  assert.equal(told, 3);
  const taken = offsets.takeDirty();
  assert.deepEqual(taken, [{ partitionId: 1, group: "a", nextOffset: 7 }, { partitionId: 2, group: "a", nextOffset: 1 }]);
  assert.deepEqual(offsets.takeDirty(), []);
  offsets.commit(one, "a", 9);
  offsets.giveBack(taken);
  assert.deepEqual(new Set(offsets.takeDirty()), new Set([{ partitionId: 1, group: "a", nextOffset: 9 }, { partitionId: 2, group: "a", nextOffset: 1 }]));
  assert.equal(told, 5);
});

test("the slowest group of a partition is the least position; groups are those of any partition", () => {
  const offsets = new GroupOffsets(() => undefined);
  const [one, two] = [partition(1), partition(2)];
  assert.equal(offsets.slowest(one), Infinity);
  offsets.load([{ partitionId: 1, group: "b", nextOffset: 4 }, { partitionId: 1, group: "a", nextOffset: 3 }, { partitionId: 2, group: "c", nextOffset: 0 }]);
  assert.equal(offsets.slowest(one), 3);
  assert.equal(offsets.get(one, "b"), 4);
  assert.deepEqual(offsets.groups([one, two]), ["a", "b", "c"]);
  assert.deepEqual(offsets.takeDirty(), [], "what was read from the disk is durable");
});
