import { formatInstant } from "@caudal/core";
import { defineOperation, Problem, type Operation } from "@caudal/runtime";
import { z } from "zod";
import { isClosed } from "../slots/slot-state.ts";
import { obraParams } from "../obras/operations.ts";
import { BY } from "../submission/options.ts";
import type { DeskParts } from "./desk-parts.ts";
import { foundObra, foundSlot, slotParams } from "./found.ts";
import { obraOfTaken } from "./obra-of.ts";
import { slotSchema, slotView } from "./slot-view.ts";

export const reasonSchema = z.strictObject({ reason: z.string().trim().min(1).max(1000) });
const workSchema = z.object({ work: z.string(), stopped: z.string().nullable().describe("Why; null: it is sent for."), at: z.string() });

/** What a person says of a work, or of a slot that nothing will come of. */
export function workDecisionOperations(parts: DeskParts): Operation[] {
  const { obras, slots } = parts;
  return [
    ...(["stop", "resume"] as const).map((verb) => defineOperation({
      method: "POST", path: `/api/v1/compliance/obras/{regulator}/{code}/${verb}`, operationId: verb === "stop" ? "stopObra" : "resumeObra", tag: "compliance", permission: "review", params: obraParams, body: reasonSchema,
      summary: verb === "stop"
        ? { en: "Send nothing more for a work until somebody resumes it; its slots go on being made ready", es: "No envía más por una obra hasta que alguien la reanude; sus instantes se siguen preparando" }
        : { en: "Send for a work again", es: "Vuelve a enviar por una obra" },
      replies: { 200: { description: "Written in the ledger", schema: workSchema }, 409: { description: "It is so already" } },
      handle: async ({ principal, scope, params, body: { reason } }) => {
        const obra = await foundObra(obras, scope, params);
        const entry = await slots.appendToWork(obra, {
          // A stop by the submitter ends by itself when the work is changed; a person's never does, whatever they are called.
          by: principal.name === BY ? `${principal.name} (person)` : principal.name,
          decide: (stopped) => (verb === "stop" ? (stopped === undefined ? { kind: "stopped", reason } : undefined) : stopped === undefined ? undefined : { kind: "resumed", reason }),
        });
        if (entry === undefined) {
          const detail = verb === "stop" ? { en: `${obra.work} is stopped already`, es: `${obra.work} ya está detenida` } : { en: `${obra.work} is not stopped`, es: `${obra.work} no está detenida` };
          throw new Problem("state-conflict", { field: "params.code", detail });
        }
        return { status: 200, body: { work: obra.work, stopped: verb === "stop" ? reason : null, at: formatInstant(entry.atUs) } };
      },
    })),
    defineOperation({
      method: "POST", path: "/api/v1/compliance/obras/{regulator}/{code}/slots/{slot}/write-off", operationId: "writeOffSlot", tag: "compliance", permission: "review", params: slotParams, body: reasonSchema,
      summary: { en: "Say that nothing will come of a slot, and why; it is never sent", es: "Indica que un instante no se enviará y por qué; no se envía nunca" },
      replies: { 200: { description: "Written in the ledger", schema: slotSchema }, 409: { description: "It is sent, being sent, or not due yet" } },
      handle: async ({ principal, scope, params, body: { reason } }) => {
        const { obra, row } = await foundSlot(parts, scope, params);
        const { work, slotUs } = row;
        if (slotUs > parts.nowUs()) throw new Problem("state-conflict", { field: "params.slot", detail: { en: "its instant has not come", es: "su instante aún no llega" } });
        const entry = await slots.append(obra, slotUs, { by: principal.name, decide: (state) => (isClosed(state) || state.standing === "sending" ? undefined : { kind: "written-off", slotUs, reason }) });
        const now = (await slots.row(work, slotUs)) ?? row;
        if (entry === undefined) throw new Problem("state-conflict", { field: "params.slot", detail: { en: `it is ${now.standing}`, es: `está en estado ${now.standing}` } });
        return { status: 200, body: slotView(now, (await obraOfTaken(obras, scope, obra))(now.taken)) };
      },
    }),
  ];
}
