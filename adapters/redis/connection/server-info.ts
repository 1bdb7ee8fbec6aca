import { CaudalError, type Tell } from "@caudal/core";

/** What `INFO` says, by field. */
export type ServerInfo = ReadonlyMap<string, string>;

const LEAST_MAJOR = 6;

export function parseInfo(text: string): ServerInfo {
  return new Map(text.split("\r\n").flatMap((line) => {
    const split = line.indexOf(":");
    return split <= 0 ? [] : [[line.slice(0, split), line.slice(split + 1)] as const];
  }));
}

/**
 * Names the data that a server shows: another process (`run_id`) or another line of replication has another name, so data that was lost in
 * between is never taken for what it was.
 */
export function identityOf(info: ServerInfo): string {
  return `${info.get("run_id") ?? "unknown"}/${info.get("master_replid") ?? "none"}`;
}

/** Fails with "setting" where what we store would not stay; tells what is weaker than recommended. */
export function checkServer(info: ServerInfo, fsync: string | undefined, { shown, tell }: { readonly shown: string; readonly tell: Tell | undefined }): void {
  const refuse = (why: string): never => {
    throw new CaudalError("setting", `Redis at ${shown} cannot be the hot tier: ${why}`);
  };
  const version = info.get("redis_version") ?? "0";
  if (Number.parseInt(version, 10) < LEAST_MAJOR) refuse(`it is version ${version}, and ${LEAST_MAJOR}.0 is the least`);
  if (info.get("redis_mode") === "cluster") refuse("it is a node of a Redis Cluster; give one primary (a managed endpoint or a proxy of one shard will do)");
  if (info.get("role") === "slave") refuse("it is a replica; give the primary");
  const policy = info.get("maxmemory_policy") ?? "noeviction";
  if (policy !== "noeviction") refuse(`maxmemory-policy ${policy} drops facts when memory is short; set it to noeviction`);
  if (info.get("aof_enabled") === "0") tell?.("redis.not-durable", { redis: shown, set: "appendonly yes", now: "appendonly no", risk: "a restart loses everything since the last snapshot" });
  else if (fsync === "no") tell?.("redis.not-durable", { redis: shown, set: "appendfsync everysec", now: "appendfsync no", risk: "a crash of the machine loses what the system had not written" });
}
