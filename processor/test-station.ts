import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import {
  deviceKey, Directory, groups, replayRecords, systemScope, topics, topicSpecs, type Documents, type EventLog, type LogRecord, type SeriesTier, type StoredRecord,
} from "@caudal/core";
import { createLiveChannel, openEmbeddedDocuments, openEmbeddedLog, openEmbeddedTier, openFileRegistry, openFileSegments } from "@caudal/embedded";
import { createMetrics, createParker, silentLogger, systemClock, type Logger, type Metrics } from "@caudal/runtime";
import { Codec, type Measurement, type Parked, type PointEvent, type Reading, type RecordName, type RecordOf } from "@caudal/schemas";
import { createProcessor, type Processor, type ProcessorOptions } from "./index.ts";

export const S = 1_000_000;
/** A full hour a day and a half ago: within what the hot tier keeps, so that a change of today reaches it. */
export const T0 = Math.floor(Date.now() / 3_600_000) * 3600 * S - 36 * 3600 * S;
const PARTITIONS = 2;
const DAY_MS = 24 * 3600 * 1000;

/** Everything that the processor stands on, real, in a folder of its own. */
export interface Station {
  readonly log: EventLog;
  readonly codec: Codec;
  readonly documents: Documents;
  readonly directory: Directory;
  readonly hot: SeriesTier;
  readonly warm: SeriesTier;
  readonly metrics: Metrics;
  /** Starts a processor; it is stopped with the station, if nobody did before. */
  start(options?: Partial<ProcessorOptions>): Promise<Processor>;
  send(...readings: readonly Reading[]): Promise<void>;
  publish(topic: string, ...records: readonly LogRecord[]): Promise<void>;
  records(topic: string): Promise<readonly StoredRecord[]>;
  all<N extends RecordName>(name: N): Promise<readonly RecordOf[N][]>;
  points(): Promise<readonly PointEvent[]>;
  measurements(): Promise<readonly Measurement[]>;
  parked(): Promise<readonly Parked[]>;
  /** Resolves when no group of the processor has anything left to do and all of it is stored. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

let serial = 0;

/** A reading of a device; each call is another event. */
export function reading(device: string, atS: number, values: Readonly<Record<string, Reading["samples"][number]["value"]>>, more: Partial<Reading> = {}): Reading {
  const timeUs = T0 + atS * S;
  return {
    eventId: `r${++serial}`, client: "acme", device, source: "mqtt", transport: "mqtt", origin: "caudal/acme", observedAtUs: timeUs, receivedAtUs: timeUs + S,
    samples: Object.entries(values).map(([key, value]) => ({ key, value, unit: null, timeUs })),
    contentType: "application/json", raw: Buffer.from("{}"), rawSha256: Buffer.alloc(32), labels: {}, ...more,
  };
}

/** Asks until it is true. */
export async function until(what: string, holds: () => Promise<boolean> | boolean, withinMs = 8000): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`never: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 15));
  }
}

const topicOf = { Reading: topics.readings, PointEvent: topics.points, Measurement: topics.measurements, DevicePresence: topics.devices, Parked: topics.parked } as const;
const consumed = [[topics.readings, groups.mapping], [topics.points, groups.judging], [topics.measurements, groups.hot], [topics.measurements, groups.warm]] as const;

export async function openStation(logger: Logger = silentLogger): Promise<Station> {
  const folder = await mkdtemp(join(tmpdir(), "caudal-processor-"));
  const log = await openEmbeddedLog({ directory: folder });
  await log.declareTopics(topicSpecs(PARTITIONS));
  const documents = await openEmbeddedDocuments({ directory: folder });
  const tier = (name: "hot" | "warm", days: number): Promise<SeriesTier> => openEmbeddedTier({ name, directory: folder, retentionMs: days * DAY_MS, revisions: "latest" });
  const [hot, warm] = await Promise.all([tier("hot", 3), tier("warm", 30)]);
  const segments = await openFileSegments(join(folder, "segments"));
  const codec = await Codec.open(openFileRegistry());
  const metrics = createMetrics({ process: false });
  const live = createLiveChannel();
  const running: Processor[] = [];

  async function records(topic: string): Promise<readonly StoredRecord[]> {
    const found: StoredRecord[] = [];
    for (const { partition, startOffset, endOffset } of await log.bounds(topic)) {
      let fromOffset = startOffset;
      while (fromOffset < endOffset) {
        const batch = await log.read({ topic, partition, fromOffset, waitMs: 0 });
        found.push(...batch.records);
        fromOffset = batch.nextOffset;
      }
    }
    return found;
  }

  async function all<N extends RecordName>(name: N): Promise<readonly RecordOf[N][]> {
    return (await records(topicOf[name])).map((record) => {
      const decoded = codec.decode(name, record.value);
      if (!decoded.ok) throw new Error(decoded.why);
      return decoded.value;
    });
  }

  return {
    log, codec, documents, hot, warm, metrics, records, all,
    directory: await Directory.open(documents),
    start: async (options = {}) => {
      const processor = createProcessor({
        log, codec, documents, hot, warm, live, metrics, logger, parker: createParker({ log, codec, metrics }), clock: systemClock, settings: { adopt: "auto" },
        pace: { everyMs: 20, everyRecords: 1000 }, lookEveryMs: 100,
        past: (partition, fromOffset, toOffset) => replayRecords({ segments, log, topic: topics.readings, partition, fromOffset, toOffset }),
        ...options,
      });
      await processor.start();
      const stop = processor.stop;
      const stopOnce: Processor = { ...processor, stop: async (ms) => { if (running.includes(stopOnce)) { running.splice(running.indexOf(stopOnce), 1); await stop(ms); } } };
      running.push(stopOnce);
      return stopOnce;
    },
    send: (...readings) => log.publish(topics.readings, readings.map((one) => ({ key: deviceKey(one.client, one.device), value: codec.encode("Reading", one) }))),
    publish: (topic, ...list) => log.publish(topic, list),
    points: () => all("PointEvent"),
    measurements: () => all("Measurement"),
    parked: () => all("Parked"),
    settled: () => until("every group is at the end of its topic", async () => {
      // Twice the same: what one group makes is the next one's work.
      for (const [topic, group] of consumed) if ((await log.lag(topic, group)).some(({ lag }) => lag > 0)) return false;
      if (running.some((processor) => processor.status().remapping > 0)) return false;
      for (const [topic, group] of consumed) if ((await log.lag(topic, group)).some(({ lag }) => lag > 0)) return false;
      return true;
    }),
    close: async () => {
      await Promise.all([...running].map((processor) => processor.stop(2000)));
      await log.close();
      await Promise.all([hot.close(), warm.close(), documents.close(), live.close(), segments.close()]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Facts that a tier shows of a point, as [variable, seconds after T0, value, flag, …reasons], by variable and time. */
export async function factsOf(tier: SeriesTier, client: string, point: string): Promise<readonly unknown[]> {
  const rows: [string, number, number | null, number, ...string[]][] = [];
  for await (const { rows: count, timesUs, columns } of tier.read(systemScope, { client, point, fromUs: T0 - 3600 * S, toUs: T0 + 400_000 * S })) {
    for (const { variable, values, flags, reasons } of columns) {
      for (let row = 0; row < count; row++) {
        const value = values[row] ?? NaN;
        if ((flags[row] ?? 0) !== 0) rows.push([variable, ((timesUs[row] ?? 0) - T0) / S, Number.isNaN(value) ? null : value, flags[row] ?? 0, ...(reasons.get(row) ?? [])]);
      }
    }
  }
  return rows.sort((a, b) => (a[0] === b[0] ? a[1] - b[1] : a[0] < b[0] ? -1 : 1));
}

/** A test with a station of its own. */
export function withStation(name: string, run: (station: Station) => Promise<void>): void {
  test(name, async (context) => {
    const station = await openStation();
    context.after(() => station.close());
    await run(station);
  });
}
