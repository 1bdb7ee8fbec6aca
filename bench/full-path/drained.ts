import { groups } from "@caudal/core";
import { until } from "../../caudal/test-parts/until.ts";
import type { HttpCaller } from "../promise/http-call.ts";
import type { Installation } from "../promise/installation.ts";

const DRAIN_MS = 600_000;
/** Each look asks the log for every group's place. */
const LOOK_EVERY_MS = 100;

/** Records that each group is behind. */
export async function lagOf({ addresses }: Installation, http: HttpCaller): Promise<Readonly<Record<string, number>>> {
  const { status, body } = await http.call(new URL("/api/v1/status", addresses.status).href);
  if (status !== 200) throw new Error(`status: ${status} ${body.slice(0, 300)}`);
  return (JSON.parse(body) as { lag: Record<string, number> }).lag;
}

/** Resolves when no group is behind but those that archive raw records in whole segments: every tier has all that the log has. */
export async function drained(installation: Installation, http: HttpCaller): Promise<void> {
  await until("the tiers have all", async () => {
    const lag = await lagOf(installation, http);
    if (Object.entries(lag).every(([group, records]) => records === 0 || (group.startsWith("archiver-") && group !== "archiver-cold"))) return true;
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    return undefined;
  }, DRAIN_MS);
}

/** Readings that wait for their mapping, their judging or a tier, by the group that is furthest behind: what two stages have between them counts once. */
export function readingsLeft(lag: Readonly<Record<string, number>>): number {
  return Math.max(...[groups.mapping, groups.judging, groups.hot, groups.warm, groups.cold].map((group) => lag[group] ?? 0));
}
