import { deviceKey, topics, type EventLog, type LogRecord } from "@caudal/core";
import type { Codec, DevicePresence } from "@caudal/schemas";
import type { Clock, Logger } from "@caudal/runtime";
import { newEventId } from "./event-id.ts";

/** Where a device was heard. */
export interface Heard {
  readonly client: string;
  readonly device: string;
  readonly source: string;
  readonly transport: string;
  readonly observedAtUs: number | null;
  readonly receivedAtUs: number;
}

export interface PresenceOptions {
  readonly log: EventLog;
  readonly codec: Codec;
  readonly clock: Clock;
  readonly logger: Logger;
}

const SEEN_EVERY_MS = 60_000;
const FLUSH_AFTER_MS = 1000;
const MAX_WAITING = 10_000;
const MAX_KNOWN = 100_000;

/**
 * Word of devices on caudal.devices: `seen` at most once a minute a device, `refused`, `online` and `offline` as they happen. It is told
 * after the readings are durable and never holds them up; what cannot be published is tried again, and the oldest goes when too much waits.
 */
export class Presence {
  readonly #options: PresenceOptions;
  readonly #seenAtMs = new Map<string, number>();
  #waiting: LogRecord[] = [];
  #timer: NodeJS.Timeout | undefined;
  #flushing: Promise<void> | undefined;

  constructor(options: PresenceOptions) {
    this.#options = options;
  }

  seen(heard: Heard): void {
    const key = deviceKey(heard.client, heard.device);
    const nowMs = this.#options.clock.monotonicMs();
    const before = this.#seenAtMs.get(key);
    if (before !== undefined && nowMs - before < SEEN_EVERY_MS) return;
    if (this.#seenAtMs.size >= MAX_KNOWN) this.#seenAtMs.clear();
    this.#seenAtMs.set(key, nowMs);
    this.#add("seen", heard, "");
  }

  /** Lists a device that its edge turned away. */
  refused(heard: Heard, detail: string): void {
    this.#add("refused", heard, detail);
  }

  /** A word of the device itself, as a record for whoever must know it durable. */
  word(kind: "online" | "offline", heard: Heard): LogRecord {
    return this.#record(kind, heard, "");
  }

  /** Publishes what waits, now. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    await this.#flushing;
    const records = this.#waiting;
    if (records.length === 0) return;
    this.#waiting = [];
    this.#flushing = this.#options.log.publish(topics.devices, records).catch((error: unknown) => {
      this.#options.logger.warn("presence.unpublished", { events: records.length, error });
      this.#waiting = [...records, ...this.#waiting].slice(-MAX_WAITING);
      this.#schedule();
    });
    await this.#flushing;
    this.#flushing = undefined;
  }

  /** Tries once more and forgets the rest. */
  async close(): Promise<void> {
    await this.flush();
    clearTimeout(this.#timer);
    this.#waiting = [];
  }

  #add(kind: string, heard: Heard, detail: string): void {
    if (this.#waiting.length >= MAX_WAITING) this.#waiting.shift();
    this.#waiting.push(this.#record(kind, heard, detail));
    this.#schedule();
  }

  #record(kind: string, heard: Heard, detail: string): LogRecord {
    const event: DevicePresence = { ...heard, eventId: newEventId(), kind, detail, labels: {} };
    return { key: deviceKey(heard.client, heard.device), value: this.#options.codec.encode("DevicePresence", event) };
  }

  #schedule(): void {
    if (this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      void this.flush();
    }, FLUSH_AFTER_MS);
    this.#timer.unref();
  }
}
