import { type PointKey, type Tell, type Words } from "@caudal/core";
import type { RedisConnection } from "../connection/connection.ts";
import type { PointJob } from "./batch-jobs.ts";
import { decodeHour } from "./hour-codec.ts";
import { HourFacts } from "./hour-facts.ts";
import { HOUR_US, type TierKeys } from "./keys.ts";
import type { PointCache } from "./point-cache.ts";
import { PointState } from "./point-state.ts";
import { decodeState } from "./state-codec.ts";

/** Values of one MGET. */
const MGET_KEYS = 64;

export interface NamedPoint {
  readonly key: PointKey;
  /** Name of its state in Redis. */
  readonly name: string;
}

export interface LoaderParts {
  readonly connection: RedisConnection;
  readonly keys: TierKeys;
  readonly words: Words;
  readonly cache: PointCache;
  readonly tell: Tell | undefined;
}

/** Fetches what a write must know of points: from the memory of those written last, else from Redis. */
export class PointLoader {
  readonly #parts: LoaderParts;

  constructor(parts: LoaderParts) {
    this.#parts = parts;
  }

  /** The points, each to be put into the cache by whoever wrote it. */
  async points(wanted: readonly NamedPoint[]): Promise<PointState[]> {
    const { words, cache } = this.#parts;
    const cached = wanted.map(({ name }) => cache.take(name));
    const missing = wanted.flatMap(({ name }, i) => (cached[i] === undefined ? [name] : []));
    const values = await this.#get(missing);
    let next = 0;
    return cached.map((point, i) => {
      if (point !== undefined) return point;
      const bytes = values[next++];
      return new PointState(wanted[i]!.key, wanted[i]!.name, bytes === null || bytes === undefined ? undefined : decodeState(bytes, words));
    });
  }

  /** Sees to it that those of the jobs' hours that have a key are known; a job a point. */
  async hours(points: readonly PointState[], jobs: readonly PointJob[]): Promise<void> {
    const missing: { readonly point: PointState; readonly hour: number }[] = [];
    points.forEach((point, i) => {
      for (const { hour } of jobs[i]!.hours) if (!point.known.has(hour) && (hour + 1) * HOUR_US > point.floorUs && point.hasHour(hour)) missing.push({ point, hour });
    });
    const values = await this.#get(missing.map(({ point, hour }) => this.#parts.keys.hour(point.name, hour)));
    missing.forEach(({ point, hour }, i) => {
      const facts = this.#decode(point, hour, values[i]);
      if (facts === undefined) point.raise((hour + 1) * HOUR_US);
      else point.known.set(hour, facts);
    });
  }

  /** The hours' facts as they are, or will be, without remembering those that were not known. */
  async peek(point: PointState, hours: readonly number[]): Promise<(HourFacts | undefined)[]> {
    const missing = hours.filter((hour) => !point.known.has(hour));
    const values = await this.#get(missing.map((hour) => this.#parts.keys.hour(point.name, hour)));
    return hours.map((hour) => point.known.get(hour) ?? this.#decode(point, hour, values[missing.indexOf(hour)]));
  }

  /** Undefined when the hour's key is gone: Redis let it expire, or somebody removed it. The point says then that it holds nothing so old. */
  #decode(point: PointState, hour: number, bytes: Buffer | null | undefined): HourFacts | undefined {
    if (bytes !== null && bytes !== undefined) return new HourFacts(decodeHour(bytes, this.#parts.words), bytes.length);
    this.#parts.tell?.("redis.hour-gone", { key: this.#parts.keys.hour(point.name, hour) });
    return undefined;
  }

  async #get(names: readonly string[]): Promise<readonly (Buffer | null)[]> {
    if (names.length === 0) return [];
    const { values } = await this.#parts.connection.run((pipeline) => {
      for (let at = 0; at < names.length; at += MGET_KEYS) pipeline.mgetBuffer(names.slice(at, at + MGET_KEYS));
    });
    return values.flat() as (Buffer | null)[];
  }
}
