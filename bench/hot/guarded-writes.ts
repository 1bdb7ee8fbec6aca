import { createHash } from "node:crypto";
import type { Measurement } from "@caudal/schemas";
import type { Redis } from "ioredis";

const HOUR_US = 3_600_000_000;
const TTL_MS = String(6 * 86_400_000);

/**
 * What one writes with the bare driver to keep the promise of the tier: a hash an hour with a field a fact, taken only when its revision (fixed width, so
 * that text compares as it) is greater, and a hash of each variable's newest; both in one script, each fact counted.
 */
const GUARDED = `
local fields, rows = {}, #ARGV / 3
for i = 1, rows do fields[i] = ARGV[3 * i - 2] .. ARGV[3 * i - 1] end
local now = redis.call('HMGET', KEYS[1], unpack(fields))
local newest = redis.call('HGETALL', KEYS[2])
local known = {}
for i = 1, #newest, 2 do known[newest[i]] = newest[i + 1] end
local changes, latest, stored, superseded, duplicate = {}, {}, 0, 0, 0
for i = 1, rows do
  local instant, variable, value = ARGV[3 * i - 2], ARGV[3 * i - 1], ARGV[3 * i]
  local revision = string.sub(value, 1, 18)
  local was = now[i] and string.sub(now[i], 1, 18)
  if not was or was < revision then
    stored = stored + 1
    changes[#changes + 1] = fields[i]
    changes[#changes + 1] = value
    if not known[variable] or string.sub(known[variable], 1, 16) <= instant then known[variable] = instant .. value; latest[variable] = known[variable] end
  elseif was == revision then duplicate = duplicate + 1
  else superseded = superseded + 1 end
end
if #changes > 0 then redis.call('HSET', KEYS[1], unpack(changes)) redis.call('PEXPIRE', KEYS[1], '${TTL_MS}') end
for variable, value in pairs(latest) do redis.call('HSET', KEYS[2], variable, value) end
return { stored, superseded, duplicate }`;
const SHA = createHash("sha1").update(GUARDED).digest("hex");

export async function loadGuarded(redis: Redis): Promise<void> {
  await redis.script("LOAD", GUARDED);
}

/** One script a point and hour, all in one pipeline; how many facts were stored. */
export async function writeGuarded(redis: Redis, prefix: string, batch: readonly Measurement[]): Promise<number> {
  const hours = new Map<string, { readonly newest: string; readonly args: string[] }>();
  for (const { client, point, instantUs, knownAtUs, authority, facts } of batch) {
    const name = `${prefix}:{${client}/${point}}`;
    const hour = `${name}:${Math.floor(instantUs / HOUR_US)}`;
    let entry = hours.get(hour);
    if (entry === undefined) hours.set(hour, (entry = { newest: name, args: [] }));
    for (const { variable, value, flag, reasons } of facts) {
      entry.args.push(String(instantUs).padStart(16, "0"), variable, `${authority}:${String(knownAtUs).padStart(16, "0")}${JSON.stringify([value, flag, ...reasons])}`);
    }
  }
  const pipeline = redis.pipeline();
  for (const [hour, { newest, args }] of hours) pipeline.evalsha(SHA, 2, hour, newest, ...args);
  let stored = 0;
  for (const [error, counts] of (await pipeline.exec()) ?? []) {
    if (error !== null) throw error;
    stored += (counts as number[])[0]!;
  }
  return stored;
}
