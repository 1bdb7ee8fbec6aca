import type { Principal, StoredDocument } from "@caudal/core";
import { defineOperation, Problem, type Operation } from "@caudal/runtime";
import type { SlotEdit } from "../ledger/entry.ts";
import type { Obra } from "../obras/obra.ts";
import { isClosed } from "../slots/slot-state.ts";
import type { DeskParts } from "./desk-parts.ts";
import { basisOf } from "./edit-basis.ts";
import { valuesOfTexts } from "./edit-rules.ts";
import type { EditProposal, EditShelf } from "./edit-shelf.ts";
import { editSchema, editView } from "./edit-view.ts";
import { foundSlot, slotParams } from "./found.ts";
import { frozenBody, frozenOrProblem } from "./frozen-body.ts";
import { reasonSchema } from "./work-decisions.ts";

type Stored = StoredDocument<EditProposal>;

/** The edit that waits of a slot, for somebody who did not propose it. Problems "edit-not-found" and "second-person". */
async function forSecondPerson(edits: EditShelf, { work, slotUs }: { readonly work: string; readonly slotUs: number }, { name }: Principal): Promise<Stored> {
  const waiting = await edits.waiting(work, slotUs);
  if (waiting === undefined) throw new Problem("edit-not-found", { field: "params.slot" });
  if (waiting.body.author === name) throw new Problem("second-person", { detail: { en: `${name} proposed it`, es: `${name} la propuso` } });
  return waiting;
}

export function declineOperation(parts: DeskParts, edits: EditShelf): Operation {
  return defineOperation({
    method: "POST", path: "/api/v1/compliance/review/{regulator}/{code}/{slot}/edit/decline", operationId: "declineEdit", tag: "compliance", permission: "review", params: slotParams, body: reasonSchema,
    summary: { en: "Decline an edit as a second person; the slot stays as it is", es: "Rechaza una edición como segunda persona; el instante queda como está" },
    replies: { 200: { description: "Declined", schema: editSchema }, 403: { description: "Who proposed it does not decide on it" }, 409: { description: "It was decided on" } },
    handle: async ({ principal, scope, params, body: { reason } }) => {
      const { row } = await foundSlot(parts, scope, params);
      const waiting = await forSecondPerson(edits, row, principal);
      const declined = waiting.body.state === "waiting" ? await edits.step(waiting, { state: "declined", decidedBy: principal.name, decidedAtUs: parts.nowUs(), decision: reason }) : undefined;
      if (declined === undefined) throw new Problem("state-conflict", { field: "params.slot", detail: { en: "another person decided on it meanwhile", es: "otra persona la decidió entretanto" } });
      return { status: 200, body: editView(declined) };
    },
  });
}

export function approveOperation(parts: DeskParts, edits: EditShelf): Operation {
  return defineOperation({
    method: "POST", path: "/api/v1/compliance/review/{regulator}/{code}/{slot}/edit/approve", operationId: "approveEdit", tag: "compliance", permission: "review", params: slotParams, body: reasonSchema,
    summary: { en: "Approve an edit as a second person; the slot is frozen with its values", es: "Aprueba una edición como segunda persona; el instante queda fijado con sus valores" },
    replies: { 200: { description: "Written in the ledger with both names, old and new values", schema: editSchema }, 403: { description: "Who proposed it does not decide on it" }, 409: { description: "The slot changed meanwhile" } },
    handle: async ({ principal, scope, params, body: { reason } }) => {
      const { obra, row } = await foundSlot(parts, scope, params);
      const waiting = await forSecondPerson(edits, row, principal);
      // From here on it cannot be declined; whoever approves again finishes what a crash left.
      const claimed = await edits.step(waiting, { state: "approving", decidedBy: principal.name, decidedAtUs: parts.nowUs(), decision: reason });
      if (claimed === undefined) throw new Problem("state-conflict", { field: "params.slot", detail: { en: "another person decided on it meanwhile", es: "otra persona la decidió entretanto" } });
      const isWritten = await freezeEdit(parts, obra, claimed).catch(async (error: unknown) => {
        // The work was changed so that it cannot be sent now: it waits on, and may be declined.
        if (error instanceof Problem) await edits.step(claimed, { state: "waiting", decidedBy: null, decidedAtUs: null, decision: null });
        throw error;
      });
      const done = (await edits.step(claimed, { state: isWritten ? "approved" : "overtaken" })) ?? claimed;
      if (!isWritten) throw new Problem("edit-overtaken", { field: "params.slot" });
      return { status: 200, body: editView(done) };
    },
  });
}

/** Writes the slot's next version, once whoever comes. False when the slot is no longer as it was when the edit was proposed. */
async function freezeEdit({ slots, ledger, regulators }: DeskParts, obra: Obra, { id, body: proposal }: Stored): Promise<boolean> {
  const { work, slotUs, version, basisSeq, values, measured, code, reason, author, atUs } = proposal;
  const isThere = async (): Promise<boolean> => (await ledger.entriesOf(work, slotUs)).some(({ body }) => body.kind === "frozen" && body.edit?.proposal === id);
  if (await isThere()) return true;
  const basis = basisOf(await ledger.entriesOf(work, slotUs));
  if (basis?.seq !== basisSeq) return false;
  const edit: SlotEdit = { proposal: id, author, proposedAtUs: atUs, code, reason, approval: proposal.decision ?? "", values, measured };
  const payload = frozenOrProblem(regulators, { obra, slotUs, values: { ...valuesOfTexts(measured), ...valuesOfTexts(values) } });
  const entry = await slots.append(obra, slotUs, {
    by: proposal.decidedBy ?? "",
    decide: (state) => (isClosed(state) || state.attempts > 0 || state.version !== version || (state.standing !== "held" && state.standing !== "ready") ? undefined : frozenBody(payload, { slotUs, version: version + 1, taken: basis.taken, edit })),
  });
  return entry !== undefined || isThere();
}
