import { formatInstant } from "@caudal/core";
import { defineOperation, type Language, listOf, type Operation, pagingQuery } from "@caudal/runtime";
import { z } from "zod";
import type { Obra } from "../obras/obra.ts";
import type { SlotRow } from "../slots/slot-row.ts";
import type { DeskParts } from "./desk-parts.ts";
import type { EditShelf } from "./edit-shelf.ts";
import { editSchema, editView } from "./edit-view.ts";
import { freezingOf } from "./frozen-body.ts";
import { obraOfTaken } from "./obra-of.ts";
import { slotReason } from "./slot-reason.ts";
import { localText, slotSchema, slotView, valuesOfRow, valuesSchema, valuesView } from "./slot-view.ts";

const HOUR_US = 3_600_000_000;
const DAY_US = 24 * HOUR_US;
/** Slots on each side. */
const NEIGHBOURS = 3;
/** No two slots of a standard lie farther apart. */
const apartUs = { mayor: HOUR_US, medio: DAY_US, menor: 31 * DAY_US, "caudales-muy-pequenos": 184 * DAY_US } as const;

const waits = ["held", "accepted-no-voucher", "mismatch", "not-found", "unknown"] as const;

const rightSchema = z.object({ flowLps: z.number().nullable(), tolerance: z.number(), volumeM3: z.number().nullable().describe("Of the month, where it has its own."), annualM3: z.number().nullable() });
const itemSchema = slotSchema.extend({
  work: z.string(), client: z.string(), name: z.string(), regulator: z.string(), code: z.string(), mode: z.string(), water: z.string(),
  since: z.string().nullable().describe("When it was held."),
  why: z.array(z.object({ code: z.string(), text: z.string() })).describe("`reasons` in the language that was asked for."),
  right: rightSchema.describe("What may be taken in the slot's month."),
  wouldSend: z.object({ path: z.string(), body: z.string() }).nullable().describe("The bytes if it were confirmed, without the password."),
  blocked: z.object({ reason: z.string(), text: z.string(), field: z.string() }).nullable().describe("Why it cannot be confirmed as it is: edit or annul it."),
  neighbours: z.array(z.object({ slot: z.string(), local: z.string(), standing: z.string(), values: valuesSchema.nullable() })),
  edit: editSchema.nullable().describe("An edit that waits for a second person."),
});

/** What waits for a person's look, oldest first, with what is needed to decide. */
export function reviewQueueOperation(parts: DeskParts, edits: EditShelf): Operation {
  const { obras, slots } = parts;
  return defineOperation({
    method: "GET", path: "/api/v1/compliance/review", operationId: "listReview", tag: "compliance", permission: "read",
    query: z.object({
      client: z.string().max(128).optional(), work: z.string().max(128).optional(),
      standing: z.enum(waits).default("held").describe("held: decide with postReview. Others are for a look: what the regulator has cannot be changed from here."), ...pagingQuery, limit: pagingQuery.limit.default(50),
    }),
    summary: { en: "Slots that wait for a person, oldest first, with neighbours, the right and what would be sent", es: "Instantes que esperan a una persona, primero los más antiguos, con vecinos, el derecho y lo que se enviaría" },
    replies: { 200: { description: "Slots", schema: listOf(itemSchema) } },
    handle: async ({ scope, language, query: { client, work, standing, limit, cursor } }) => {
      const page = await slots.find(scope, { client, work, standing, limit, cursor });
      const items: z.output<typeof itemSchema>[] = [];
      for (const row of page.items) {
        const obra = await obras.get(scope, row.work);
        if (obra !== undefined) items.push(await itemOf(parts, edits, { row, obra: (await obraOfTaken(obras, scope, obra))(row.taken), language }));
      }
      return { status: 200, body: { items, next: page.next ?? null } };
    },
  });
}

interface Item {
  readonly row: SlotRow;
  readonly obra: Obra;
  readonly language: Language;
}

async function itemOf({ slots, ledger, regulators }: DeskParts, edits: EditShelf, { row, obra, language }: Item): Promise<z.output<typeof itemSchema>> {
  const { work, slotUs } = row;
  const spanUs = NEIGHBOURS * (obra.standard === "custom" ? (obra.everyMinutes ?? 60) * 60_000_000 : apartUs[obra.standard]);
  const [{ items: around }, entries, edit] = await Promise.all([
    slots.find({ clients: [row.client] }, { work, fromUs: slotUs - spanUs, toUs: slotUs + spanUs + 1, limit: 8 * NEIGHBOURS }), ledger.entriesOf(work, slotUs), edits.waiting(work, slotUs),
  ]);
  const at = around.findIndex((neighbour) => neighbour.slotUs === slotUs);
  const near = around.filter((neighbour, place) => neighbour.slotUs !== slotUs && Math.abs(place - at) <= NEIGHBOURS);
  const since = entries.findLast(({ body }) => body.kind === "held")?.atUs;
  const freezing = row.standing === "held" ? freezingOf(regulators, { obra, slotUs, values: valuesOfRow(row, obra) ?? {} }) : undefined;
  return {
    ...slotView(row, obra), work, client: obra.client, name: obra.name, regulator: obra.regulator, code: obra.code, mode: obra.mode, water: obra.water,
    since: since === undefined ? null : formatInstant(since), why: row.reasons.map((code) => ({ code, text: slotReason(code, language) })), right: rightOf(obra, slotUs),
    wouldSend: freezing?.kind === "frozen" ? { path: freezing.payload.path, body: freezing.payload.body } : null,
    blocked: freezing?.kind === "blocked" ? { reason: freezing.reason, text: slotReason(freezing.reason, language), field: freezing.field } : null,
    neighbours: near.map((neighbour) => ({ slot: formatInstant(neighbour.slotUs), local: localText(neighbour.slotUs), standing: neighbour.standing, values: valuesView(valuesOfRow(neighbour, obra)) })),
    edit: edit === undefined ? null : editView(edit),
  };
}

/** A month's row stands before the year's. */
function rightOf({ right }: Obra, slotUs: number): z.output<typeof rightSchema> {
  const month = right.monthly?.[Number(localText(slotUs).slice(5, 7)) - 1];
  return { flowLps: month?.flowLps ?? right.flowLps ?? null, tolerance: right.tolerance, volumeM3: month?.volumeM3 ?? null, annualM3: right.annualM3 ?? null };
}
