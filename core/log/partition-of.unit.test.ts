import assert from "node:assert/strict";
import { test } from "node:test";
import { murmur2, partitionOf, partitionOfHash } from "./partition-of.ts";

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

test("murmur2 agrees with the vectors of Kafka's own tests", () => {
  const vectors: readonly (readonly [string, number])[] = [
    ["21", -973932308],
    ["foobar", -790332482],
    ["a-little-bit-long-string", -985981536],
    ["a-little-bit-longer-string", -1486304829],
    ["lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971],
    ["abc", 479470107],
  ];
  for (const [text, hash] of vectors) assert.equal(murmur2(encode(text)), hash, text);
});

test("murmur2 of a slice is that of the same bytes alone", () => {
  const padded = encode("..foobar.");
  assert.equal(murmur2(padded, 2, 8), murmur2(encode("foobar")));
});

test("the partition clears the hash's sign as Kafka does, and takes UTF-8 bytes", () => {
  assert.equal(partitionOfHash(-1, 7), 0x7fffffff % 7);
  assert.equal(partitionOf("foobar", 6), (-790332482 & 0x7fffffff) % 6);
  assert.equal(partitionOf("pozo-ñandú", 12), partitionOfHash(murmur2(encode("pozo-ñandú")), 12));
  assert.equal(partitionOf("", 5), partitionOfHash(murmur2(new Uint8Array()), 5));
});

test("keys spread over the partitions", () => {
  const counts = new Array<number>(6).fill(0);
  for (let i = 0; i < 6000; i += 1) counts[partitionOf(`demo/device-${i}`, 6)]! += 1;
  assert.ok(Math.min(...counts) > 800, String(counts));
});
