import {
  parseSegmentName, segmentName, sha256Hex, topics,
  type DocumentCollection, type Documents, type Page, type SegmentStore, type SeriesTier, type StoredDocument,
} from "@caudal/core";
import { clearFleetState } from "@caudal/fleet";
import { decodeContainer, encodeContainer } from "@caudal/schemas";
import { DEMO_CLIENT, demoDirectory } from "./demo-note.ts";

export interface ClearDemoOptions {
  readonly documents: Documents;
  readonly segments: SegmentStore;
  readonly hot: SeriesTier;
  readonly warm: SeriesTier;
  readonly cold: SeriesTier;
  readonly dataDirectory: string;
}

const scope = { clients: [DEMO_CLIENT] };
const PAGE = 500;

/** Where services keep documents of a client, except rollups, which analytics erases. The points go last: they name what is to be cleared when a crash makes this run again. */
const collections = ["devices", "device-presence", "parked", "mapping-devices", "mapping-shelves", "judging-points", "audit", "clients", "points"] as const;

async function idsOf(collection: DocumentCollection<object>): Promise<string[]> {
  const ids: string[] = [];
  let cursor: string | undefined;
  do {
    const page: Page<StoredDocument<object>> = await collection.find(scope, cursor === undefined ? { limit: PAGE } : { limit: PAGE, cursor });
    ids.push(...page.items.map(({ id }) => id));
    cursor = page.next;
  } while (cursor !== undefined);
  return ids;
}

async function removeAll(collection: DocumentCollection<object>): Promise<void> {
  const ids = await idsOf(collection);
  for (let from = 0; from < ids.length; from += PAGE) await Promise.all(ids.slice(from, from + PAGE).map((id) => collection.remove(scope, id)));
}

/** Writes each segment anew without the demo's records; the new one is durable before the old one goes. */
async function rewriteSegments(segments: SegmentStore, topic: string, isDemo: (key: string) => boolean): Promise<void> {
  let after: string | undefined;
  for (;;) {
    const names = await segments.list(`${topic}/`, after);
    if (names.length === 0) return;
    for (const name of names) {
      after = name;
      const span = parseSegmentName(name);
      const bytes = span === undefined ? undefined : await segments.get(name);
      if (span === undefined || bytes === undefined) continue;
      const records = await decodeContainer(bytes);
      const kept = records.filter((record) => !isDemo(record.key));
      if (kept.length === records.length) continue;
      if (kept.length > 0) {
        const rewritten = await encodeContainer(kept, { "caudal.topic": topic, "caudal.partition": String(span.partition), "caudal.day": span.day });
        await segments.put(segmentName({ ...span, sha256: sha256Hex(rewritten) }), rewritten);
      }
      await segments.remove(name);
    }
  }
}

/**
 * Removes what is stored of the demo: tiers, documents, raw archive, and the fleet's own state. The log lets go of its records by age. Safe to
 * repeat after a crash at any step. Resolves with how many points there were.
 */
export async function clearDemo({ documents, segments, hot, warm, cold, dataDirectory }: ClearDemoOptions): Promise<{ readonly points: number }> {
  const points = new Set(await idsOf(await documents.collection<object>({ name: "points", tenant: true })));
  await rewriteSegments(segments, topics.readings, (key) => key.startsWith(`${DEMO_CLIENT}/`));
  await rewriteSegments(segments, topics.points, (key) => points.has(key));
  for (const tier of [hot, warm, cold]) await tier.eraseClient(DEMO_CLIENT);
  for (const name of collections) await removeAll(await documents.collection<object>({ name, tenant: true }));
  await clearFleetState(demoDirectory(dataDirectory));
  return { points: points.size };
}
