import { defineOperation, type Language, listOf, listReply, type Operation, pagingQuery, Problem, siftPage } from "@caudal/runtime";
import { z } from "zod";
import { valuesOf } from "../selection/values.ts";
import type { DeskParts } from "./desk-parts.ts";
import { basisOf } from "./edit-basis.ts";
import { approveOperation, declineOperation } from "./edit-decisions.ts";
import { decimalTexts, editCodes, editedSchema, editFault, valuesOfTexts, type EditFault } from "./edit-rules.ts";
import { editStates, type EditShelf } from "./edit-shelf.ts";
import { editSchema, editView } from "./edit-view.ts";
import { foundSlot, slotParams } from "./found.ts";
import { frozenOrProblem } from "./frozen-body.ts";
import { obraOfTaken } from "./obra-of.ts";

const proposedSchema = z.strictObject({
  values: editedSchema, code: z.enum(editCodes).default("other").describe("instrument-fault: the instrument was at fault; only then may a flow or total be lower than measured, and reports tell it."),
  reason: z.string().trim().min(1).max(1000),
});

/** Values in the place of measured ones: one person proposes, another decides. */
export function editOperations(parts: DeskParts, edits: EditShelf): Operation[] {
  const { obras, ledger, regulators, nowUs } = parts;
  return [
    defineOperation({
      method: "GET", path: "/api/v1/compliance/edits", operationId: "listEdits", tag: "compliance", permission: "read",
      query: z.object({ client: z.string().max(128).optional(), work: z.string().max(128).optional(), state: z.enum(editStates).optional(), ...pagingQuery }),
      summary: { en: "Edits of slots that were proposed, newest first", es: "Ediciones propuestas de instantes, primero las más nuevas" },
      replies: { 200: { description: "Edits", schema: listOf(editSchema) } },
      handle: async ({ scope, query: { client, work, state, limit, cursor } }) => {
        const fits = work === undefined ? undefined : ({ body }: { readonly body: { readonly client: string; readonly state: string } }): boolean => (client ?? body.client) === body.client && (state ?? body.state) === body.state;
        return listReply(await siftPage({ limit, cursor, fits }, (at) => edits.find(scope, { client, work, state, ...at })), editView);
      },
    }),
    defineOperation({
      method: "POST", path: "/api/v1/compliance/review/{regulator}/{code}/{slot}/edit", operationId: "postEdit", tag: "compliance", permission: "review", params: slotParams, body: proposedSchema,
      summary: { en: "Propose other values for a slot that was not sent; another person approves or declines", es: "Propone otros valores para un instante no enviado; otra persona aprueba o rechaza" },
      replies: { 201: { description: "It waits", schema: editSchema }, 409: { description: "One waits already, or the slot was sent" }, 422: { description: "It lowers what was measured, or cannot be sent" } },
      handle: async ({ principal, scope, params, body: { values, code, reason } }) => {
        const { obra, row } = await foundSlot(parts, scope, params);
        const { work, slotUs, client, standing, state: { version, attempts } } = row;
        const basis = basisOf(await ledger.entriesOf(work, slotUs));
        if (basis === undefined || attempts > 0 || (standing !== "held" && standing !== "ready")) {
          throw new Problem("state-conflict", { field: "params.slot", detail: { en: `it is ${standing}; only what is held or ready, and was never sent, is edited`, es: `está en estado ${standing}; solo se edita lo retenido o listo que nunca se envió` } });
        }
        const measured = valuesOf((await obraOfTaken(obras, scope, obra))(basis.taken), basis.taken);
        const before = { ...measured, ...valuesOfTexts(basis.edited) };
        const fault = editFault({ water: obra.water, measured, values, code, before });
        if (fault !== undefined) throw faultProblem(fault);
        frozenOrProblem(regulators, { obra, slotUs, values: { ...before, ...values } });
        const edited = { ...basis.edited, ...decimalTexts(values) };
        const stored = await edits.propose({ client, work, slotUs, values: edited, measured: decimalTexts(measured), code, reason, author: principal.name, atUs: nowUs(), basisSeq: basis.seq, version });
        if (stored === undefined) throw new Problem("edit-waits", { field: "params.slot" });
        return { status: 201, body: editView(stored) };
      },
    }),
    approveOperation(parts, edits),
    declineOperation(parts, edits),
  ];
}

const names: Readonly<Record<string, Readonly<Record<Language, string>>>> = {
  flow: { en: "flow", es: "caudal" }, total: { en: "total", es: "totalizador" }, depth: { en: "depth to water", es: "nivel freático" }, stage: { en: "stage", es: "altura limnimétrica" },
};

function faultProblem(fault: EditFault): Problem {
  if (fault.kind === "lowers") {
    const { quantity, measured, edited } = fault;
    const said = (language: Language): string => `${names[quantity]?.[language] ?? quantity}: ${measured} → ${edited}`;
    return new Problem("edit-lowers", { field: "body.values", detail: { en: said("en"), es: said("es") } });
  }
  const detail = fault.kind === "changes-nothing" ? { en: "these are the values as they are", es: "son los valores que ya tiene" }
    : { en: `a work of this kind of water does not report ${names[fault.quantity]?.en ?? fault.quantity}`, es: `una obra de este tipo de agua no informa ${names[fault.quantity]?.es ?? fault.quantity}` };
  return new Problem("invalid-body", { field: "body.values", detail, errors: [{ field: "body.values", detail }] });
}
