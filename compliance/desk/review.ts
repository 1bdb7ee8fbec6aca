import { defineOperation, Problem, type Operation } from "@caudal/runtime";
import { z } from "zod";
import type { EntryBody } from "../ledger/entry.ts";
import { valuesOf } from "../selection/values.ts";
import { isClosed } from "../slots/slot-state.ts";
import type { DeskParts } from "./desk-parts.ts";
import type { EditShelf } from "./edit-shelf.ts";
import { foundSlot, slotParams } from "./found.ts";
import { frozenBody, frozenOrProblem } from "./frozen-body.ts";
import { obraOfTaken } from "./obra-of.ts";
import { slotSchema, slotView } from "./slot-view.ts";

const decisionSchema = z.strictObject({
  decision: z.enum(["confirm", "annul"]).describe("confirm: it was so, and is sent as it is. annul: nothing of it is sent."),
  reason: z.string().trim().min(1).max(1000),
});

type Held = Extract<EntryBody, { kind: "held" }>;

/** A person's word on a slot that was held. */
export function reviewOperation(parts: DeskParts, edits: EditShelf): Operation {
  const { obras, slots, ledger, regulators } = parts;
  return defineOperation({
    method: "POST", path: "/api/v1/compliance/review/{regulator}/{code}/{slot}", operationId: "postReview", tag: "compliance", permission: "review", params: slotParams, body: decisionSchema,
    summary: { en: "Confirm a held slot as it was measured, or annul it, with a reason", es: "Confirma un instante retenido tal como se midió, o lo anula, con un motivo" },
    replies: { 200: { description: "Written in the ledger; a confirmed slot is frozen", schema: slotSchema }, 409: { description: "It is not held" }, 422: { description: "It cannot be sent as it is" } },
    handle: async ({ principal, scope, params, body: { decision, reason } }) => {
      const { obra, row } = await foundSlot(parts, scope, params);
      const { work, slotUs } = row;
      const obraOf = await obraOfTaken(obras, scope, obra);
      const by = principal.name;
      const notHeld = (standing: string): Problem => new Problem("state-conflict", { field: "params.slot", detail: { en: `it is ${standing}, not held`, es: `está en estado ${standing}, no retenido` } });
      if (row.standing !== "held") throw notHeld(row.standing);
      // Before anything is written: what cannot be sent is not confirmed.
      const held = (await ledger.entriesOf(work, slotUs)).findLast((entry): entry is typeof entry & { readonly body: Held } => entry.body.kind === "held");
      const taken = held?.body.taken ?? row.taken;
      // What was sent before keeps its bytes: confirmed, it is sent once more.
      const payload = decision === "confirm" && row.state.attempts === 0 ? frozenOrProblem(regulators, { obra, slotUs, values: valuesOf(obraOf(taken), taken) }) : undefined;
      let version = 0;
      const reviewed = await slots.append(obra, slotUs, {
        by,
        decide: (state) => {
          version = state.version;
          return state.standing === "held" ? { kind: "reviewed", slotUs, decision, reason } : undefined;
        },
      });
      if (reviewed === undefined) throw notHeld((await slots.row(work, slotUs))?.standing ?? row.standing);
      if (payload !== undefined) {
        // Where this ends in between, the slot is looked at, held and shown to a person once more.
        await slots.append(obra, slotUs, { by, decide: (state) => (isClosed(state) || state.attempts > 0 || state.version !== version ? undefined : frozenBody(payload, { slotUs, version: version + 1, taken })) });
      }
      await edits.overtake(work, slotUs);
      const now = (await slots.row(work, slotUs)) ?? row;
      return { status: 200, body: slotView(now, obraOf(now.taken)) };
    },
  });
}
