import assert from "node:assert/strict";
import { test } from "node:test";
import { hasCode, type LogRecord } from "@caudal/core";
import fc from "fast-check";
import Decoder from "kafkajs/src/protocol/decoder.js";
import decodeRecordBatch from "kafkajs/src/protocol/recordBatch/v0/decoder.js";
import { BatchWriter, mostBytes, stampBatch } from "./batch-writer.ts";
import { pack, unpack } from "./codecs.ts";
import { crc32c } from "./crc32c.ts";
import { FetchedRecords } from "./fetched-records.ts";
import { batchField, CONTROL, LOG_APPEND_TIME } from "./record-batch.ts";

const ALL = { maxRecords: Infinity, maxBytes: Infinity };
const stamp = { producerId: 7n, producerEpoch: 1, sequence: 5 };

function batchOf(records: readonly LogRecord[], compression: "none" | "gzip" | "zstd" = "none", baseOffset = 0): Buffer {
  const writer = new BatchWriter();
  for (const record of records) writer.add(record, mostBytes(record));
  const batch = writer.finish(compression, 1_793_000_000_123);
  stampBatch(batch, stamp);
  // What the broker does with it.
  batch.writeBigInt64BE(BigInt(baseOffset), batchField.baseOffset);
  return batch;
}

const texts = fc.string({ unit: "grapheme", maxLength: 20 });
const anyRecord = fc.record({ key: texts, value: fc.uint8Array({ maxLength: 300 }), headers: fc.dictionary(fc.string({ minLength: 1, maxLength: 8 }), texts, { maxKeys: 3, noNullPrototype: true }) });

test("CRC-32C of known texts, at every place and length", () => {
  const digits = Buffer.from("123456789");
  assert.equal(crc32c(digits, 0, 9), 0xe3069283);
  assert.equal(crc32c(Buffer.from("..123456789."), 2, 11), 0xe3069283);
  assert.equal(crc32c(new Uint8Array(32), 0, 32), 0x8a9136aa);
  assert.equal(crc32c(digits, 0, 0), 0);
});

test("what is written is read back, for every codec and every way of taking it", () => {
  fc.assert(
    fc.property(fc.array(anyRecord, { minLength: 1, maxLength: 30 }), fc.constantFrom("none", "gzip", "zstd"), fc.integer({ min: 1, max: 7 }), (records, compression, maxRecords) => {
      const fetched = new FetchedRecords(batchOf(records, compression, 100), 100);
      const found = [];
      while (!fetched.drained) found.push(...fetched.take({ maxRecords, maxBytes: 400 }));
      assert.deepEqual(found.map(({ key, value, headers, offset, appendedAtUs }) => ({ key, value: [...value], headers: { ...headers }, offset, appendedAtUs })),
        records.map(({ key, value, headers }, i) => ({ key, value: [...value], headers, offset: 100 + i, appendedAtUs: 1_793_000_000_123_000 })));
      assert.equal(fetched.nextOffset, 100 + records.length);
    }),
  );
});

test("kafkajs reads what is written here", async () => {
  const records = [{ key: "ñandú", value: Buffer.from("one"), headers: { traceparent: "00-ab" } }, { key: "", value: Buffer.alloc(9000, 3) }];
  const batch = batchOf(records);
  const decoded = await decodeRecordBatch(new Decoder(batch));
  assert.deepEqual([decoded.producerId, decoded.producerEpoch, decoded.firstSequence], ["7", 1, 5]);
  assert.deepEqual(decoded.records.map(({ key, value }) => [key.toString(), value.toString("hex")]), records.map(({ key, value }) => [key, value.toString("hex")]));
  assert.equal(decoded.records[0]?.headers["traceparent"]?.toString(), "00-ab");
});

test("a fetch may begin inside a batch, end inside one, and hold batches that are no records", () => {
  const marker = batchOf([{ key: "marker", value: new Uint8Array() }], "none", 3);
  marker.writeInt16BE(CONTROL, batchField.attributes);
  stampBatch(marker, stamp);
  const bytes = Buffer.concat([batchOf(["a", "b", "c"].map((key) => ({ key, value: new Uint8Array() }))), marker, batchOf([{ key: "d", value: new Uint8Array() }], "none", 4), batchOf([{ key: "cut", value: new Uint8Array(90) }], "none", 5).subarray(0, 80)]);
  const fetched = new FetchedRecords(bytes, 2);
  assert.equal(fetched.endOffset, 5);
  assert.deepEqual(fetched.take(ALL).map(({ key, offset }) => [key, offset]), [["c", 2], ["d", 4]]);
  assert.deepEqual([fetched.nextOffset, fetched.drained], [5, true]);
  const onlyMarker = new FetchedRecords(marker, 3);
  assert.deepEqual(onlyMarker.take(ALL), []);
  assert.equal(onlyMarker.nextOffset, 4);
  assert.equal(new FetchedRecords(Buffer.alloc(0), 9).nextOffset, 9);
});

test("the broker's time counts where it sets it", () => {
  const batch = batchOf([{ key: "k", value: new Uint8Array() }]);
  batch.writeInt16BE(LOG_APPEND_TIME, batchField.attributes);
  batch.writeBigInt64BE(1_793_000_009_999n, batchField.maxTimestamp);
  stampBatch(batch, stamp);
  assert.equal(new FetchedRecords(batch, 0).take(ALL)[0]?.appendedAtUs, 1_793_000_009_999_000);
});

test("a spoilt batch is corrupt, wherever the spoilt byte is", () => {
  const corrupt = (bytes: Buffer): void => assert.throws(() => new FetchedRecords(bytes, 0).take(ALL), (error) => hasCode(error, "corrupt"));
  for (const at of [batchField.magic, batchField.count + 3, batchField.records, batchField.records + 4]) {
    const batch = batchOf([{ key: "key", value: new Uint8Array(50) }]);
    batch[at] = (batch[at] ?? 0) ^ 255;
    corrupt(batch);
  }
  // Wrong, and with the right checksum.
  const claims = batchOf([{ key: "key", value: new Uint8Array(50) }]);
  claims[batchField.records] = 255;
  stampBatch(claims, stamp);
  corrupt(claims);
});

test("codecs: small is left alone, foreign and spoilt is corrupt", () => {
  const long = Buffer.alloc(5000, "abc");
  for (const compression of ["gzip", "zstd"] as const) {
    const packed = pack(long, compression);
    assert.ok(packed.codec !== 0 && packed.bytes.length < 500);
    assert.deepEqual(unpack(packed), long);
    assert.throws(() => unpack({ ...packed, bytes: packed.bytes.subarray(3) }), (error) => hasCode(error, "corrupt"));
  }
  assert.equal(pack(Buffer.from("short"), "zstd").codec, 0);
  for (const codec of [2, 3, 7]) assert.throws(() => unpack({ codec, bytes: long }), (error) => hasCode(error, "corrupt"));
});
