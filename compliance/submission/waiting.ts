import { systemScope } from "@caudal/core";
import type { SlotBook } from "../slots/slot-book.ts";
import type { SlotRow } from "../slots/slot-row.ts";
import type { SlotStanding } from "../slots/slot-state.ts";

/** Where a slot stands that may be sent; one that is being sent is met in the work's chain. */
const sendable = ["ready", "unknown", "refused", "refused-for-good"] as const satisfies readonly SlotStanding[];
const PAGE = 1000;

/** All rows of a work with one standing, oldest first. */
export async function rowsStanding(slots: SlotBook, work: string, standing: SlotStanding, toUs?: number): Promise<SlotRow[]> {
  const rows: SlotRow[] = [];
  let cursor: string | undefined;
  do {
    const page = await slots.find(systemScope, { work, standing, limit: PAGE, ...(toUs === undefined ? {} : { toUs }), ...(cursor === undefined ? {} : { cursor }) });
    rows.push(...page.items);
    cursor = page.next;
  } while (cursor !== undefined);
  return rows;
}

/** Rows of a work that wait to be sent, at instants that have come. Holes and what is closed are not read, however many there are. */
export async function waitingRows(slots: SlotBook, work: string, nowUs: number): Promise<SlotRow[]> {
  return (await Promise.all(sendable.map((standing) => rowsStanding(slots, work, standing, nowUs + 1)))).flat();
}
