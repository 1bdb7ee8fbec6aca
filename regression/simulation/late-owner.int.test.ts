import assert from "node:assert/strict";
import { test } from "node:test";
import { topics, type Assignment, type RecordBatch, type StoredRecord } from "@caudal/core";
import { openFileRegistry } from "@caudal/embedded";
import { silentLogger } from "@caudal/runtime";
import { Codec, type Measurement } from "@caudal/schemas";
import { ArchiveHandler } from "../../archiver/raw/archive-handler.ts";
import { Marker } from "../../analytics/rollups/marker.ts";
import { MarkStore } from "../../analytics/rollups/mark-store.ts";
import { openPorts, type SimulatedPorts } from "./world/ports.ts";
import { World } from "./world/world.ts";

// Found by simulated runs: a member whose old handler hung, and who came back, was told of its old loss only after its new gain.

const topic = topics.measurements;
const measurement: Measurement = {
  eventId: "e", client: "c", point: "p", device: "d", channel: "", source: "s", transport: "http", instantUs: 1, observedAtUs: 1, receivedAtUs: 1, authority: 0, knownAtUs: 1, causeId: "c",
  facts: [{ variable: "flow", value: 1, flag: 1, reasons: [] }], labels: {},
};

async function opened(): Promise<SimulatedPorts> {
  const world = new World({ seed: "late owner" });
  const ports = openPorts(world, world.process("owner"));
  await ports.log.declareTopics([{ name: topic, partitions: 1, retentionMs: null }]);
  return ports;
}

function assignmentOf(generation: number): Assignment {
  return { topic, group: "g", partition: 0, generation, signal: new AbortController().signal, commit: async () => undefined, heartbeat: async () => undefined };
}

function batchOf(value: Uint8Array): RecordBatch {
  const record: StoredRecord = { key: "p", value, headers: {}, offset: 0, appendedAtUs: 1 };
  return { topic, partition: 0, records: [record], nextOffset: 1, endOffset: 1 };
}

test("a loss that is told late takes nothing from the archive of the newer generation", async () => {
  const { segments } = await opened();
  const ledger = { offset: 0, add: () => undefined, store: async () => undefined };
  const handler = new ArchiveHandler({
    segments, erasures: { clients: async () => new Map() } as never, claim: async () => ledger as never, limits: { maxSegmentBytes: 1, maxSegmentAgeMs: 1 }, monotonicMs: () => performance.now(), onFlushError: () => undefined,
  });
  await handler.assigned(assignmentOf(1));
  await handler.assigned(assignmentOf(2));
  await handler.revoked(assignmentOf(1), true);
  await handler.handle(batchOf(Uint8Array.of(1)));
  assert.equal((await segments.list("")).length, 1);
  await handler.revoked(assignmentOf(2), true);
  await assert.rejects(handler.handle(batchOf(Uint8Array.of(1))), { code: "stale-generation" });
});

test("a loss that is told late takes no mark of the newer generation", async () => {
  const { log, documents } = await opened();
  const codec = await Codec.open(openFileRegistry());
  const store = await MarkStore.open(documents);
  const marker = new Marker({ log, codec, store, logger: silentLogger, onMarked: () => undefined });
  await marker.assigned(assignmentOf(1), 0);
  await marker.assigned(assignmentOf(2), 0);
  await marker.revoked(assignmentOf(1));
  await marker.handle(batchOf(codec.encode("Measurement", measurement)));
  assert.equal((await store.getMany(["p"])).length, 1);
  await marker.revoked(assignmentOf(2));
  await assert.rejects(marker.handle(batchOf(codec.encode("Measurement", measurement))), { code: "stale-generation" });
});
