import { createHash } from "node:crypto";
import { systemScope, type DocumentCollection, type Documents, type EventLog, type StoredDocument } from "@caudal/core";
import { RECORD_CONTENT_TYPE } from "@caudal/runtime";
import type { Codec, Parked } from "@caudal/schemas";
import { readParked } from "../../../business/parked/bytes.ts";
import { parkedCollection, type ParkedRecord } from "../../../business/parked/parked-record.ts";
import type { ParkedEvent } from "../auditor/evidence.ts";
import { decoded } from "./decoded.ts";

const PAGE = 200;

/** Every parked event that people are shown, with its whole bytes from the log. */
export async function* parkedEvents({ documents, log, codec }: { readonly documents: Documents; readonly log: EventLog; readonly codec: Codec }): AsyncGenerator<readonly ParkedEvent[]> {
  const records: DocumentCollection<ParkedRecord> = await documents.collection<ParkedRecord>(parkedCollection);
  let cursor: string | undefined;
  do {
    const page = await records.find(systemScope, { orderBy: "receivedAtUs", limit: PAGE, ...(cursor === undefined ? {} : { cursor }) });
    const events: ParkedEvent[] = [];
    for (const stored of page.items) events.push(await eventOf(stored, log, codec));
    yield events;
    cursor = page.next;
  } while (cursor !== undefined);
}

async function eventOf({ id, body }: StoredDocument<ParkedRecord>, log: EventLog, codec: Codec): Promise<ParkedEvent> {
  const { client, device, group, reason } = body;
  const whole = await readParked(log, codec, body).catch(() => undefined);
  return { eventId: id, client, device, group, reason, rawSha256: whole === undefined ? null : await hashOf(whole, codec) };
}

/** Of what the source sent: a group parks the record in which that stands. */
async function hashOf({ value, contentType, topic }: Parked, codec: Codec): Promise<string> {
  const reading = contentType === RECORD_CONTENT_TYPE && topic !== "" ? await decoded(codec, "Reading", value).catch(() => undefined) : undefined;
  return createHash("sha256").update(reading?.raw ?? value).digest("hex");
}
