import { systemScope, type Documents } from "@caudal/core";
import type { EntryBody } from "../../ledger/entry.ts";
import { openLedger } from "../../ledger/open-ledger.ts";
import type { Obra } from "../../obras/obra.ts";
import { SlotBook, type SlotBookOptions } from "../slot-book.ts";
import { slotCollection, type SlotRow } from "../slot-row.ts";

export const HOUR = 3_600_000_000;
export const START = Date.parse("2026-06-11T04:00:00Z") * 1000;
export const now = { nowUs: () => START + 60_000_000 };

export function obra(changes: Partial<Obra> = {}): Obra {
  const code = changes.code ?? "OB-0602-7";
  return {
    client: "mine", work: `dga/${code}`, regulator: "dga", code, name: "Well", standard: "mayor", water: "groundwater", levelMayBeMissing: false, centreRut: "76543210-3", informantRut: "12345678-5",
    feeds: [], right: { tolerance: 0.2 }, permittedDelayDays: 7, windowMinutes: 5, settleMinutes: 10, submitFromUs: START, mode: "shadow", version: 1, changedBy: "t", changedAtUs: 0, reason: "", ...changes,
  };
}

export async function bookOf(documents: Documents, options: SlotBookOptions = {}): Promise<SlotBook> {
  return SlotBook.open(documents, await openLedger(documents, now), options);
}

export const always = (body: EntryBody) => ({ by: "test", decide: (): EntryBody => body });

export async function allRows(documents: Documents): Promise<SlotRow[]> {
  const rows = await documents.collection<SlotRow>(slotCollection);
  return (await rows.find(systemScope, { limit: 1000 })).items.map(({ body }) => body);
}
