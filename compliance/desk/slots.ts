import { formatInstant } from "@caudal/core";
import { defineOperation, listOf, listReply, type Operation, pagingQuery } from "@caudal/runtime";
import { z } from "zod";
import type { LedgerEntry } from "../ledger/entry.ts";
import { monthOf } from "../ledger/regulator-day.ts";
import { slotStandings } from "../slots/slot-state.ts";
import { obraParams } from "../obras/operations.ts";
import type { DeskParts } from "./desk-parts.ts";
import { foundObra, instantParam } from "./found.ts";
import { obraOfTaken } from "./obra-of.ts";
import { slotSchema, slotView } from "./slot-view.ts";

const MONTH = /^\d{4}-(0[1-9]|1[0-2])$/;
const MOST_ENTRIES = 1000;

const slotsQuery = z.object({
  month: z.string().regex(MONTH).optional().describe("2026-06, on the regulator's clock; the running one when neither it nor from and to are given."),
  from: z.string().max(64).optional().describe("RFC 3339."), to: z.string().max(64).optional().describe("RFC 3339; not included."),
  standing: z.enum(slotStandings).optional(), ...pagingQuery,
});

const entrySchema = z.object({
  work: z.string(), seq: z.number(), at: z.string(), atUs: z.number(), by: z.string(), slot: z.string().nullable().describe("null: about the work as a whole."),
  previous: z.string(), hash: z.string(), body: z.record(z.string(), z.unknown()),
});

/** What is due of a work, and all that was written of it. */
export function slotOperations({ obras, slots, ledger, nowUs }: DeskParts): Operation[] {
  return [
    defineOperation({
      method: "GET", path: "/api/v1/compliance/obras/{regulator}/{code}/slots", operationId: "listSlots", tag: "compliance", permission: "read", params: obraParams, query: slotsQuery,
      summary: { en: "Slots of a work, oldest first: what is due and where it stands", es: "Instantes de una obra, primero los más antiguos: lo debido y su estado" },
      replies: { 200: { description: "Slots", schema: listOf(slotSchema) } },
      handle: async ({ scope, params, query: { month, from, to, standing, limit, cursor } }) => {
        const obra = await foundObra(obras, scope, params);
        const obraOf = await obraOfTaken(obras, scope, obra);
        const isOpenEnded = from === undefined && to === undefined;
        const page = await slots.find(scope, {
          work: obra.work, month: month ?? (isOpenEnded ? monthOf(nowUs()) : undefined), standing, limit, cursor,
          fromUs: from === undefined ? undefined : instantParam(from, "query.from"), toUs: to === undefined ? undefined : instantParam(to, "query.to"),
        });
        return listReply(page, (row) => slotView(row, obraOf(row.taken)));
      },
    }),
    defineOperation({
      method: "GET", path: "/api/v1/compliance/obras/{regulator}/{code}/ledger", operationId: "listLedger", tag: "compliance", permission: "read", params: obraParams,
      query: z.object({ slot: z.string().max(64).optional().describe("RFC 3339: entries of this slot alone."), after: z.coerce.number().int().min(0).default(0).describe("Entries behind this seq; `next` of the page before."), limit: z.coerce.number().int().min(1).max(MOST_ENTRIES).default(100) }),
      summary: { en: "Entries of a work's ledger in their order, with payloads, answers and vouchers", es: "Asientos del libro de una obra en su orden, con envíos, respuestas y comprobantes" },
      replies: { 200: { description: "Entries, each with its hash and that of the one before", schema: listOf(entrySchema) } },
      handle: async ({ scope, params, query: { slot, after, limit } }) => {
        const { work } = await foundObra(obras, scope, params);
        const entries: LedgerEntry[] = [];
        const source = slot === undefined ? ledger.entries(work, after) : await ledger.entriesOf(work, instantParam(slot, "query.slot"));
        for await (const entry of source) {
          if (entry.seq <= after) continue;
          if (entries.length === limit) return { status: 200, body: { items: entries.map(entryView), next: String(entries.at(-1)?.seq) } };
          entries.push(entry);
        }
        return { status: 200, body: { items: entries.map(entryView), next: null } };
      },
    }),
  ];
}

function entryView({ work, seq, atUs, by, previous, hash, body }: LedgerEntry): z.output<typeof entrySchema> {
  return { work, seq, at: formatInstant(atUs), atUs, by, slot: "slotUs" in body ? formatInstant(body.slotUs) : null, previous, hash, body };
}
