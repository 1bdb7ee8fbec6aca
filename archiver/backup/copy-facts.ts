import { createHash } from "node:crypto";
import { hasCode, systemScope, type PointKey, type SeriesTier } from "@caudal/core";
import type { BackupPorts, BackupRun } from "./backup-ports.ts";
import { pagesOf } from "./copy-documents.ts";
import { DayDigests, type DayDigest } from "./day-digests.ts";
import { frameOf } from "./fact-frame.ts";
import type { Manifest } from "./manifest.ts";
import { PartWriter } from "./part-file.ts";

/** A tier's floor of a point: absent where the tier does not know the point (or cannot say), null where it holds everything. */
export type WrittenFloors = Readonly<Partial<Record<"hot" | "warm" | "cold", number | null>>>;

/** Of a digest frame: one point. */
export interface PointDigests extends PointKey {
  readonly floors: WrittenFloors;
  readonly days: readonly DayDigest[];
}

/** Of the directory: what tells which points there are. */
export const pointsCollection = { name: "points", tenant: true } as const;

/** Copies every revision that the cold tier holds, with the digests of each point's days as the copy has them, and the floors of the tiers. */
export async function copyFacts(ports: BackupPorts, directory: string, run: BackupRun, meanwhile: () => Promise<void>): Promise<Pick<Manifest, "facts" | "digests">> {
  const parts = { facts: new PartWriter(directory, "facts.zst"), digests: new PartWriter(directory, "digests.zst") };
  const rolled = createHash("sha256");
  const count = { points: 0, revisions: 0, facts: 0, days: 0 };
  const total = await (await ports.documents.collection<object>(pointsCollection)).count(systemScope);
  try {
    for await (const page of pagesOf(ports.documents, pointsCollection)) {
      for (const { id, body } of page) {
        run.signal.throwIfAborted();
        const key = { client: (body as { client: string }).client, point: id };
        // Floors first: a tier may forget meanwhile, and a floor must not be higher than what is copied above it.
        const floors = await floorsOf(ports, key);
        const digests = new DayDigests();
        for await (const block of ports.cold.read(systemScope, { ...key, fromUs: -Infinity, toUs: Infinity, includeWithdrawn: true, allRevisions: true })) {
          digests.add(block);
          const { header, body: bytes } = frameOf(key, block);
          await parts.facts.add(header, bytes);
        }
        const days = digests.finish();
        const digest: PointDigests = { ...key, floors, days };
        await parts.digests.add(digest);
        rolled.update(JSON.stringify([key.client, key.point, days.map(({ dayStartUs, facts, hash }) => [dayStartUs, facts, hash])]));
        count.points += 1;
        count.revisions += digests.revisions;
        count.days += days.length;
        count.facts += days.reduce((sum, { facts }) => sum + facts, 0);
        run.progress({ done: count.points, total: Math.max(total, count.points), unit: "points" });
      }
      await meanwhile();
    }
    const { points, revisions, facts, days } = count;
    return { facts: { points, revisions, facts, part: await parts.facts.close() }, digests: { days, rolled: rolled.digest("hex"), part: await parts.digests.close() } };
  } catch (error) {
    await Promise.all([parts.facts.abandon(), parts.digests.abandon()]);
    throw error;
  }
}

async function floorsOf(ports: BackupPorts, key: PointKey): Promise<WrittenFloors> {
  const floors: Partial<Record<"hot" | "warm" | "cold", number | null>> = {};
  for (const name of ["hot", "warm", "cold"] as const) {
    const floorUs = await floorOf(ports[name], key);
    if (floorUs !== undefined) floors[name] = floorUs === -Infinity ? null : floorUs;
  }
  return floors;
}

/** A tier that lost data and is being refilled cannot say; what is restored then begins where the tier's retention does. */
async function floorOf(tier: SeriesTier, key: PointKey): Promise<number | undefined> {
  try {
    return await tier.floor(systemScope, key);
  } catch (error) {
    if (tier.recovery !== undefined && hasCode(error, "unavailable")) return undefined;
    throw error;
  }
}
