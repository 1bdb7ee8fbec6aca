import { Redis } from "ioredis";

/** Removes the keys that begin so: what a test wrote under a prefix of its own. */
export async function removeKeys(url: string, prefix: string): Promise<void> {
  const redis = new Redis(url);
  try {
    for await (const names of redis.scanStream({ match: `${prefix}*`, count: 1000 })) if ((names as string[]).length > 0) await redis.del(...(names as string[]));
  } finally {
    redis.disconnect();
  }
}
