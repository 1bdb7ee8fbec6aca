import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { topics, topicSpecs, type Documents, type EventLog } from "@caudal/core";
import { openEmbeddedDocuments, openEmbeddedLog, openFileRegistry } from "@caudal/embedded";
import { createMetrics, createParker, localPrincipal, parseSettings, systemClock, type Clock, type LogFields, type Logger, type Metrics, type Parker } from "@caudal/runtime";
import { Codec, type RecordName, type RecordOf } from "@caudal/schemas";
import { collectorSettings, createCollector, type Collector, type CollectorOptions } from "../index.ts";

/** A collector over a real log in a folder of its own; all of it ends with `close`. */
export interface Harness {
  readonly folder: string;
  readonly log: EventLog;
  readonly codec: Codec;
  readonly documents: Documents;
  readonly metrics: Metrics;
  readonly parker: Parker;
  readonly lines: readonly { readonly level: string; readonly event: string; readonly fields: LogFields }[];
  readonly logger: Logger;
  readonly collector: Collector;
  /** What stands on a topic, by partition and offset. */
  read<N extends RecordName>(name: N): Promise<readonly RecordOf[N][]>;
  close(): Promise<void>;
}

const topicOf: Readonly<Record<RecordName, string>> = { Reading: topics.readings, PointEvent: topics.points, Measurement: topics.measurements, DevicePresence: topics.devices, Parked: topics.parked };

export interface HarnessOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly clock?: Clock;
  readonly authenticate?: CollectorOptions["authenticate"];
  /** Between the collector and the real log. */
  readonly wrapLog?: (log: EventLog) => EventLog;
  readonly mqttPortAsked?: boolean;
  readonly secrets?: CollectorOptions["secrets"];
  /** Of several collectors together; whoever opened them closes them. Its own when absent. */
  readonly documents?: Documents;
}

/** Opens log, registry and collector, and starts it. MQTT is off unless `env` says otherwise. */
export async function openHarness(options: HarnessOptions = {}): Promise<Harness> {
  const folder = await mkdtemp(join(tmpdir(), "caudal-collector-"));
  const inner = await openEmbeddedLog({ directory: join(folder, "log") });
  await inner.declareTopics(topicSpecs(2));
  const log = options.wrapLog?.(inner) ?? inner;
  const codec = await Codec.open(openFileRegistry());
  const documents = options.documents ?? (await openEmbeddedDocuments({ directory: join(folder, "documents") }));
  const metrics = createMetrics({ process: false });
  const { lines, logger } = rememberingLogger();
  const parker = createParker({ log, codec, metrics });
  const settings = parseSettings(collectorSettings, { env: { CAUDAL_MQTT: "off", ...options.env } });
  const collector = createCollector({
    log, codec, documents, parker, logger, metrics, settings, clock: options.clock ?? systemClock,
    authenticate: options.authenticate ?? (async () => localPrincipal), mqttPortAsked: options.mqttPortAsked ?? true,
    ...(options.secrets === undefined ? {} : { secrets: options.secrets }),
  });
  const closeStores = async (): Promise<void> => {
    if (options.documents === undefined) await documents.close();
    await inner.close();
    await rm(folder, { recursive: true, force: true });
  };
  await collector.start().catch(async (error: unknown) => {
    await closeStores();
    throw error;
  });
  return {
    folder, log, codec, documents, metrics, parker, lines, logger, collector,
    read: (name) => readAll(inner, codec, name),
    close: async () => {
      await collector.stop(4000);
      await closeStores();
    },
  };
}

async function readAll<N extends RecordName>(log: EventLog, codec: Codec, name: N): Promise<readonly RecordOf[N][]> {
  const values: RecordOf[N][] = [];
  for (const { partition, startOffset, endOffset } of await log.bounds(topicOf[name])) {
    for (let fromOffset = startOffset; fromOffset < endOffset;) {
      const batch = await log.read({ topic: topicOf[name], partition, fromOffset, maxBytes: 16 * 1024 * 1024 });
      for (const record of batch.records) {
        const decoded = codec.decode(name, record.value);
        if (!decoded.ok) throw new Error(`${name} at ${partition}/${record.offset}: ${decoded.why}`);
        values.push(decoded.value);
      }
      fromOffset = batch.nextOffset;
    }
  }
  return values;
}

function rememberingLogger(): { lines: { level: string; event: string; fields: LogFields }[]; logger: Logger } {
  const lines: { level: string; event: string; fields: LogFields }[] = [];
  const at = (level: string) => (event: string, fields: LogFields = {}): void => void lines.push({ level, event, fields });
  const logger: Logger = { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error"), child: () => logger };
  return { lines, logger };
}

/** Polls until the check gives something, for at most `withinMs`. */
export async function eventually<T>(check: () => Promise<T | undefined | false> | T | undefined | false, withinMs = 8000): Promise<T> {
  const untilMs = performance.now() + withinMs;
  for (;;) {
    const found = await check();
    if (found !== undefined && found !== false) return found;
    if (performance.now() > untilMs) throw new Error(`not within ${withinMs} ms: ${check.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 15));
  }
}
