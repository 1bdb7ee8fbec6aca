import type { SeriesTier, Tell, TierName } from "@caudal/core";
import { RedisConnection } from "../connection/connection.ts";
import { parseRedisUrl } from "../connection/redis-url.ts";
import { checkServer } from "../connection/server-info.ts";
import { Completeness } from "./completeness.ts";
import { TierKeys } from "./keys.ts";
import { RedisTier } from "./redis-tier.ts";
import { WRITE_POINTS } from "./scripts.ts";

export interface RedisTierOptions {
  /** `redis(s)://[user:pass@]host:port[/db][?prefix=caudal]` */
  readonly url: string;
  readonly name: TierName;
  /** Milliseconds; null keeps for ever. */
  readonly retentionMs: number | null;
  readonly tell?: Tell;
  /** Bytes of points kept decoded, so that writing to them need not read them first; 64 MiB when absent. */
  readonly maxCacheBytes?: number;
  /** Milliseconds that Redis may be silent before a call fails with "unavailable"; 5000 when absent. */
  readonly answerMs?: number;
}

const CACHE_BYTES = 64 * 1024 * 1024;

/**
 * Opens a tier in Redis; any number of processes may have it open. It is incomplete until `recovery.refilled` was told of the loss that
 * `recovery.loss` gives: a new store lost everything. Fails with "unavailable", or with "setting" where the server would drop or lose facts.
 */
export async function openRedisTier(options: RedisTierOptions): Promise<SeriesTier> {
  const { url, name, retentionMs, tell, maxCacheBytes = CACHE_BYTES, answerMs } = options;
  const place = parseRedisUrl(url);
  const common = { place, tell, ...(answerMs === undefined ? {} : { answerMs }) };
  const writing = await RedisConnection.open({ ...common, name: `caudal-${name}-write`, scripts: [WRITE_POINTS] });
  let reading: RedisConnection | undefined;
  try {
    checkServer((await writing.session()).info, await fsyncOf(writing), { shown: place.shown, tell });
    reading = await RedisConnection.open({ ...common, name: `caudal-${name}-read` });
    const keys = new TierKeys(place.prefix, name);
    return new RedisTier({ name, retentionMs, maxCacheBytes, keys, completeness: new Completeness(reading, keys.completeness, tell), tell, reading, writing });
  } catch (error) {
    await Promise.all([writing.close(), reading?.close()]);
    throw error;
  }
}

/** Undefined where the server does not let us ask, as managed ones do. */
async function fsyncOf(connection: RedisConnection): Promise<string | undefined> {
  try {
    const { values } = await connection.run((pipeline) => pipeline.config("GET", "appendfsync"));
    return (values[0] as string[])[1];
  } catch {
    return undefined;
  }
}
