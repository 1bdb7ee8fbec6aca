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
const LATER_EVERY_MS = 10_000;
const MAX_KNOWN = 100_000;
const MAX_DETAIL_CHARACTERS = 500;

/** Why a device was turned away: too large a message, somebody else's name, or one device too many that nobody knows. */
export type RefusedBecause = "too-large" | "identity" | "quota";

/** What was last told of a device, and what was heard since and is newer. */
interface Told {
  readonly atMs: number;
  readonly observedAtUs: number | null;
  since: Heard | undefined;
}

/**
 * Word of devices on caudal.devices: `seen` at most once a minute a device, `refused`, `online` and `offline` as they happen. It is told
 * after the readings are durable and never holds them up; what cannot be published is tried again, and the oldest goes when too much waits.
 */
export class Presence {
  readonly #options: PresenceOptions;
  readonly #told = new Map<string, Told>();
  readonly #refusedAtMs = new Map<string, number>();
  #later: NodeJS.Timeout | undefined;
  #waiting: LogRecord[] = [];
  #timer: NodeJS.Timeout | undefined;
  #flushing: Promise<void> | undefined;

  constructor(options: PresenceOptions) {
    this.#options = options;
  }

  seen(heard: Heard): void {
    const key = deviceKey(heard.client, heard.device);
    const nowMs = this.#options.clock.monotonicMs();
    const before = this.#told.get(key);
    if (before !== undefined && nowMs - before.atMs < SEEN_EVERY_MS) {
      // Rows of one batch come oldest first: who judges silence has to hear of the newest.
      if (isNewer(heard, before.since?.observedAtUs ?? before.observedAtUs)) {
        before.since = heard;
        this.#tellLater();
      }
      return;
    }
    if (this.#told.size >= MAX_KNOWN) this.#told.clear();
    this.#tell(key, heard, nowMs);
  }

  /** Lists a device that its edge turned away, at most once a minute for one reason. */
  refused(heard: Heard, detail: string, because: RefusedBecause = "too-large"): void {
    const key = `${because} ${deviceKey(heard.client, heard.device)}`;
    const nowMs = this.#options.clock.monotonicMs();
    const before = this.#refusedAtMs.get(key);
    if (before !== undefined && nowMs - before < SEEN_EVERY_MS) return;
    if (this.#refusedAtMs.size >= MAX_WAITING) this.#refusedAtMs.clear();
    this.#refusedAtMs.set(key, nowMs);
    this.#add("refused", heard, detail.slice(0, MAX_DETAIL_CHARACTERS), { reason: because });
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

  /** Publishes what waits and what would have waited for its minute: nothing is told later of what was heard by now. */
  async settle(): Promise<void> {
    for (const [key, { since }] of this.#told) if (since !== undefined) this.#tell(key, since, this.#options.clock.monotonicMs());
    await this.flush();
  }

  /** Tries once more and forgets the rest. */
  async close(): Promise<void> {
    clearTimeout(this.#later);
    await this.settle();
    clearTimeout(this.#timer);
    this.#waiting = [];
  }

  #tell(key: string, heard: Heard, nowMs: number): void {
    this.#told.set(key, { atMs: nowMs, observedAtUs: heard.observedAtUs, since: undefined });
    this.#add("seen", heard, "");
  }

  #tellLater(): void {
    if (this.#later !== undefined) return;
    this.#later = setTimeout(() => {
      this.#later = undefined;
      const nowMs = this.#options.clock.monotonicMs();
      let isLeft = false;
      for (const [key, { atMs, since }] of this.#told) {
        if (since === undefined) continue;
        if (nowMs - atMs >= SEEN_EVERY_MS) this.#tell(key, since, nowMs);
        else isLeft = true;
      }
      if (isLeft) this.#tellLater();
    }, LATER_EVERY_MS);
    this.#later.unref();
  }

  #add(kind: string, heard: Heard, detail: string, labels: Readonly<Record<string, string>> = {}): void {
    if (this.#waiting.length >= MAX_WAITING) this.#waiting.shift();
    this.#waiting.push(this.#record(kind, heard, detail, labels));
    this.#schedule();
  }

  #record(kind: string, heard: Heard, detail: string, labels: Readonly<Record<string, string>> = {}): LogRecord {
    const { client, device, source, transport, observedAtUs, receivedAtUs } = heard;
    const event: DevicePresence = { client, device, source, transport, observedAtUs, receivedAtUs, eventId: newEventId(), kind, detail, labels };
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

function isNewer(heard: Heard, thanUs: number | null): boolean {
  return heard.observedAtUs !== null && (thanUs === null || heard.observedAtUs > thanUs);
}
