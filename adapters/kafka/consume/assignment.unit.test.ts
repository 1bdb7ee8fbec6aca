import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Names } from "../topics/names.ts";
import { configOf } from "../topics/declare.ts";
import { decodeShare, encodeShare, share } from "./assignment.ts";

test("every partition has one owner, shares differ by one at most, and the order of the members does not matter", () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 9 }), fc.integer({ min: 1, max: 40 }), (members, partitions) => {
      const shares = share(members, partitions);
      assert.deepEqual([...shares.values()].flat().sort((a, b) => a - b), Array.from({ length: partitions }, (_, i) => i));
      const sizes = [...shares.values()].map(({ length }) => length);
      assert.ok(Math.max(...sizes) - Math.min(...sizes) <= 1);
      assert.deepEqual(share([...members].reverse(), partitions), shares);
    }),
  );
});

test("a share survives its way through the coordinator", () => {
  assert.deepEqual(decodeShare(encodeShare("t", [3, 1]), "t"), [1, 3]);
  assert.deepEqual(decodeShare(encodeShare("t", [3, 1]), "other"), []);
  assert.deepEqual(decodeShare(Buffer.alloc(0), "t"), []);
});

test("a group in Kafka is one of a topic, and names come back without the prefix", () => {
  const names = new Names("plant1.");
  assert.equal(names.topic("caudal.readings"), "plant1.caudal.readings");
  assert.equal(names.group("caudal.readings", "processor-mapping"), "plant1.processor-mapping@caudal.readings");
  assert.equal(names.groupOf("caudal.readings", "plant1.processor-mapping@caudal.readings"), "processor-mapping");
  assert.equal(names.groupOf("caudal.points", "plant1.processor-mapping@caudal.readings"), undefined);
  assert.equal(names.groupOf("caudal.readings", "plant2.processor-mapping@caudal.readings"), undefined);
});

test("a topic's settings in Kafka's words", () => {
  const kept = configOf({ name: "t", partitions: 1, retentionMs: null }, { replication: 3, minInSync: 2 });
  assert.deepEqual([kept.get("retention.ms"), kept.get("segment.ms"), kept.get("min.insync.replicas")], ["-1", undefined, "2"]);
  const week = configOf({ name: "t", partitions: 1, retentionMs: 7 * 86_400_000 }, { replication: 1, minInSync: 1 });
  assert.deepEqual([week.get("retention.ms"), week.get("segment.ms"), week.get("message.timestamp.type")], ["604800000", "86400000", "LogAppendTime"]);
  assert.equal(configOf({ name: "t", partitions: 1, retentionMs: 1000 }, { replication: 1, minInSync: 1 }).get("segment.ms"), "60000");
});
