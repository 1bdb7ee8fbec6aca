import { statfs } from "node:fs/promises";
import { groups, topics, type EventLog, type PointKey, systemScope, type SeriesTier } from "@caudal/core";
import type { Health } from "@caudal/runtime";
import type { Engines } from "./engines.ts";

const LOW_DISK_BYTES = 200_000_000;
const nobody: PointKey = { client: "health", point: "health" };

async function answers(tier: SeriesTier): Promise<{ status: "ok" }> {
  await tier.floor(systemScope, nobody);
  return { status: "ok" };
}

async function logAnswers(log: EventLog): Promise<{ status: "ok" }> {
  await log.lag(topics.readings, groups.mapping);
  return { status: "ok" };
}

/** What /health and /readyz ask: each store answers a real question, and the disk has room. */
export function addHealthChecks(health: Health, engines: Engines, dataDirectory: string): void {
  health.add("log", () => logAnswers(engines.log));
  for (const tier of [engines.hot, engines.warm, engines.cold]) health.add(tier.name, () => answers(tier));
  health.add("documents", async () => {
    const clients = await engines.documents.collection<{ client: string }>({ name: "clients", tenant: true });
    await clients.get(systemScope, "health");
    return { status: "ok" };
  });
  health.add("disk", async () => {
    const { bavail, bsize } = await statfs(dataDirectory);
    const free = bavail * bsize;
    return { status: free < LOW_DISK_BYTES ? "degraded" : "ok", detail: `${Math.round(free / 1e6)} MB free` };
  });
}
