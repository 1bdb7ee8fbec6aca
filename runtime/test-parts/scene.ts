import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { topicSpecs, type EventLog, type SchemaRegistry, type StoredRecord } from "@caudal/core";
import { Codec, type Measurement, type Reading } from "@caudal/schemas";
import { createMetrics, type Metrics } from "../index.ts";

/** The real engine, handed in by the test: nothing but a test may import an adapter. */
export interface Engine {
  openEmbeddedLog(options: { readonly directory: string }): Promise<EventLog>;
  openFileRegistry(): SchemaRegistry;
}

export interface Scene {
  readonly log: EventLog;
  readonly codec: Codec;
  readonly registry: SchemaRegistry;
  readonly metrics: Metrics;
  /** Every record of a topic, by partition and offset. */
  all(topic: string): Promise<readonly StoredRecord[]>;
}

const PARTITIONS = 2;

export async function openScene(context: TestContext, engine: Engine): Promise<Scene> {
  const directory = await mkdtemp(join(tmpdir(), "caudal-runtime-"));
  const log = await engine.openEmbeddedLog({ directory });
  context.after(async () => {
    await log.close();
    await rm(directory, { recursive: true, force: true });
  });
  await log.declareTopics(topicSpecs(PARTITIONS));
  const registry = engine.openFileRegistry();
  const codec = await Codec.open(registry);
  return {
    log, registry, codec, metrics: createMetrics({ process: false }),
    all: async (topic) => {
      const found: StoredRecord[] = [];
      for (const { partition, startOffset, endOffset } of await log.bounds(topic)) {
        for (let fromOffset = startOffset; fromOffset < endOffset;) {
          const { records, nextOffset } = await log.read({ topic, partition, fromOffset, maxBytes: 64 * 1024 * 1024 });
          found.push(...records);
          fromOffset = nextOffset;
        }
      }
      return found;
    },
  };
}

export function reading(client: string, device: string): Reading {
  const raw = Buffer.from("1");
  return {
    eventId: `e-${device}`, client, device, source: "http", transport: "http", origin: "/api/v1/readings", observedAtUs: null, receivedAtUs: 1_700_000_000_000_000,
    samples: [{ key: "flow", value: 1, unit: null, timeUs: null }], contentType: "application/json", raw, rawSha256: Buffer.alloc(32), labels: {},
  };
}

export function measurement(client: string, point: string, instantUs: number, over: Partial<Measurement> = {}): Measurement {
  return {
    eventId: `m-${point}-${instantUs}`, client, point, device: "d", channel: "", source: "http", transport: "http", instantUs, observedAtUs: instantUs,
    receivedAtUs: instantUs, authority: 0, knownAtUs: instantUs, causeId: "c", facts: [{ variable: "flow", value: 1.5, flag: 1, reasons: [] }], labels: {}, ...over,
  };
}
