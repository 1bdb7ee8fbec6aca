import { systemScope, type DocumentCollection, type NewDocument } from "@caudal/core";
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
    // eslint-disable-next-line no-control-regex -- control characters are what tells bytes from text
    return /[\u0000-\u0008\u000e-\u001f]/.test(text) ? "" : text.slice(0, PREVIEW_CHARACTERS);
  } catch {
    return "";
  }
}

function firstSight({ event, partition, offset }: ParkedAt): ParkedRecord {
  const { client, group, reason, detail, topic, key, device, source, transport, origin, contentType, receivedAtUs } = event;
  return {
    client, group, reason, detail, topic, key, device, source, transport, origin, contentType, receivedAtUs,
    bytes: 0, offsets: Array.from({ length: event.parts }, () => -1), logPartition: partition, firstOffset: offset,
    state: "parked", decidedAtUs: null, decidedBy: "", note: "", preview: event.part === 0 ? previewOf(event.value) : "",
  };
}

function withPart(record: ParkedRecord, { event, offset }: ParkedAt): ParkedRecord {
  if ((record.offsets[event.part] ?? offset) >= 0) return record;
  const offsets = record.offsets.map((known, part) => (part === event.part ? offset : known));
  return { ...record, offsets, bytes: record.bytes + event.value.length, firstOffset: Math.min(record.firstOffset, offset), preview: event.part === 0 ? previewOf(event.value) : record.preview };
}

/** Brings the projection up to date with a batch. Doing it again changes nothing: a part that is known is passed over. */
export async function project(records: DocumentCollection<ParkedRecord>, batch: readonly ParkedAt[]): Promise<void> {
  const known = await records.getMany(systemScope, [...new Set(batch.map(({ event }) => event.eventId))]);
  const bodies = new Map(known.map(({ id, body }) => [id, body]));
  const changed = new Map<string, NewDocument<ParkedRecord>>();
  for (const at of batch) {
    const id = at.event.eventId;
    const before = bodies.get(id);
    const after = withPart(before ?? firstSight(at), at);
    if (after === before) continue;
    bodies.set(id, after);
    changed.set(id, { id, body: after });
  }
  if (changed.size > 0) await records.putMany(systemScope, [...changed.values()]);
}
