import type { LedgerEntry } from "../ledger/entry.ts";
import { monthOf } from "../ledger/regulator-day.ts";
import { folded } from "../ledger/stored-chain.ts";
import type { SlotRow } from "./slot-row.ts";
import { expectedSlot, isClosed, type SlotStanding, type SlotState } from "./slot-state.ts";

/** Res. 2.170, 3: what was accepted later than this after its instant is late. */
const ON_TIME_US = 3_600_000_000;

/** What a row says beside the ledger: what was noted of a slot. */
export type SlotNotes = Pick<SlotRow, "noted" | "lateFailure" | "lookedAtUs">;

const noNotes: SlotNotes = { lateFailure: false, lookedAtUs: null };

/** A slot's row as the sum of its entries, in order, and of what was noted of it. Throws "corrupt" for entries that may not follow. */
export function projectedRow({ client, work, slotUs, notes = noNotes }: { readonly client: string; readonly work: string; readonly slotUs: number; readonly notes?: SlotNotes | undefined }, entries: readonly LedgerEntry[]): SlotRow {
  let state = expectedSlot(slotUs);
  let seq = 0;
  let reasons: readonly string[] | undefined;
  let taken: SlotRow["taken"] = [];
  let edit: SlotRow["edit"];
  let isLate = false;
  for (const entry of entries) {
    const { body } = entry;
    state = folded(state, entry);
    seq = entry.seq;
    if (body.kind === "held" || body.kind === "frozen") taken = body.taken;
    if (body.kind === "frozen") edit = body.edit;
    if (body.kind === "held") reasons = body.reasons;
    // What was confirmed, or frozen after all, waits for no reason any more; why a slot was annulled stays.
    else if (body.kind === "frozen" || (body.kind === "reviewed" && body.decision === "confirm")) reasons = [];
    else if ((body.kind === "outcome" || body.kind === "imported") && state.acceptedUs !== undefined) reasons = [];
    // Of an imported one nobody knows when it was accepted.
    if (body.kind === "outcome" && state.acceptedUs !== undefined) isLate = state.acceptedUs - slotUs > ON_TIME_US;
  }
  // While a slot is expected, why nothing was there is what was noted, whatever it went through before.
  if (state.standing === "expected" || reasons === undefined) reasons = notes.noted ?? [];
  return {
    client, work, slotUs, month: monthOf(slotUs), standing: state.standing, open: openOf(state.standing), seq, state: plain(state), ...(state.voucher === null ? {} : { voucher: state.voucher }), reasons, ...(notes.noted === undefined ? {} : { noted: notes.noted }), taken,
    ...(edit === undefined ? {} : { edit }),
    late: isLate || notes.lateFailure, lateFailure: notes.lateFailure, lookedAtUs: notes.lookedAtUs,
  };
}

/** 1 while a slot waits for something: to be frozen, reviewed, sent or, once accepted, verified. */
export function openOf(standing: SlotStanding): 0 | 1 {
  return standing === "accepted" || !isClosed({ ...expectedSlot(0), standing }) ? 1 : 0;
}

/** As a store gives it back: without members that are undefined. */
function plain(state: SlotState): SlotState {
  return JSON.parse(JSON.stringify(state)) as SlotState;
}
