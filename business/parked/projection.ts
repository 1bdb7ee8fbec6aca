import { hasCode, REDELIVERED_HEADER, systemScope, type DocumentCollection } from "@caudal/core";
import type { Parked } from "@caudal/schemas";
import type { ParkedRecord } from "./parked-record.ts";

const PREVIEW_CHARACTERS = 200;

/** A parked event with its place in the log. */
export interface ParkedAt {
  readonly event: Parked;
  readonly partition: number;
  readonly offset: number;
}

/** The beginning of the value when it is UTF-8 text; empty when it is not. */
export function previewOf(value: Uint8Array): string {
  const head = value.subarray(0, PREVIEW_CHARACTERS * 4);
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(head, { stream: true });
    return /[\u0000-\u0008\u000e-\u001f]/.test(text) ? "" : [...text].slice(0, PREVIEW_CHARACTERS).join("");
  } catch {
    return "";
  }
}

function firstSight({ event, partition, offset }: ParkedAt): ParkedRecord {
  const { client, group, reason, detail, topic, key, device, source, transport, origin, contentType, receivedAtUs } = event;
  return {
    sha256: sha256Of(event), client, group, reason, detail, topic, key, device, source, transport, origin, contentType, receivedAtUs,
    bytes: 0, offsets: Array.from({ length: event.parts }, () => -1), logPartition: partition, firstOffset: offset,
    state: "parked", decidedAtUs: null, decidedBy: "", note: "", preview: "",
  };
}

function withPart(record: ParkedRecord, { event, offset }: ParkedAt): ParkedRecord {
  if (record.offsets[event.part] !== -1) return record;
  const offsets = record.offsets.with(event.part, offset);
  return { ...record, offsets, bytes: record.bytes + event.value.length, firstOffset: Math.min(record.firstOffset, offset), preview: event.part === 0 ? previewOf(event.value) : record.preview };
}

const TRIES = 8;
/** As long as a broker keeps what was not acknowledged. */
const REDELIVERED_WITHIN_US = 7 * 24 * 3600 * 1e6;

/**
 * Brings the projection up to date with a batch. Doing it again changes nothing: a part that is known is passed over. What a person decides
 * meanwhile stands: an event that is there already is changed by compare and set.
 */
export async function project(records: DocumentCollection<ParkedRecord>, batch: readonly ParkedAt[]): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await projectOnce(records, batch);
    } catch (error) {
      if (!hasCode(error, "version-conflict") || attempt >= TRIES) throw error;
    }
  }
}

async function projectOnce(records: DocumentCollection<ParkedRecord>, batch: readonly ParkedAt[]): Promise<void> {
  const known = new Map((await records.getMany(systemScope, [...new Set(batch.map(({ event }) => event.eventId))])).map((stored) => [stored.id, stored]));
  const after = new Map<string, ParkedRecord>();
  for (const at of batch) {
    const id = at.event.eventId;
    if (!known.has(id) && !after.has(id) && (await isListed(records, after, at))) continue;
    after.set(id, withPart(after.get(id) ?? known.get(id)?.body ?? firstSight(at), at));
  }
  await records.putMany(systemScope, [...after].filter(([id]) => !known.has(id)).map(([id, body]) => ({ id, body })));
  for (const [id, body] of after) {
    const before = known.get(id);
    if (before !== undefined && before.body !== body) await records.replace(systemScope, { id, body }, before.version);
  }
}

/** True for what a sender has sent once more because it saw no acknowledgement, when it stands in the list already. */
async function isListed(records: DocumentCollection<ParkedRecord>, batch: ReadonlyMap<string, ParkedRecord>, { event }: ParkedAt): Promise<boolean> {
  if (event.headers[REDELIVERED_HEADER] === undefined) return false;
  const { client, device, origin, receivedAtUs } = event;
  const isSame = (record: ParkedRecord): boolean =>
    record.sha256 === sha256Of(event) && record.client === client && record.device === device && record.origin === origin && Math.abs(receivedAtUs - record.receivedAtUs) <= REDELIVERED_WITHIN_US;
  if ([...batch.values()].some(isSame)) return true;
  const { items } = await records.find(systemScope, { where: { sha256: sha256Of(event) }, orderBy: "receivedAtUs", descending: true, limit: 20 });
  return items.some(({ body }) => isSame(body));
}

function sha256Of({ wholeSha256 }: Parked): string {
  return Buffer.from(wholeSha256).toString("hex");
}
