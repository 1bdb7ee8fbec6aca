import { createHash } from "node:crypto";
import { digestOf, systemScope, type PointKey, type SeriesTier, type TierName } from "@caudal/core";
import type { BackupPorts, BackupRun } from "./backup-ports.ts";
import type { PointDigests } from "./copy-facts.ts";
import { DAY_US } from "./day-digests.ts";
import type { Manifest } from "./manifest.ts";
import { readPart } from "./part-file.ts";

/** A day of a point that a tier holds otherwise than the backup says. */
export interface DigestDifference extends PointKey {
  readonly tier: TierName | "backup";
  /** YYYY-MM-DD. */
  readonly day: string;
  readonly expectedFacts: number;
  readonly facts: number;
}

/** Differences that are told one by one; there may be more. */
const MOST_TOLD = 100;
const DIGESTS_AT_ONCE = 16;

/** Asks the tiers for the digest of every day and compares with the backup's; hot and warm for days that lie above their floors as a whole. */
export async function compareDigests({ hot, warm, cold }: Pick<BackupPorts, "hot" | "warm" | "cold">, directory: string, manifest: Manifest, run: BackupRun): Promise<readonly DigestDifference[]> {
  const differences: DigestDifference[] = [];
  const rolled = createHash("sha256");
  const nothing = digestOf([]);
  let done = 0;
  for await (const { header } of readPart(directory, manifest.digests.part)) {
    const { client, point, days } = header as PointDigests;
    const key = { client, point };
    rolled.update(JSON.stringify([client, point, days.map(({ dayStartUs, facts, hash }) => [dayStartUs, facts, hash])]));
    for (const tier of [cold, warm, hot] as readonly SeriesTier[]) {
      const floorUs = (await tier.floor(systemScope, key)) ?? (days.length > 0 && tier.name === "cold" ? -Infinity : Infinity);
      const held = days.filter(({ dayStartUs }) => dayStartUs >= floorUs);
      for (let from = 0; from < held.length; from += DIGESTS_AT_ONCE) {
        run.signal.throwIfAborted();
        await Promise.all(held.slice(from, from + DIGESTS_AT_ONCE).map(async ({ dayStartUs, facts, hash }) => {
          const found = (await tier.digest(systemScope, key, dayStartUs)) ?? nothing;
          if (found.hash !== hash && differences.length < MOST_TOLD) differences.push({ ...key, tier: tier.name, day: dayOf(dayStartUs), expectedFacts: facts, facts: found.facts });
        }));
      }
    }
    done += days.length;
    run.progress({ done, total: manifest.digests.days, unit: "days", note: "digests" });
  }
  if (rolled.digest("hex") !== manifest.digests.rolled) differences.push({ client: "", point: "", tier: "backup", day: "", expectedFacts: manifest.facts.facts, facts: -1 });
  return differences;
}

function dayOf(dayStartUs: number): string {
  return new Date(Math.floor(dayStartUs / DAY_US) * (DAY_US / 1000)).toISOString().slice(0, 10);
}
