import type { Measurement } from "@caudal/schemas";
import type { Redis } from "ioredis";

const TTL_MS = 6 * 86_400_000;
const HOUR_US = 3_600_000_000;

/** Bytes that our tier stores for a point and its hour in one write, made once: the driver's cost is what is looked for, not packing. */
export interface PreparedBytes {
  readonly state: Buffer;
  readonly chunk: Buffer;
}

/** The same keys and as many bytes as our tier writes, without reading, merging, counting or packing anything. */
export async function writePrepared(redis: Redis, prefix: string, batch: readonly Measurement[], { state, chunk }: PreparedBytes): Promise<number> {
  const pipeline = redis.pipeline();
  const hours = new Map<string, string>();
  for (const { client, point, instantUs } of batch) hours.set(`${prefix}:{${client}/${point}}:${Math.floor(instantUs / HOUR_US)}`, `${prefix}:{${client}/${point}}`);
  for (const [hour, name] of hours) {
    pipeline.set(name, state, "PX", TTL_MS);
    pipeline.append(hour, chunk);
  }
  throwFailed(await pipeline.exec());
  return batch.length;
}

/** The layout that one writes without packing: a hash an hour with a field an instant, and a hash of the newest. Nothing is merged or counted. */
export async function writeHashes(redis: Redis, prefix: string, batch: readonly Measurement[]): Promise<number> {
  const pipeline = redis.pipeline();
  const hours = new Map<string, string[]>();
  const newest = new Map<string, string>();
  for (const { client, point, instantUs, knownAtUs, authority, facts } of batch) {
    const hour = `${prefix}:{${client}/${point}}:${Math.floor(instantUs / HOUR_US)}`;
    const row = JSON.stringify(facts.map(({ variable, value, flag, reasons }) => [variable, value, flag, authority, knownAtUs, reasons]));
    const fields = hours.get(hour);
    if (fields === undefined) hours.set(hour, [String(instantUs), row]);
    else fields.push(String(instantUs), row);
    newest.set(`${prefix}:{${client}/${point}}`, `[${instantUs},${row}]`);
  }
  for (const [hour, fields] of hours) pipeline.hset(hour, ...fields);
  for (const [name, row] of newest) pipeline.set(name, row, "PX", TTL_MS);
  throwFailed(await pipeline.exec());
  return batch.length;
}

function throwFailed(answers: [Error | null, unknown][] | null): void {
  const failed = answers?.find(([error]) => error !== null);
  if (failed !== undefined) throw failed[0]!;
}
