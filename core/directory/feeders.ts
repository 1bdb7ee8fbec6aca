import { systemScope } from "../access/principal.ts";
import { CaudalError, hasCode } from "../errors.ts";
import type { DirectoryCollections } from "./collections.ts";

/** A device that begins to feed a point that is not its own. */
export interface Feeder {
  readonly point: string;
  readonly device: string;
}

/** Other devices that may feed a point. */
export const MAX_FEEDERS = 64;
const TRIES = 16;
const AT_ONCE = 16;

/** Notes the devices at the points before their keys feed them: a note too many is harmless, one too few hides a variable. */
export async function addFeeders(collections: DirectoryCollections, fed: readonly Feeder[]): Promise<void> {
  const distinct = [...new Map(fed.map((feeder) => [JSON.stringify([feeder.point, feeder.device]), feeder])).values()];
  for (let at = 0; at < distinct.length; at += AT_ONCE) await Promise.all(distinct.slice(at, at + AT_ONCE).map((feeder) => addFeeder(collections, feeder)));
}

async function addFeeder({ points }: DirectoryCollections, { point, device }: Feeder): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const stored = await points.get(systemScope, point);
    if (stored === undefined || stored.body.feeders.includes(device)) return;
    try {
      await points.replace(systemScope, { id: point, body: { ...stored.body, feeders: [...stored.body.feeders, device] } }, stored.version);
      return;
    } catch (error) {
      if (!hasCode(error, "version-conflict")) throw error;
      if (attempt >= TRIES) throw new CaudalError("unavailable", `others keep changing point ${point}`);
    }
  }
}
