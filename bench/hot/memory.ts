import type { Redis } from "ioredis";

/** Bytes that Redis takes for all keys that begin so. */
export async function bytesOfPoints(redis: Redis, root: string): Promise<number> {
  let bytes = 0;
  for await (const names of redis.scanStream({ match: `${root}*`, count: 1000 })) {
    const pipeline = redis.pipeline();
    for (const name of names as string[]) pipeline.memory("USAGE", name);
    for (const [, usage] of (await pipeline.exec()) ?? []) bytes += Number(usage);
  }
  return bytes;
}
