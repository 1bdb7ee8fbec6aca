import { formatInstant, parkReasons, type ParkReason, type StoredDocument } from "@caudal/core";
import { text, type Language } from "@caudal/runtime";
import { z } from "zod";
import { parkedStates, type ParkedRecord } from "./parked-record.ts";

export const parkedSchema = z.object({
  id: z.string(), client: z.string(), group: z.string().describe("Who could not use it; `collector` at an edge."), reason: z.string(), reasonText: z.string(),
  next: z.string().describe("What a person can do about it."), detail: z.string(), device: z.string(), origin: z.string(), source: z.string(), transport: z.string(),
  receivedAt: z.string(), bytes: z.number(), contentType: z.string(), state: z.enum(parkedStates), decidedAt: z.string().nullable(), decidedBy: z.string(),
  note: z.string(), preview: z.string().describe("First 200 characters where the value is text."),
});
export type ParkedView = z.input<typeof parkedSchema>;

function reasonTexts(reason: string, language: Language): { reasonText: string; next: string } {
  const known = parkReasons.find((candidate): candidate is ParkReason => candidate === reason);
  return known === undefined ? { reasonText: reason, next: "" } : { reasonText: text(language, `park.${known}`), next: text(language, `park.${known}.next`) };
}

/** A parked event as lists show it, its reason in the caller's language. */
export function parkedView({ id, body }: StoredDocument<ParkedRecord>, language: Language): ParkedView {
  const { client, group, reason, detail, device, origin, source, transport, bytes, contentType, state, decidedAtUs, decidedBy, note, preview } = body;
  return {
    id, client, group, reason, ...reasonTexts(reason, language), detail, device, origin, source, transport, receivedAt: formatInstant(body.receivedAtUs), bytes, contentType,
    state, decidedAt: decidedAtUs === null ? null : formatInstant(decidedAtUs), decidedBy, note, preview,
  };
}
