import { clientCollection, deviceCollection, deviceKey, Erasures, systemScope, type ClientRecord, type CollectionSpec, type DeviceRecord, type DocumentCollection, type Documents } from "@caudal/core";
import type { Clock, Logger, Metrics } from "@caudal/runtime";
import type { Heard, Presence } from "./presence.ts";

/** That a device nobody knew was let in. Document id: `deviceKey(client, device)`. */
export interface AdmissionRecord {
  readonly client: string;
  readonly device: string;
  /** Whose quota it counts to: its client, or "" for all clients that nobody knew a day ago. */
  readonly bucket: string;
  /** Hours and days since 1970 UTC. */
  readonly hour: number;
  readonly day: number;
}

export const admissionCollection: CollectionSpec = { name: "device-admissions", tenant: true, indexes: [["bucket", "hour"], ["bucket", "day"], ["day"]] };

export interface DeviceQuotaOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly presence: Presence;
  /** Devices that nobody knows, a client; 0: any number. */
  readonly perHour: number;
  readonly perDay: number;
}

/** A device that something came for. */
export type Named = Pick<Heard, "client" | "device" | "source" | "transport" | "receivedAtUs">;

interface Bucket {
  readonly hour: number;
  readonly day: number;
  inHour: number;
  inDay: number;
  readMs: number;
}

const HOUR_US = 3_600_000_000;
const DAY_US = 24 * HOUR_US;
const MAX_KNOWN = 100_000;
const MAX_TURNED_AWAY = 20_000;
/** A device that was turned away is looked for in the directory again after this: somebody may have adopted it. */
const LOOK_AGAIN_MS = 10_000;
/** Other collectors count too: what they admitted is seen this late. */
const COUNT_AGAIN_MS = 5000;
const LISTED_PER_HOUR = 100;
const PARKED_PER_HOUR = 1000;
const CLIENT_KNOWN_MS = 60_000;
const MAX_CLIENTS = 10_000;
const PAGE = 500;
const KEPT_DAYS = 2;
const NOBODY: ReadonlySet<string> = new Set();

/**
 * How many devices that nobody knows may come in, an hour and a day, a client. Devices of the directory are never counted and never turned
 * away; clients that nobody knew a day ago share one quota. Admissions are documents, so that the count outlives a restart and holds over
 * several collectors, but for what they admit in the same few seconds. While the documents are away nobody is turned away.
 */
export class DeviceQuota {
  readonly #options: DeviceQuotaOptions;
  readonly #devices: DocumentCollection<DeviceRecord>;
  readonly #clients: DocumentCollection<ClientRecord>;
  readonly #admissions: DocumentCollection<AdmissionRecord>;
  readonly #erasures: Erasures;
  readonly #known = new Set<string>();
  readonly #turnedAway = new Map<string, number>();
  readonly #buckets = new Map<string, Bucket>();
  readonly #bucketOf = new Map<string, { readonly bucket: string; readonly untilMs: number }>();
  readonly #noticed = new Map<string, { readonly hour: number; listed: Set<string>; parked: number }>();
  #turn: Promise<unknown> = Promise.resolve();
  #sweptDay = 0;
  #warnedMs = -Infinity;

  private constructor(options: DeviceQuotaOptions, collections: { devices: DocumentCollection<DeviceRecord>; clients: DocumentCollection<ClientRecord>; admissions: DocumentCollection<AdmissionRecord>; erasures: Erasures }) {
    this.#options = options;
    this.#devices = collections.devices;
    this.#clients = collections.clients;
    this.#admissions = collections.admissions;
    this.#erasures = collections.erasures;
  }

  static async open(documents: Documents, options: DeviceQuotaOptions): Promise<DeviceQuota> {
    return new DeviceQuota(options, {
      devices: await documents.collection<DeviceRecord>(deviceCollection), clients: await documents.collection<ClientRecord>(clientCollection),
      admissions: await documents.collection<AdmissionRecord>(admissionCollection), erasures: await Erasures.open(documents, () => options.clock.monotonicMs()),
    });
  }

  /** The keys (`deviceKey`) of those that are turned away. Each is counted, and listed with a few others of its hour. */
  async admit(named: readonly Named[]): Promise<ReadonlySet<string>> {
    if (this.#options.perHour === 0 && this.#options.perDay === 0) return NOBODY;
    const asked = new Map<string, Named>();
    for (const one of named) {
      const key = deviceKey(one.client, one.device);
      if (!this.#known.has(key)) asked.set(key, one);
    }
    if (asked.size === 0) return NOBODY;
    try {
      const refused = await this.#judge(asked);
      for (const key of refused) this.#notice(key, asked.get(key));
      return refused;
    } catch (error) {
      // Whoever cannot be asked must not cost a known device its readings; the log takes them.
      const nowMs = this.#options.clock.monotonicMs();
      if (nowMs - this.#warnedMs > LOOK_AGAIN_MS) this.#options.logger.warn("quota.unasked", { devices: asked.size, error });
      this.#warnedMs = nowMs;
      return NOBODY;
    }
  }

  /** True when one more message of a device that was turned away may be kept aside: an hour of a client has room for a thousand. */
  mayPark(client: string): boolean {
    const noticed = this.#noticedOf(this.#bucketOf.get(client)?.bucket ?? client);
    return noticed.parked++ < PARKED_PER_HOUR;
  }

  /** Seconds until the hour that is counted ends. */
  retryAfterS(): number {
    return Math.ceil((HOUR_US - (this.#options.clock.nowUs() % HOUR_US)) / 1e6);
  }

  async #judge(asked: ReadonlyMap<string, Named>): Promise<ReadonlySet<string>> {
    const nowMs = this.#options.clock.monotonicMs();
    const refused = new Set<string>();
    const unsure: string[] = [];
    for (const key of asked.keys()) {
      if ((this.#turnedAway.get(key) ?? 0) > nowMs) refused.add(key);
      else unsure.push(key);
    }
    // Of a client that was erased nothing is taken in, and so nothing is to be noted either.
    const erased = await this.#erasures.clients();
    const counted = unsure.filter((key) => !erased.has(asked.get(key)?.client ?? ""));
    for (let from = 0; from < counted.length; from += PAGE) {
      const page = counted.slice(from, from + PAGE);
      const unknown = await this.#unknown(page);
      if (unknown.length === 0) continue;
      // One at a time, so that the count is exact.
      const turn = this.#turn.then(() => this.#count(unknown.flatMap((key) => asked.get(key) ?? [])));
      this.#turn = turn.catch(() => undefined);
      for (const key of await turn) refused.add(key);
    }
    return refused;
  }

  /** Those of the keys that neither the directory nor an admission knows. */
  async #unknown(keys: readonly string[]): Promise<readonly string[]> {
    const inDirectory = new Set((await this.#devices.getMany(systemScope, keys)).map(({ id }) => id));
    const others = keys.filter((key) => !inDirectory.has(key));
    const admitted = others.length === 0 ? [] : await this.#admissions.getMany(systemScope, others);
    for (const { id } of admitted) inDirectory.add(id);
    for (const key of inDirectory) this.#know(key);
    return others.filter((key) => !inDirectory.has(key));
  }

  async #count(unknown: readonly Named[]): Promise<readonly string[]> {
    const { perHour, perDay, clock } = this.#options;
    const refused: string[] = [];
    const admitted: { id: string; body: AdmissionRecord }[] = [];
    for (const { client, device } of unknown) {
      const key = deviceKey(client, device);
      // A turn before this one may have admitted it.
      if (this.#known.has(key)) continue;
      const name = await this.#bucketName(client);
      const bucket = await this.#bucket(name);
      if ((perHour > 0 && bucket.inHour >= perHour) || (perDay > 0 && bucket.inDay >= perDay)) {
        if (this.#turnedAway.size >= MAX_TURNED_AWAY) this.#turnedAway.clear();
        this.#turnedAway.set(key, clock.monotonicMs() + LOOK_AGAIN_MS);
        refused.push(key);
        continue;
      }
      bucket.inHour += 1;
      bucket.inDay += 1;
      this.#know(key);
      admitted.push({ id: key, body: { client, device, bucket: name, hour: bucket.hour, day: bucket.day } });
    }
    if (admitted.length > 0) {
      await this.#admissions.putMany(systemScope, admitted).catch((error: unknown) => {
        for (const { id } of admitted) this.#known.delete(id);
        this.#buckets.clear();
        throw error;
      });
    }
    return refused;
  }

  async #bucketName(client: string): Promise<string> {
    const { clock } = this.#options;
    const known = this.#bucketOf.get(client);
    if (known !== undefined && known.untilMs > clock.monotonicMs()) return known.bucket;
    const record = await this.#clients.get(systemScope, client);
    const bucket = record !== undefined && record.body.createdAtUs <= clock.nowUs() - DAY_US ? client : "";
    if (this.#bucketOf.size >= MAX_CLIENTS) this.#bucketOf.clear();
    this.#bucketOf.set(client, { bucket, untilMs: clock.monotonicMs() + CLIENT_KNOWN_MS });
    return bucket;
  }

  async #bucket(name: string): Promise<Bucket> {
    const { clock } = this.#options;
    const hour = Math.floor(clock.nowUs() / HOUR_US);
    const day = Math.floor(hour / 24);
    const known = this.#buckets.get(name);
    if (known !== undefined && known.hour === hour && clock.monotonicMs() - known.readMs < COUNT_AGAIN_MS) return known;
    const [inHour, inDay] = await Promise.all([this.#admissions.count(systemScope, { bucket: name, hour }), this.#admissions.count(systemScope, { bucket: name, day })]);
    // What this turn admitted is not stored before its end.
    const before = known !== undefined && known.hour === hour ? known : { inHour: 0, inDay: 0 };
    const bucket = { hour, day, inHour: Math.max(inHour, before.inHour), inDay: Math.max(inDay, before.inDay), readMs: clock.monotonicMs() };
    if (this.#buckets.size >= MAX_CLIENTS) this.#buckets.clear();
    this.#buckets.set(name, bucket);
    if (this.#sweptDay !== day) {
      this.#sweptDay = day;
      this.#sweep(day).catch((error: unknown) => this.#options.logger.warn("quota.sweep-failed", { error }));
    }
    return bucket;
  }

  /** Forgets admissions of days ago: what came of them is in the directory by now, or never will be. */
  async #sweep(day: number): Promise<void> {
    for (;;) {
      const { items } = await this.#admissions.find(systemScope, { range: { field: "day", to: day - KEPT_DAYS }, orderBy: "day", limit: PAGE });
      for (const { id } of items) await this.#admissions.remove(systemScope, id);
      if (items.length < PAGE) return;
    }
  }

  #know(key: string): void {
    if (this.#known.size >= MAX_KNOWN) this.#known.clear();
    this.#known.add(key);
  }

  #notice(key: string, named: Named | undefined): void {
    const { metrics, presence, perHour, perDay } = this.#options;
    metrics.counter("caudal_devices_refused_total").inc({ reason: "quota" });
    if (named === undefined) return;
    const noticed = this.#noticedOf(this.#bucketOf.get(named.client)?.bucket ?? named.client);
    if (noticed.listed.size >= LISTED_PER_HOUR || noticed.listed.has(key)) return;
    noticed.listed.add(key);
    presence.refused({ ...named, observedAtUs: null }, `more than ${perHour} devices in an hour, or ${perDay} in a day, that nobody knows`, "quota");
  }

  #noticedOf(bucket: string): { listed: Set<string>; parked: number } {
    const hour = Math.floor(this.#options.clock.nowUs() / HOUR_US);
    const known = this.#noticed.get(bucket);
    if (known?.hour === hour) return known;
    if (this.#noticed.size >= MAX_CLIENTS) this.#noticed.clear();
    const fresh = { hour, listed: new Set<string>(), parked: 0 };
    this.#noticed.set(bucket, fresh);
    return fresh;
  }
}
