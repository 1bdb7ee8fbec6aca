import { hasCode, parseSegmentName, pointCollection, sha256Hex, systemScope, topics, type DeclaredCollection, type Documents, type EventLog, type PointRecord, type SegmentStore, type SeriesTier, type TierName } from "@caudal/core";
import type { FoundDamage, ScrubbedStore } from "./damages.ts";

export interface ScrubPorts {
  readonly log: EventLog;
  readonly documents: Documents;
  readonly archive: SegmentStore;
  readonly hot: SeriesTier;
  readonly warm: SeriesTier;
  readonly cold: SeriesTier;
}

/** A step of a walk: what was read, what was wrong with it, and where to go on. */
export interface Look {
  readonly next: string;
  readonly bytes: number;
  readonly damages: readonly FoundDamage[];
}

/** A walk over one store, from the start or from where an earlier one was. */
export interface Walk {
  readonly name: string;
  looks(from: string | undefined): AsyncGenerator<Look>;
}

const RECORDS = 1000;
const BYTES = 1024 * 1024;
const DOCUMENTS = 100;
const SEGMENTS = 100;
/** Of a fact in a block: instant, value, times, flags. */
const FACT_BYTES = 32;

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Every walk of an installation, in the order of a pass. */
export function walksOf(ports: ScrubPorts): readonly Walk[] {
  const tiers = ["hot", "warm", "cold"] as const;
  return [
    ...Object.values(topics).map((topic) => ({ name: `log ${topic}`, looks: (from: string | undefined) => walkTopic(ports.log, topic, from) })),
    ...tiers.flatMap((tier) => [
      { name: `${tier} files`, looks: (from: string | undefined) => walkFiles(tier, ports[tier], from) },
      { name: `${tier} points`, looks: (from: string | undefined) => walkTier(tier, ports, from) },
    ]),
    { name: "documents", looks: (from) => (ports.documents.check === undefined ? walkDocuments(ports.documents, from) : walkFiles("documents", ports.documents, from)) },
    { name: "archive", looks: (from) => walkArchive(ports.archive, from) },
  ];
}

/** `from` is `partition:offset`. */
async function* walkTopic(log: EventLog, topic: string, from: string | undefined): AsyncGenerator<Look> {
  const [begin, beginOffset] = from === undefined ? [0, 0] : (from.split(":").map(Number) as [number, number]);
  for (const { partition, startOffset, endOffset } of await log.bounds(topic)) {
    if (partition < begin) continue;
    let offset = Math.max(startOffset, partition === begin ? beginOffset : 0);
    while (offset < endOffset) {
      const damages: FoundDamage[] = [];
      let bytes = 0;
      try {
        const batch = await log.read({ topic, partition, fromOffset: offset, maxRecords: RECORDS, maxBytes: BYTES });
        bytes = batch.records.reduce((sum, { key, value }) => sum + key.length + value.length, 0);
        // A log with holes of its own (control records) goes on by itself.
        offset = batch.nextOffset > offset ? batch.nextOffset : endOffset;
      } catch (error) {
        if (hasCode(error, "offset-out-of-range")) {
          // What was not read yet has been let go of meanwhile.
          offset = Math.max(offset + 1, (await log.bounds(topic))[partition]?.startOffset ?? endOffset);
        } else if (hasCode(error, "corrupt")) {
          damages.push({ store: "log", place: `${topic}/${partition}@${offset}`, detail: textOf(error) });
          offset += 1;
        } else throw error;
      }
      yield { next: `${partition}:${offset}`, bytes, damages };
    }
  }
}

async function* walkFiles(store: ScrubbedStore, port: Pick<SeriesTier, "check">, from: string | undefined): AsyncGenerator<Look> {
  if (port.check === undefined) return;
  for (let after = from; ; ) {
    const { problems, bytes, next } = await port.check(after);
    yield { next: next ?? after ?? "", bytes, damages: problems.map(({ place, detail }) => ({ store, place, detail })) };
    if (next === undefined) return;
    after = next;
  }
}

/** `from` is the cursor of a page of points. */
async function* walkTier(tier: TierName, { documents, ...tiers }: ScrubPorts, from: string | undefined): AsyncGenerator<Look> {
  const points = await documents.collection<PointRecord>(pointCollection);
  const allRevisions = tiers[tier].capabilities.revisions === "all";
  for (let cursor = from; ; ) {
    const page = await points.find(systemScope, { limit: DOCUMENTS, ...(cursor === undefined ? {} : { cursor }) });
    for (const { body: { client, point } } of page.items) {
      let bytes = 0;
      const damages: FoundDamage[] = [];
      try {
        for await (const block of tiers[tier].read(systemScope, { client, point, fromUs: -Infinity, toUs: Infinity, includeWithdrawn: true, ...(allRevisions ? { allRevisions } : {}) })) {
          bytes += block.rows * block.columns.length * FACT_BYTES;
        }
      } catch (error) {
        if (!hasCode(error, "corrupt")) throw error;
        damages.push({ store: tier, place: `${client}/${point}`, detail: textOf(error) });
      }
      yield { next: cursor ?? "", bytes, damages };
    }
    cursor = page.next;
    if (cursor === undefined) return;
  }
}

/** `from` is the name of a collection. */
async function* walkDocuments(documents: Documents, from: string | undefined): AsyncGenerator<Look> {
  for (const declared of await documents.collections()) if (from === undefined || declared.name >= from) yield* walkCollection(documents, declared);
}

async function* walkCollection(documents: Documents, { name, tenant }: DeclaredCollection): AsyncGenerator<Look> {
  const collection = await documents.collection<object>({ name, tenant });
  for (let cursor: string | undefined; ; ) {
    try {
      const page = await collection.find(systemScope, { limit: DOCUMENTS, ...(cursor === undefined ? {} : { cursor }) });
      yield { next: name, bytes: page.items.reduce((sum, { body, blob }) => sum + JSON.stringify(body).length + (blob?.length ?? 0), 0), damages: [] };
      cursor = page.next;
    } catch (error) {
      if (!hasCode(error, "corrupt")) throw error;
      yield { next: name, bytes: 0, damages: [{ store: "documents", place: name, detail: textOf(error) }] };
      return;
    }
    if (cursor === undefined) return;
  }
}

/** `from` is a segment's name. */
async function* walkArchive(archive: SegmentStore, from: string | undefined): AsyncGenerator<Look> {
  for (let after = from; ; ) {
    const names = await archive.list("", after, SEGMENTS);
    for (const name of names) {
      const span = parseSegmentName(name);
      const bytes = await archive.get(name).catch((error: unknown) => {
        if (hasCode(error, "corrupt")) return new Uint8Array();
        throw error;
      });
      const isDamaged = span !== undefined && bytes !== undefined && sha256Hex(bytes) !== span.sha256;
      yield { next: name, bytes: bytes?.length ?? 0, damages: isDamaged ? [{ store: "archive", place: name, detail: `segment ${name} is not what its name says` }] : [] };
    }
    after = names.at(-1);
    if (after === undefined || names.length < SEGMENTS) return;
  }
}
