import type { Operation } from "@caudal/runtime";
import type { DeskParts } from "./desk-parts.ts";
import { editOperations } from "./edits.ts";
import { EditShelf } from "./edit-shelf.ts";
import { importOperation } from "./import.ts";
import { reviewOperation } from "./review.ts";
import { reviewQueueOperation } from "./review-queue.ts";
import { sendingOperations, type Sending } from "./sending.ts";
import { slotOperations } from "./slots.ts";
import { statusOperation } from "./status.ts";
import { workDecisionOperations } from "./work-decisions.ts";

export type DeskOptions = DeskParts & Sending;

/** What people look at and decide: status, slots, ledger, review, edits, plan, switch. Opens the collection of edits. */
export async function deskOperations(options: DeskOptions): Promise<Operation[]> {
  const edits = await EditShelf.open(options.documents);
  return [
    statusOperation(options),
    ...slotOperations(options),
    ...workDecisionOperations(options),
    reviewQueueOperation(options, edits),
    ...editOperations(options, edits),
    reviewOperation(options, edits),
    ...sendingOperations(options),
    importOperation(options),
  ];
}
