import { hash } from "node:crypto";
import { deviceKey, EDGE_GROUP, REDELIVERED_HEADER, topics, TRACE_HEADER, type EventLog, type LogRecord } from "@caudal/core";
import { NO_CLIENT, type Metrics, type Parker, type ParkItem } from "@caudal/runtime";
import type { Codec, Reading } from "@caudal/schemas";
import { bufferOf } from "../decode/bytes.ts";
import { refused, type DecodedRow, type Parsed, type Refusal } from "../decode/decoded.ts";
import type { DeviceQuota, Named } from "./device-quota.ts";
import type { Presence } from "./presence.ts";

/** Where a message came from and by what way. */
export interface Route {
  readonly source: string;
  readonly transport: string;
  /** MQTT topic, HTTP path or file name. */
  readonly origin: string;
  readonly receivedAtUs: number;
}

/** One reading on its way to the log. */
export interface Accepted {
  readonly client: string;
  readonly device: string;
  readonly eventId: string;
  readonly traceparent: string;
  readonly route: Route;
  readonly row: DecodedRow;
  /** Beside the row's own. */
  readonly labels?: Readonly<Record<string, string>>;
  /** False: it is no sign of life of its device, an old row that was read again. True when absent. */
  readonly heard?: boolean;
}

/** What could not be used, kept whole. */
export interface Kept {
  /** Undefined when nobody can say. */
  readonly client: string | undefined;
  readonly device?: string | undefined;
  readonly route: Route;
  readonly raw: Uint8Array;
  readonly contentType: string;
  readonly refusal: Refusal;
  readonly labels?: Readonly<Record<string, string>>;
  /** It may have been kept before, under another id: its sender saw no acknowledgement. */
  readonly redelivered?: boolean;
  /** The same for what may be read again after a crash. */
  readonly eventId?: string;
}

/** A reading as the log holds it, ready to be published. */
export interface Prepared {
  readonly record: LogRecord;
  readonly accepted: Accepted;
}

/** Kafka's usual limit of a record is 1 MiB with its headers; no reading may be one that only some logs take. */
const MAX_RECORD_BYTES = 1_000_000;
/** One publish is one commit; more than this gains nothing and holds memory. */
const MAX_PUBLISH_BYTES = 4 * 1024 * 1024;

export interface EdgeOptions {
  readonly log: EventLog;
  readonly codec: Codec;
  readonly parker: Parker;
  readonly metrics: Metrics;
  readonly presence: Presence;
  /** How many devices that nobody knows may come; any number when absent. */
  readonly quota?: DeviceQuota | undefined;
}

/** The one way by which every transport puts readings into the log. */
export class Edge {
  readonly #options: EdgeOptions;

  constructor(options: EdgeOptions) {
    this.#options = options;
  }

  /** The keys (`deviceKey`) of those that are turned away, one device too many that nobody knows. */
  async admit(named: readonly Named[]): Promise<ReadonlySet<string>> {
    return (await this.#options.quota?.admit(named)) ?? new Set();
  }

  /** True when a message of a device that was turned away may be kept aside. */
  mayPark(client: string): boolean {
    return this.#options.quota?.mayPark(client) ?? true;
  }

  /** Seconds after which a device that was turned away may be admitted. */
  retryAfterS(): number {
    return this.#options.quota?.retryAfterS() ?? 1;
  }

  /** Encodes one reading; refuses one that is too large for a record. */
  prepare(accepted: Accepted): Parsed<Prepared> {
    const { client, device, route, row } = accepted;
    const raw = bufferOf(row.raw);
    const reading: Reading = {
      eventId: accepted.eventId, client, device, ...route, observedAtUs: row.observedAtUs, samples: row.samples, contentType: row.contentType,
      raw, rawSha256: hash("sha256", raw, "buffer"), labels: accepted.labels === undefined ? row.labels : { ...row.labels, ...accepted.labels },
    };
    const value = this.#options.codec.encode("Reading", reading);
    if (value.length > MAX_RECORD_BYTES) return refused("too-large", "the reading does not fit a record of the log; send it in smaller parts");
    return { ok: true, value: { accepted, record: { key: deviceKey(client, device), value, headers: { [TRACE_HEADER]: accepted.traceparent } } } };
  }

  /** Resolves when all are durable: readings, what is kept aside, and words of presence. Rejects as the log does; then some may be durable all the same. */
  async publish(readings: readonly Prepared[], kept: readonly Kept[] = [], words: readonly LogRecord[] = []): Promise<void> {
    const { log, parker } = this.#options;
    await Promise.all([
      this.#publishReadings(readings),
      kept.length === 0 ? undefined : parker.park(kept.map(parkItem)),
      words.length === 0 ? undefined : log.publish(topics.devices, words),
    ]);
    const accepted = this.#options.metrics.counter("caudal_readings_accepted_total");
    for (const [transport, count] of countBy(readings, ({ accepted: { route } }) => route.transport)) accepted.inc({ transport }, count);
    for (const { accepted: { client, device, route, row, heard = true } } of readings) {
      if (!heard) continue;
      this.#options.presence.seen({ client, device, source: route.source, transport: route.transport, observedAtUs: row.observedAtUs, receivedAtUs: route.receivedAtUs });
    }
  }

  async #publishReadings(readings: readonly Prepared[]): Promise<void> {
    for (const part of partsOf(readings)) await this.#options.log.publish(topics.readings, part);
  }
}

function parkItem({ client, device, route, raw, contentType, refusal, labels, redelivered = false, eventId }: Kept): ParkItem {
  const detail = refusal.field === undefined ? refusal.detail : `${refusal.field}: ${refusal.detail}`;
  return {
    client: client ?? NO_CLIENT, group: EDGE_GROUP, reason: refusal.why, detail, value: raw, contentType, ...route,
    ...(device === undefined ? {} : { device }), ...(labels === undefined ? {} : { labels }), ...(redelivered ? { headers: { [REDELIVERED_HEADER]: "1" } } : {}), ...(eventId === undefined ? {} : { eventId }),
  };
}

function* partsOf(readings: readonly Prepared[]): Generator<readonly LogRecord[]> {
  let part: LogRecord[] = [];
  let bytes = 0;
  for (const { record } of readings) {
    if (bytes + record.value.length > MAX_PUBLISH_BYTES && part.length > 0) {
      yield part;
      part = [];
      bytes = 0;
    }
    part.push(record);
    bytes += record.value.length;
  }
  if (part.length > 0) yield part;
}

function countBy<T>(items: readonly T[], nameOf: (item: T) => string): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(nameOf(item), (counts.get(nameOf(item)) ?? 0) + 1);
  return counts;
}
