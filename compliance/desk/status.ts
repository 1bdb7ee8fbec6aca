import { formatInstant, systemScope, type Page, type Scope } from "@caudal/core";
import { defineOperation, type Operation, pagingQuery } from "@caudal/runtime";
import { z } from "zod";
import { regulatorNames } from "../obras/draft.ts";
import type { Obra } from "../obras/obra.ts";
import { scheduleOf } from "../slots/slot-book.ts";
import { slotInstants } from "../slots/schedule.ts";
import { installationModes } from "../settings.ts";
import type { DeskParts } from "./desk-parts.ts";
import { addCounts, monthCountsSchema, noCounts } from "./month-counts.ts";
import { MonthTally, type AcceptedSlot } from "./month-tally.ts";
import type { Sending } from "./sending.ts";
import { breakerSchema, sendingSchema, sendingView } from "./sending-view.ts";
import { localText } from "./slot-view.ts";

const DAY_US = 86_400_000_000;
/** Twice a year at the least. */
const LONGEST_APART_US = 185 * DAY_US;
const AT_ONCE = 8;
/** Of one work, on the page; more than so many are told as so many. */
const MOST_FAILURES = 10_000;

const acceptedSchema = z.object({ slot: z.string(), at: z.string(), voucher: z.string().nullable() });
const rowSchema = z.object({
  work: z.string(), client: z.string(), name: z.string(), code: z.string(), regulator: z.string(), standard: z.string(), mode: z.string(), stopped: z.string().nullable().describe("Why nothing is sent for it."),
  lastAccepted: acceptedSchema.nullable(), nextSlot: z.string().nullable(), counts: monthCountsSchema, lateFailures: z.number().describe("Slots of any month not accepted within the permitted delay: each is to be declared."),
});
const statusSchema = z.object({
  at: z.string(), month: z.string().describe("That `counts` are of, on the regulator's clock."), items: z.array(rowSchema), next: z.string().nullable(),
  totals: monthCountsSchema.extend({ works: z.number(), stopped: z.number(), lateFailures: z.number() }).describe("Of the works on this page."), sending: sendingSchema, mode: z.enum(installationModes).describe("Of the installation: only in live does anything reach a regulator."), breaker: z.array(breakerSchema),
});

/** All works, one row each. */
export function statusOperation(parts: DeskParts & Sending): Operation {
  const { obras, nowUs, sendSwitch, submitter } = parts;
  const tally = new MonthTally(parts.slots);
  return defineOperation({
    method: "GET", path: "/api/v1/compliance/status", operationId: "complianceStatus", tag: "compliance", permission: "read",
    query: z.object({ client: z.string().max(128).optional(), regulator: z.enum(regulatorNames).optional(), work: z.string().max(128).optional().describe("`dga/OB-0602-7`: this one alone."), ...pagingQuery }),
    summary: { en: "All works, one row each: last accepted, next slot, late, missing, refused, waiting for review", es: "Todas las obras, una fila cada una: último aceptado, próximo instante, atrasados, faltantes, rechazados y en revisión" },
    replies: { 200: { description: "Works in order of their name", schema: statusSchema } },
    handle: async ({ scope, query: { client, regulator, work, limit, cursor } }) => {
      const at = nowUs();
      const page: Page<Obra> = work === undefined ? await obras.list(scope, { client, regulator, limit, cursor }) : { items: [await obras.get(scope, work)].filter((obra) => obra !== undefined) };
      const items = await mapAtOnce(page.items, AT_ONCE, (obra) => rowOf(parts, tally, { obra, nowUs: at }));
      const totals = items.reduce((sum, row) => ({ ...addCounts(sum, row.counts), works: sum.works + 1, stopped: sum.stopped + Number(row.stopped !== null), lateFailures: sum.lateFailures + row.lateFailures }), { ...noCounts, works: 0, stopped: 0, lateFailures: 0 });
      return { status: 200, body: { at: formatInstant(at), month: localText(at).slice(0, 7), items, next: page.next ?? null, totals, sending: sendingView(await sendSwitch.get()), mode: parts.mode, breaker: [...submitter.breakers()] } };
    },
  });
}

async function rowOf({ slots, ledger }: DeskParts, tally: MonthTally, { obra, nowUs }: { readonly obra: Obra; readonly nowUs: number }): Promise<z.output<typeof rowSchema>> {
  const { work, client, name, code, regulator, standard, mode } = obra;
  const chain = await ledger.chain(work);
  await chain.catchUp();
  const { counts, accepted } = await tally.of(work, nowUs);
  const last = accepted ?? (await acceptedBefore(slots, { client, work, nowUs }));
  let lateFailures = 0;
  for await (const row of slots.openRows(work, { toUs: nowUs - obra.permittedDelayDays * DAY_US })) {
    if (row.lateFailure) lateFailures += 1;
    if (lateFailures === MOST_FAILURES) break;
  }
  const [next] = slotInstants(scheduleOf(obra), { fromUs: Math.max(nowUs, obra.submitFromUs), toUs: Math.min(Math.max(nowUs, obra.submitFromUs) + LONGEST_APART_US, obra.endsUs ?? Infinity) });
  return {
    work, client, name, code, regulator, standard, mode, stopped: chain.stopped ?? null, counts, lateFailures, nextSlot: next === undefined ? null : formatInstant(next),
    lastAccepted: last === undefined ? null : { slot: formatInstant(last.slotUs), at: formatInstant(last.acceptedUs), voucher: last.voucher },
  };
}

/** The newest slot that the regulator has, of whatever month. */
async function acceptedBefore(slots: DeskParts["slots"], { client, work, nowUs }: { readonly client: string; readonly work: string; readonly nowUs: number }): Promise<AcceptedSlot | undefined> {
  const scope: Scope = systemScope;
  const pages = await Promise.all((["verified", "accepted", "accepted-no-voucher", "mismatch", "not-found"] as const).map((standing) => slots.find(scope, { client, work, standing, toUs: nowUs, descending: true, limit: 1 })));
  const newest = pages.flatMap(({ items }) => items).sort((a, b) => b.slotUs - a.slotUs)[0];
  return newest?.state.acceptedUs === undefined ? undefined : { slotUs: newest.slotUs, acceptedUs: newest.state.acceptedUs, voucher: newest.state.voucher };
}

/** In order; so many at once. */
async function mapAtOnce<T, R>(items: readonly T[], atOnce: number, work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let from = 0; from < items.length; from += atOnce) results.push(...(await Promise.all(items.slice(from, from + atOnce).map(work))));
  return results;
}
