import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deviceKey, Directory, Erasures, topics, topicSpecs, type Assignment, type EventLog, type LogRecord, type RecordBatch, type StoredRecord } from "@caudal/core";
import { createLiveChannel, openEmbeddedDocuments, openEmbeddedLog, openFileRegistry } from "@caudal/embedded";
import { createMetrics, createParker, Findings, silentLogger, systemClock } from "@caudal/runtime";
import { Codec, type Reading } from "@caudal/schemas";
import type { ConsumerPlan } from "../../processor/consumer-plan.ts";
import { openJudging } from "../../processor/judging/judging.ts";
import { openMapping } from "../../processor/mapping/mapping-group.ts";
import { openHeads } from "../../processor/state/partitions.ts";

/** Longer than any run: the log behind holds nothing to be compared with. */
const NEVER_MS = 1e9;

/** Mapping and judging of one partition as the service runs them, states stored as ever, with a sink in the place of the log. */
export interface BenchProcessor {
  readonly codec: Codec;
  /** Maps and judges a batch; gives what was published. */
  process(readings: readonly LogRecord[]): Promise<{ readonly points: readonly LogRecord[]; readonly measurements: readonly LogRecord[] }>;
  close(): Promise<void>;
}

export async function openBenchProcessor(): Promise<BenchProcessor> {
  const folder = await mkdtemp(join(tmpdir(), "caudal-bench-processor-"));
  const log = await openEmbeddedLog({ directory: folder });
  await log.declareTopics(topicSpecs(1));
  const documents = await openEmbeddedDocuments({ directory: folder });
  const codec = await Codec.open(openFileRegistry());
  const metrics = createMetrics({ process: false });
  const live = createLiveChannel();
  const sink = new Map<string, LogRecord[]>();
  const catching = catchingLog(log, (topic, records) => void (sink.get(topic)?.push(...records) ?? sink.set(topic, [...records])));
  const common = {
    log: catching, codec, documents, live, metrics, logger: silentLogger, clock: systemClock, parker: createParker({ log: catching, codec, metrics }), heads: await openHeads(documents),
    findings: new Findings({ documents, metrics, logger: silentLogger }), erasures: await Erasures.open(documents, () => systemClock.monotonicMs()), pace: { everyMs: 2000, everyRecords: 50_000 }, auditEveryMs: NEVER_MS,
  };
  const mapping = await openMapping({ ...common, directory: await Directory.open(documents), partitionCount: 1, adopt: "auto", past: async function* () { /* A device of this run has no past. */ } });
  const judging = await openJudging(common);
  const map = await onePartition(mapping.plan);
  const judge = await onePartition(judging.plan);
  const taken = (topic: string): readonly LogRecord[] => {
    const records = sink.get(topic) ?? [];
    sink.delete(topic);
    return records;
  };
  return {
    codec,
    async process(readings) {
      await map(readings);
      const points = taken(topics.points);
      await judge(points);
      return { points, measurements: taken(topics.measurements) };
    },
    async close() {
      await judging.stop();
      await Promise.all([log.close(), documents.close(), live.close()]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The log, but what is published goes elsewhere. */
function catchingLog(log: EventLog, caught: (topic: string, records: readonly LogRecord[]) => void): EventLog {
  return new Proxy(log, {
    get(target, name) {
      if (name === "publish") return async (topic: string, records: readonly LogRecord[]) => caught(topic, records);
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

/** Hands a group's handler batches of one partition, as a log would. */
async function onePartition({ topic, group, handler }: ConsumerPlan): Promise<(records: readonly LogRecord[]) => Promise<void>> {
  const assignment: Assignment = { topic, group, partition: 0, generation: 1, signal: new AbortController().signal, commit: async () => undefined, heartbeat: async () => undefined };
  let offset = (await handler.assigned?.(assignment)) ?? 0;
  return async (records) => {
    const appendedAtUs = systemClock.nowUs();
    const stored = records.map((record, index): StoredRecord => ({ headers: {}, ...record, offset: offset + index, appendedAtUs }));
    offset += records.length;
    const batch: RecordBatch = { topic, partition: 0, records: stored, nextOffset: offset, endOffset: offset };
    await handler.handle(batch, assignment);
  };
}

/** Readings of three values of many devices in turn, a minute apart each, as the collector puts them into the log. */
export function* loggerReadings(devices: number, startUs: number): Generator<Reading> {
  for (let turn = 0; ; turn += 1) {
    const round = Math.floor(turn / devices);
    const device = `well-${String(turn % devices).padStart(4, "0")}`;
    const timeUs = startUs + round * 60_000_000;
    const values = { total_m3: 1000 + round * 0.037, flow_lps: 12 + (turn % 50) / 10, level_m: 40 + (turn % 7) / 100 };
    const raw = Buffer.from(JSON.stringify({ id: device, ts: timeUs / 1000, ...values }));
    yield {
      eventId: `bench-${turn}`, client: "default", device, source: "mqtt", transport: "mqtt", origin: `caudal/default/${device}/readings`, observedAtUs: timeUs, receivedAtUs: timeUs + 1_000_000,
      samples: Object.entries(values).map(([key, value]) => ({ key, value, unit: null, timeUs })), contentType: "application/json", raw, rawSha256: Buffer.alloc(32, turn), labels: {},
    };
  }
}

/** A reading as a record of the log. */
export function readingRecord(codec: Codec, reading: Reading): LogRecord {
  return { key: deviceKey(reading.client, reading.device), value: codec.encode("Reading", reading) };
}
