import type { DocumentCollection, EventLog, Scope, StoredDocument } from "@caudal/core";
import { decodeUtf8, defineOperation, listOf, listReply, type Operation, pagingQuery, Problem } from "@caudal/runtime";
import type { Codec } from "@caudal/schemas";
import { z } from "zod";
import { INSTALLATION, type AuditTrail } from "../audit/audit-trail.ts";
import { readParked } from "./bytes.ts";
import type { ParkedDesk } from "./desk.ts";
import { parkedStates, type ParkedRecord } from "./parked-record.ts";
import { parkedSchema, parkedView } from "./parked-view.ts";

export interface ParkedOperationsOptions {
  readonly records: DocumentCollection<ParkedRecord>;
  readonly log: EventLog;
  readonly codec: Codec;
  readonly desk: ParkedDesk;
  readonly audit: AuditTrail;
}

const idParams = z.object({ id: z.string().min(1).max(128) });
const filterFields = { client: z.string().max(128).optional(), group: z.string().max(128).optional(), reason: z.string().max(64).optional(), device: z.string().max(256).optional() };
const replaySchema = z.object({ replayed: z.number(), stillParked: z.number().describe("Still cannot be used, or cannot be read.") });

export function parkedOperations({ records, log, codec, desk, audit }: ParkedOperationsOptions): Operation[] {
  const found = async (scope: Scope, id: string): Promise<StoredDocument<ParkedRecord>> => {
    const stored = await records.get(scope, id);
    if (stored === undefined) throw new Problem("parked-not-found", { field: "params.id", detail: id });
    return stored;
  };

  return [
    defineOperation({
      method: "GET", path: "/api/v1/parked", operationId: "listParked", tag: "parked", permission: "read",
      summary: { en: "Events that could not be used, newest first", es: "Eventos que no se pudieron usar, los más nuevos primero" },
      query: z.object({ ...filterFields, state: z.enum(parkedStates).optional(), ...pagingQuery }),
      replies: { 200: { description: "Parked events", schema: listOf(parkedSchema) } },
      handle: async ({ scope, query: { limit, cursor, ...filter }, language }) => listReply(await desk.list(scope, filter, { limit, cursor }), (stored) => parkedView(stored, language)),
    }),
    defineOperation({
      method: "GET", path: "/api/v1/parked/{id}", operationId: "getParked", tag: "parked", permission: "read", params: idParams,
      summary: { en: "A parked event with its bytes", es: "Un evento apartado con sus bytes" },
      replies: {
        200: { description: "The event; `value` in base64, `text` where it is UTF-8", schema: parkedSchema.extend({ value: z.string(), text: z.string().nullable() }) },
        410: { description: "It was decided on, and its bytes are gone" },
      },
      handle: async ({ scope, params, language }) => {
        const stored = await found(scope, params.id);
        const { value } = await readParked(log, codec, stored.body);
        return { status: 200, body: { ...parkedView(stored, language), value: Buffer.from(value).toString("base64"), text: decodeUtf8(value) ?? null } };
      },
    }),
    defineOperation({
      method: "POST", path: "/api/v1/parked/{id}/replay", operationId: "replayParked", tag: "parked", permission: "configure", params: idParams,
      summary: { en: "Hand a parked event to its group again", es: "Entrega otra vez un evento apartado a su grupo" },
      replies: { 200: { description: "What came of it", schema: replaySchema }, 409: { description: "It was discarded" }, 410: { description: "Its bytes are gone" } },
      handle: async ({ principal, scope, params }) => {
        const stored = await found(scope, params.id);
        const result = await desk.replay(principal, stored);
        await audit.record(principal, { client: stored.body.client, action: "parked.replay", target: stored.id, change: result });
        return { status: 200, body: result };
      },
    }),
    defineOperation({
      method: "POST", path: "/api/v1/parked/{id}/discard", operationId: "discardParked", tag: "parked", permission: "configure", params: idParams,
      summary: { en: "Decide that a parked event is not wanted", es: "Decide que un evento apartado no se quiere" },
      body: z.object({ reason: z.string().trim().min(1).max(1000) }),
      replies: { 200: { description: "The event", schema: parkedSchema }, 409: { description: "It was decided on already" } },
      handle: async ({ principal, scope, params, body, language }) => {
        const after = await desk.discard(principal, await found(scope, params.id), body.reason);
        await audit.record(principal, { client: after.body.client, action: "parked.discard", target: after.id, change: body });
        return { status: 200, body: parkedView(after, language) };
      },
    }),
    defineOperation({
      method: "POST", path: "/api/v1/parked/replay", operationId: "replayAllParked", tag: "parked", permission: "configure", body: z.strictObject(filterFields),
      summary: { en: "Hand all parked events of a filter to their groups again", es: "Entrega otra vez a sus grupos todos los eventos apartados de un filtro" },
      replies: { 200: { description: "What came of it", schema: replaySchema } },
      handle: async ({ principal, scope, body, signal }) => {
        const result = await desk.replayAll(principal, scope, { filter: body, signal });
        await audit.record(principal, { client: body.client ?? INSTALLATION, action: "parked.replay-all", target: "parked", change: { ...body, ...result } });
        return { status: 200, body: result };
      },
    }),
  ];
}
