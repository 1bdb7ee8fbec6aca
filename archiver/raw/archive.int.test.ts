import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { REPLAY_HEADER, replayRecords, topics, type Assignment, type EventLog, type RecordBatch, type SegmentStore, type StoredRecord } from "@caudal/core";
import { openEmbeddedLog, openFileSegments } from "@caudal/embedded";
import { ArchiveHandler } from "./archive-handler.ts";
import type { ArchiveLedger } from "./partition-archive.ts";
import { MERGE_RUN, mergeSegments, runToMerge, SMALL_BYTES, type WrittenSegment } from "./merge.ts";
import { sealSegment } from "./segment-buffer.ts";

interface Parts {
  readonly log: EventLog;
  readonly segments: SegmentStore;
}

const topic = topics.readings;
const DAY_US = 86_400_000_000;

async function parts(context: TestContext): Promise<Parts> {
  const directory = await mkdtemp(join(tmpdir(), "caudal-archive-"));
  const log = await openEmbeddedLog({ directory: join(directory, "log") });
  const segments = await openFileSegments(join(directory, "archive"));
  await log.declareTopics([{ name: topic, partitions: 1, retentionMs: null }]);
  context.after(async () => {
    await log.close();
    await segments.close();
    await rm(directory, { recursive: true });
  });
  return { log, segments };
}

/** An owner of partition 0 whose commits are kept; `failCommit` crashes between the durable segment and the commit. */
function owner(options: { failCommit?: boolean } = {}): { assignment: Assignment; committed: () => number } {
  let position = 0;
  const commit = async (nextOffset: number): Promise<void> => {
    if (options.failCommit === true) throw new Error("crash before commit");
    position = nextOffset;
  };
  const assignment = { topic, group: "archiver-readings", partition: 0, generation: 1, signal: new AbortController().signal, commit, heartbeat: async () => undefined };
  return { assignment, committed: () => position };
}

/** A ledger that begins at 0 and forgets with its owner, as one that a crash kept from being stored. */
function claimed(): ArchiveLedger {
  let offset = 0;
  return { add: ({ nextOffset }) => void (offset = nextOffset), store: async () => undefined, get offset() { return offset; } };
}

function handler(segments: SegmentStore, options: { maxSegmentBytes?: number; nowMs?: () => number } = {}): ArchiveHandler {
  const { maxSegmentBytes = 2000, nowMs = () => 0 } = options;
  return new ArchiveHandler({ segments, erasures: { clients: async () => new Map() }, claim: async () => claimed(), limits: { maxSegmentBytes, maxSegmentAgeMs: 1000 }, monotonicMs: nowMs, onFlushError: (error) => assert.fail(String(error)) });
}

async function published(log: EventLog, count: number): Promise<RecordBatch> {
  await log.publish(topic, Array.from({ length: count }, (_, index) => ({ key: `demo/W-${index % 3}`, value: Buffer.from(`reading ${index} ${"x".repeat(100)}`) })));
  return log.read({ topic, partition: 0, fromOffset: 0, maxRecords: 10_000, waitMs: 1000 });
}

async function past({ log, segments }: Parts, fromOffset: number, toOffset: number): Promise<number[]> {
  const offsets: number[] = [];
  for await (const records of replayRecords({ segments, log, topic, partition: 0, fromOffset, toOffset })) offsets.push(...records.map((record) => record.offset));
  return offsets;
}

const upTo = (end: number, start = 0): number[] => Array.from({ length: end - start }, (_, index) => start + index);

test("the offset follows durable segments, and the past reads as one stream across archive and log", async (context) => {
  const stores = await parts(context);
  const batch = await published(stores.log, 100);
  const { assignment, committed } = owner();
  const archive = handler(stores.segments);
  await archive.assigned(assignment);
  await archive.handle(batch);
  assert.ok(committed() > 0 && committed() < 100, "the last segment is not full yet");
  assert.ok((await stores.segments.list("")).length > 3);
  assert.deepEqual(await past(stores, 0, 100), upTo(100));
  assert.deepEqual(await past(stores, 17, 60), upTo(60, 17));
  await archive.revoked(assignment, false);
  assert.equal(committed(), 100);
});

test("what the log has trimmed is still there, and a hole that neither has is an error, not a gap", async (context) => {
  const stores = await parts(context);
  const batch = await published(stores.log, 50);
  const { assignment } = owner();
  const archive = handler(stores.segments);
  await archive.assigned(assignment);
  await archive.handle(batch);
  await archive.revoked(assignment, false);
  await stores.log.trimBefore(topic, 0, 50);
  assert.deepEqual(await past(stores, 0, 50), upTo(50));
  for (const name of await stores.segments.list("")) await stores.segments.remove(name);
  await assert.rejects(past(stores, 0, 50), { code: "offset-out-of-range" });
});

test("a segment that is gone from the middle is read from the log, and is an error where that has trimmed it", async (context) => {
  const stores = await parts(context);
  const batch = await published(stores.log, 100);
  const { assignment } = owner();
  const archive = handler(stores.segments);
  await archive.assigned(assignment);
  await archive.handle(batch);
  await archive.revoked(assignment, false);
  const names = await stores.segments.list("");
  await stores.segments.remove(names[1]!);
  assert.deepEqual(await past(stores, 0, 100), upTo(100));
  await stores.log.trimBefore(topic, 0, 100);
  await assert.rejects(past(stores, 0, 100), { code: "offset-out-of-range" });
});

test("a crash between the segment and its commit archives again, and reading passes over the overlap", async (context) => {
  const stores = await parts(context);
  const batch = await published(stores.log, 30);
  const crashed = handler(stores.segments);
  await crashed.assigned(owner({ failCommit: true }).assignment);
  await assert.rejects(crashed.handle(batch), /crash before commit/);
  const before = (await stores.segments.list("")).length;
  assert.ok(before > 0);
  const second = handler(stores.segments, { maxSegmentBytes: 3000 });
  const { assignment } = owner();
  await second.assigned(assignment);
  await second.handle(batch);
  await second.revoked(assignment, false);
  assert.ok((await stores.segments.list("")).length > before, "segments overlap");
  assert.deepEqual(await past(stores, 0, 30), upTo(30));
});

test("a batch that failed half way and comes again is not archived twice", async (context) => {
  const stores = await parts(context);
  const batch = await published(stores.log, 30);
  let full = true;
  const segments: SegmentStore = { ...stores.segments, put: async (name, bytes) => (full ? Promise.reject(new Error("disk full")) : stores.segments.put(name, bytes)), list: (...of) => stores.segments.list(...of), get: (name) => stores.segments.get(name), remove: (name) => stores.segments.remove(name), close: async () => undefined };
  const { assignment, committed } = owner();
  const archive = handler(segments);
  await archive.assigned(assignment);
  await assert.rejects(archive.handle(batch), /disk full/);
  full = false;
  await archive.handle(batch);
  await archive.revoked(assignment, false);
  assert.equal(committed(), 30);
  assert.deepEqual(await past(stores, 0, 30), upTo(30));
});

test("an old segment is written though it is small, and a record replayed for one group is not kept twice", async (context) => {
  const stores = await parts(context);
  await stores.log.publish(topic, [{ key: "demo/a", value: Buffer.from("1") }, { key: "demo/a", value: Buffer.from("1"), headers: { [REPLAY_HEADER]: "processor-mapping" } }]);
  const batch = await stores.log.read({ topic, partition: 0, fromOffset: 0, waitMs: 1000 });
  let now = 0;
  const archive = handler(stores.segments, { nowMs: () => now });
  const { assignment, committed } = owner();
  await archive.assigned(assignment);
  await archive.handle(batch);
  now = 999;
  await archive.flushAged();
  assert.equal(committed(), 0);
  now = 1000;
  await archive.flushAged();
  assert.equal(committed(), 2);
  assert.deepEqual(await past(stores, 0, 2), [0]);
});

const stored = (offset: number, day: number): StoredRecord => ({ offset, appendedAtUs: day * DAY_US + offset, key: "demo/a", headers: {}, value: Buffer.from(String(offset)) });

test("a day's end closes a segment", async (context) => {
  const { segments } = await parts(context);
  const archive = handler(segments, { maxSegmentBytes: 1_000_000 });
  const { assignment, committed } = owner();
  await archive.assigned(assignment);
  await archive.handle({ topic, partition: 0, records: [stored(0, 20_000), stored(1, 20_000), stored(2, 20_001)], nextOffset: 3, endOffset: 3 });
  assert.equal(committed(), 2);
  assert.match((await segments.list(""))[0] ?? "", /\.2024-10-04\.[0-9a-f]{64}\.avro$/);
});

test("small neighbours of one day become one segment, and nothing else does", async (context) => {
  const { segments } = await parts(context);
  const written: WrittenSegment[] = [];
  for (const offset of upTo(MERGE_RUN + 1)) {
    const day = offset === 0 ? 20_000 : 20_001;
    const { name, bytes } = await sealSegment({ topic, partition: 0, firstOffset: offset, nextOffset: offset + 1, day }, [stored(offset, day)]);
    await segments.put(name, bytes);
    written.push({ name, bytes: bytes.length });
  }
  assert.deepEqual(runToMerge(written.slice(0, MERGE_RUN)), [], "too few of the newest day");
  assert.deepEqual(runToMerge([...written.slice(0, -1), { name: written.at(-1)?.name ?? "", bytes: SMALL_BYTES + 1 }]), [], "the newest is large");
  const run = runToMerge(written);
  assert.equal(run.length, MERGE_RUN);
  const merged = await mergeSegments(segments, run);
  assert.deepEqual((await segments.list("")).length, 2);
  assert.match(merged?.name ?? "", new RegExp(`0000000000000001-${String(MERGE_RUN + 1).padStart(16, "0")}`));
});
