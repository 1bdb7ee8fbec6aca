import { groups, systemScope, topics, type CollectionSpec, type Documents, type EventLog } from "@caudal/core";
import { unpackTable } from "../../../analytics/rollups/bucket-table.ts";
import { levelNames, levels, quarterUs } from "../../../analytics/rollups/level.ts";
import { marksOf, MarkStore } from "../../../analytics/rollups/mark-store.ts";
import type { PointRef, RollupBucket, RollupEvidence, TimeSpan } from "../auditor/evidence.ts";

interface RollupRecord extends PointRef {
  readonly level: keyof typeof levels;
  readonly fromUs: number;
}

const rollups: CollectionSpec = { name: "rollups", tenant: true, indexes: [["client"]] };
const PAGE = 500;

/** Stored buckets and marks of an installation whose groups stand still. One pass over the client's documents finds which belong to a point. */
export async function rollupEvidence({ documents, log }: { readonly documents: Documents; readonly log: EventLog }): Promise<RollupEvidence> {
  const records = await documents.collection<RollupRecord>(rollups);
  const marks = await MarkStore.open(documents);
  const lag = await log.lag(topics.measurements, groups.rollups);
  const byClient = new Map<string, Promise<Map<string, string[]>>>();

  /** Ids of a client's documents by point: some dozen bytes a point and month. */
  async function idsOf(client: string): Promise<Map<string, string[]>> {
    const ids = new Map<string, string[]>();
    let cursor: string | undefined;
    do {
      const page = await records.find({ clients: [client] }, { where: { client }, limit: PAGE, ...(cursor === undefined ? {} : { cursor }) });
      for (const { id, body: { point } } of page.items) {
        const known = ids.get(point);
        if (known === undefined) ids.set(point, [id]);
        else known.push(id);
      }
      cursor = page.next;
    } while (cursor !== undefined);
    return ids;
  }

  return {
    isSettled: lag.every((partition) => partition.lag === 0),
    async *buckets({ client, point }) {
      let ids = byClient.get(client);
      if (ids === undefined) byClient.set(client, (ids = idsOf(client)));
      for (const id of (await ids).get(point) ?? []) {
        const stored = await records.get(systemScope, id);
        if (stored?.blob !== undefined) yield bucketsOf(stored.body, stored.blob);
      }
    },
    async pending({ point }): Promise<TimeSpan[]> {
      const stored = await marks.get(systemScope, point);
      const spans = stored === undefined ? [] : marksOf(stored).map(({ from, to }) => ({ fromUs: from * quarterUs, toUs: to * quarterUs }));
      return spans.sort((a, b) => a.fromUs - b.fromUs);
    },
  };
}

function bucketsOf({ level, fromUs: periodUs }: RollupRecord, blob: Uint8Array): RollupBucket[] {
  const name = levelNames.find((known) => known === level);
  if (name === undefined) throw new Error(`stored buckets of an unknown level ${level}`);
  const found: RollupBucket[] = [];
  for (const [variable, buckets] of unpackTable(blob)) {
    buckets.forEach((bucket, slot) => {
      if (bucket === undefined) return;
      const { count, flagged, min, max, first, last, consumption } = bucket;
      found.push({ variable, level: name, fromUs: periodUs + slot * levels[name].stepUs, count, flagged, min, max, first, last, consumption });
    });
  }
  return found;
}
