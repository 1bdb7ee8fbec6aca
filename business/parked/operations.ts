import { formatInstant, parkReasons, type DocumentCollection, type EventLog, type ParkReason, type Principal, type Scope, type StoredDocument } from "@caudal/core";
import { defineOperation, Problem, text, type Language, type Operation } from "@caudal/runtime";
import type { Codec } from "@caudal/schemas";
import { z } from "zod";
import type { AuditTrail } from "../audit/audit-trail.ts";
import { listOf, listReply, pageOf, pagingQuery } from "../list-reply.ts";
import { readParked } from "./bytes.ts";
import type { ParkedDesk } from "./desk.ts";
import type { ParkedRecord } from "./parked-record.ts";

export interface ParkedOperationsOptions {
  readonly records: DocumentCollection<ParkedRecord>;
  readonly log: EventLog;
  readonly codec: Codec;
  readonly desk: ParkedDesk;
  readonly audit: AuditTrail;
}

const states = ["parked", "replayed", "discarded"] as const;
const parkedSchema = z.object({
  id: z.string(), client: z.string(), group: z.string(), reason: z.string(), reasonText: z.string(), next: z.string(), detail: z.string(), device: z.string(),
  origin: z.string(), source: z.string(), transport: z.string(), receivedAt: z.string(), bytes: z.number(), contentType: z.string(),
  state: z.enum(states), decidedAt: z.string().nullable(), decidedBy: z.string(), note: z.string(), preview: z.string(),
});
const idParams = z.object({ id: z.string().min(1).max(128) });
const filterSchema = z.object({ client: z.string().max(128).optional(), group: z.string().max(128).optional(), reason: z.string().max(64).optional() });
const replaySchema = z.object({ replayed: z.number(), stillParked: z.number() });

function reasonTexts(reason: string, language: Language): { reasonText: string; next: string } {
  const known = parkReasons.find((candidate): candidate is ParkReason => candidate === reason);
  return known === undefined ? { reasonText: reason, next: "" } : { reasonText: text(language, `park.${known}`), next: text(language, `park.${known}.next`) };
}

function viewIn(language: Language): (stored: StoredDocument<ParkedRecord>) => z.input<typeof parkedSchema> {
  return ({ id, body }) => {
    const { client, group, reason, detail, device, origin, source, transport, bytes, contentType, state, decidedBy, note, preview } = body;
    return {
      id, client, group, reason, ...reasonTexts(reason, language), detail, device, origin, source, transport, receivedAt: formatInstant(body.receivedAtUs), bytes, contentType,
      state, decidedAt: body.decidedAtUs === null ? null : formatInstant(body.decidedAtUs), decidedBy, note, preview,
    };
  };
}

function textOf(value: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(value);
  } catch {
    return null;
  }
}

export function parkedOperations(options: ParkedOperationsOptions): Operation[] {
  const { records, log, codec, desk, audit } = options;
  const find = async (scope: Scope, id: string): Promise<StoredDocument<ParkedRecord>> => {
    const stored = await records.get(scope, id);
    if (stored === undefined) throw new Problem("not-found", { field: "id" });
    return stored;
  };
  const noted = (who: Principal, action: string, stored: StoredDocument<ParkedRecord>, change: unknown): Promise<void> =>
    audit.record(who, { client: stored.body.client, action, target: stored.id, change });

  return [
    defineOperation({
      method: "GET", path: "/api/v1/parked", operationId: "listParked", tag: "parked", permission: "read",
      summary: { en: "Events that could not be used, newest first", es: "Eventos que no se pudieron usar, los más nuevos primero" },
      query: z.object({ ...filterSchema.shape, state: z.enum(states).optional(), ...pagingQuery }),
      replies: { 200: { description: "Parked events", schema: listOf(parkedSchema) } },
      handle: async ({ scope, query, language }) => listReply(await desk.list(scope, query, pageOf(query)), viewIn(language)),
    }),
    defineOperation({
      method: "GET", path: "/api/v1/parked/{id}", operationId: "getParked", tag: "parked", permission: "read", params: idParams,
      summary: { en: "A parked event with its bytes", es: "Un evento apartado con sus bytes" },
      replies: { 200: { description: "The event", schema: parkedSchema.extend({ value: z.string(), text: z.string().nullable() }) } },
      handle: async ({ scope, params, language }) => {
        const stored = await find(scope, params.id);
        const { value } = await readParked(log, codec, stored.body);
        return { status: 200, body: { ...viewIn(language)(stored), value: Buffer.from(value).toString("base64"), text: textOf(value) } };
      },
    }),
    defineOperation({
      method: "POST", path: "/api/v1/parked/{id}/replay", operationId: "replayParked", tag: "parked", permission: "configure", params: idParams,
      summary: { en: "Hand a parked event to its group again", es: "Entrega otra vez un evento apartado a su grupo" },
      replies: { 200: { description: "What came of it", schema: replaySchema } },
      handle: async ({ principal, scope, params }) => {
        const stored = await find(scope, params.id);
        const result = await desk.replay(principal, stored);
        await noted(principal, "parked.replay", stored, result);
        return { status: 200, body: result };
      },
    }),
    defineOperation({
      method: "POST", path: "/api/v1/parked/{id}/discard", operationId: "discardParked", tag: "parked", permission: "configure", params: idParams,
      summary: { en: "Decide that a parked event is not wanted", es: "Decide que un evento apartado no se quiere" },
      body: z.object({ reason: z.string().trim().min(1).max(1000) }),
      replies: { 200: { description: "The event", schema: parkedSchema } },
      handle: async ({ principal, scope, params, body, language }) => {
        const stored = await find(scope, params.id);
        const after = await desk.discard(principal, stored, body.reason);
        await noted(principal, "parked.discard", stored, body);
        return { status: 200, body: viewIn(language)(after) };
      },
    }),
    defineOperation({
      method: "POST", path: "/api/v1/parked/replay", operationId: "replayAllParked", tag: "parked", permission: "configure", body: filterSchema,
      summary: { en: "Hand all parked events of a filter to their groups again", es: "Entrega otra vez a sus grupos todos los eventos apartados de un filtro" },
      replies: { 200: { description: "What came of it", schema: replaySchema } },
      handle: async ({ principal, scope, body }) => {
        const result = await desk.replayAll(principal, scope, body);
        await audit.record(principal, { client: body.client ?? "all", action: "parked.replay-all", target: "parked", change: { ...body, ...result } });
        return { status: 200, body: result };
      },
    }),
  ];
}
