import {
  allows, CaudalError, type Digest, faultOf, type LatestFact, type PointKey, type RangeQuery, type RowBlock, type Scope, type SeriesTier, type TierCapabilities, type TierName,
  type TierRecovery, Words, type WriteResult,
} from "@caudal/core";
import type { Measurement } from "@caudal/schemas";
import type { RedisConnection } from "../connection/connection.ts";
import { jobsOf } from "./batch-jobs.ts";
import type { Completeness } from "./completeness.ts";
import { isNameable, type TierKeys } from "./keys.ts";
import { PointCache } from "./point-cache.ts";
import { TierReader, type ReaderParts } from "./tier-reader.ts";
import { TierWriter } from "./tier-writer.ts";

export interface RedisTierParts extends Omit<ReaderParts, "connection"> {
  readonly name: TierName;
  readonly retentionMs: number | null;
  readonly maxCacheBytes: number;
  readonly keys: TierKeys;
  readonly completeness: Completeness;
  /** Long reads have a connection of their own, so that no write waits for their bytes. */
  readonly reading: RedisConnection;
  readonly writing: RedisConnection;
}

const DAY_US = 86_400_000_000;
const ERASE_POINTS = 500;

/** SeriesTier in Redis; see the README for how it lies there. */
export class RedisTier implements SeriesTier {
  readonly name: TierName;
  readonly capabilities: TierCapabilities;
  readonly recovery: TierRecovery;
  readonly #parts: RedisTierParts;
  readonly #words = new Words();
  readonly #reader: TierReader;
  readonly #writer: TierWriter;
  #closing: Promise<void> | undefined;

  constructor(parts: RedisTierParts) {
    const { name, retentionMs, completeness, reading, writing, maxCacheBytes } = parts;
    this.name = name;
    this.capabilities = { revisions: "latest", durable: "until-failover", retentionMs };
    this.recovery = {
      loss: () => this.#open(() => completeness.loss()),
      refilled: (loss) => this.#open(() => completeness.refilled(loss)),
    };
    this.#parts = parts;
    this.#reader = new TierReader({ ...parts, connection: reading });
    this.#writer = new TierWriter({
      ...parts, connection: writing, words: this.#words, cache: new PointCache(maxCacheBytes), retentionUs: retentionMs === null ? Infinity : retentionMs * 1000,
    });
  }

  write(batch: readonly Measurement[]): Promise<WriteResult> {
    return this.#open(async () => {
      const failed: { index: number; error: Error }[] = [];
      const good = batch.filter((measurement, index) => {
        const fault = faultOf(measurement);
        if (fault !== undefined) failed.push({ index, error: new CaudalError("bad-request", fault) });
        return fault === undefined;
      });
      return { ...(await this.#writer.write(jobsOf(good, this.#parts.keys, this.#words))), failed };
    });
  }

  async *read(scope: Scope, query: RangeQuery): AsyncGenerator<RowBlock> {
    this.#mustBeOpen();
    if (Number.isNaN(query.fromUs) || Number.isNaN(query.toUs)) throw new CaudalError("bad-request", "fromUs and toUs must be numbers");
    if (query.asOfUs !== undefined) throw new CaudalError("bad-request", `the ${this.name} tier keeps no history of revisions`);
    if (allows(scope, query.client)) yield* this.#reader.read(query);
  }

  latest(scope: Scope, points: readonly PointKey[]): Promise<readonly LatestFact[]> {
    return this.#open(() => this.#reader.latest(points.filter(({ client }) => allows(scope, client))));
  }

  digest(scope: Scope, { client, point }: PointKey, dayStartUs: number): Promise<Digest> {
    return this.#open(() => {
      if (!Number.isSafeInteger(dayStartUs) || dayStartUs % DAY_US !== 0) throw new CaudalError("bad-request", `${dayStartUs} is not the start of a UTC day`);
      // A point that cannot be seen is like one that has no facts.
      return this.#reader.digest(allows(scope, client) ? { client, point } : { client: "", point: "" }, dayStartUs);
    });
  }

  floor(scope: Scope, key: PointKey): Promise<number | undefined> {
    return this.#open(async () => (allows(scope, key.client) ? this.#reader.floor(key) : undefined));
  }

  raiseFloor(scope: Scope, { client, point }: PointKey, floorUs: number): Promise<void> {
    return this.#open(() => {
      if (!allows(scope, client)) throw new CaudalError("forbidden", `the scope does not hold client ${client}`);
      if (!(floorUs < Infinity)) throw new CaudalError("bad-request", `${floorUs} is no floor`);
      if (!isNameable({ client, point })) throw new CaudalError("bad-request", "client or point is no well-formed text");
      return this.#writer.raiseFloor({ client, point }, floorUs);
    });
  }

  eraseClient(client: string): Promise<{ readonly points: number }> {
    return this.#open(async () => {
      const index = this.#parts.keys.pointsOf(client);
      for (let points = 0; ;) {
        const { values } = await this.#parts.writing.run((pipeline) => pipeline.srandmember(index, ERASE_POINTS));
        const some = values[0] as string[];
        if (some.length === 0) return { points };
        points += await this.#writer.remove(some.map((point) => ({ client, point })));
        await this.#parts.writing.run((pipeline) => pipeline.srem(index, ...some));
      }
    });
  }

  close(): Promise<void> {
    this.#closing ??= this.#writer.settled().then(() => Promise.all([this.#parts.reading.close(), this.#parts.writing.close()])).then(() => undefined);
    return this.#closing;
  }

  async #open<T>(work: () => Promise<T>): Promise<T> {
    this.#mustBeOpen();
    return work();
  }

  #mustBeOpen(): void {
    if (this.#closing !== undefined) throw new CaudalError("closed", `the ${this.name} tier is closed`);
  }
}
