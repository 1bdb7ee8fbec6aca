import { existsSync } from "node:fs";
import { statfs } from "node:fs/promises";
import { join } from "node:path";
import { groups, systemScope, topics, type PointKey, type SeriesTier } from "@caudal/core";
import type { Health, HealthCheck } from "@caudal/runtime";
import type { Ports } from "./ports.ts";

const LOW_DISK_BYTES = 200_000_000;
/** With less, the embedded engine's files cannot grow by what one commit may need. */
const FULL_DISK_BYTES = 4_000_000;
const ANSWER_MS = 1500;
const nobody: PointKey = { client: "health", point: "health" };

/** A tier that is away delays its own group, and readers turn to the others: worth a look, and no reason to take the process out of service. */
async function tierHealth(tier: SeriesTier): Promise<HealthCheck> {
  try {
    await within(tier.floor(systemScope, nobody));
    return { status: "ok" };
  } catch (error) {
    return { status: "degraded", detail: error instanceof Error ? error.message : "does not answer" };
  }
}

async function within(work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer in ${ANSWER_MS} ms`)), ANSWER_MS);
  });
  await Promise.race([work, late]).finally(() => clearTimeout(timer));
}

/** What /health and /readyz ask: log and documents answer a real question, each tier is looked at, and the disk has room. */
export function addHealthChecks(health: Health, ports: Partial<Ports>, dataDirectory: string): void {
  // Where the log is a server, this folder holds little, and a full one hinders no intake.
  const holdsLog = existsSync(join(dataDirectory, "log"));
  const { log, documents } = ports;
  if (log !== undefined) {
    health.add("log", async () => {
      await log.lag(topics.readings, groups.mapping);
      return { status: "ok" };
    });
  }
  if (documents !== undefined) {
    health.add("documents", async () => {
      const clients = await documents.collection<{ client: string }>({ name: "clients", tenant: true });
      await clients.get(systemScope, "health");
      return { status: "ok" };
    });
  }
  for (const tier of [ports.hot, ports.warm, ports.cold]) if (tier !== undefined) health.add(tier.name, () => tierHealth(tier));
  health.add("disk", async () => {
    const { bavail, bsize } = await statfs(dataDirectory);
    const free = bavail * bsize;
    const detail = `${Math.round(free / 1e6)} MB free`;
    if (free < FULL_DISK_BYTES) return { status: holdsLog ? "failing" : "degraded", detail: `storage full: ${detail}` };
    return { status: free < LOW_DISK_BYTES ? "degraded" : "ok", detail };
  });
}
