import type { EntryBody, LedgerEntry } from "../ledger/entry.ts";

/**
 * Where a slot stands. `expected`, `held` and `ready` come before it is sent; of `sending` nobody knows yet what came of it; all that begins with `accepted`, and
 * `verified`, `mismatch` and `not-found`, is never sent again.
 */
export const slotStandings = [
  "expected", "held", "ready", "sending", "unknown", "refused", "refused-for-good",
  "accepted", "accepted-no-voucher", "verified", "mismatch", "not-found", "annulled", "written-off",
] as const;
export type SlotStanding = (typeof slotStandings)[number];

export interface SlotState {
  readonly slotUs: number;
  readonly standing: SlotStanding;
  readonly attempts: number;
  /** The regulator's day of the newest attempt; empty before the first. */
  readonly lastDay: string;
  readonly lastAttemptUs: number | undefined;
  readonly acceptedUs: number | undefined;
  readonly voucher: string | null;
  /** Values that were learned after they were frozen. */
  readonly lateRevisions: number;
  readonly version: number;
}

const terminal: ReadonlySet<SlotStanding> = new Set(["accepted", "accepted-no-voucher", "verified", "mismatch", "not-found", "annulled", "written-off"]);

/** True when no path may send the slot again. */
export function isClosed({ standing }: SlotState): boolean {
  return terminal.has(standing);
}

export function expectedSlot(slotUs: number): SlotState {
  return { slotUs, standing: "expected", attempts: 0, lastDay: "", lastAttemptUs: undefined, acceptedUs: undefined, voucher: null, lateRevisions: 0, version: 0 };
}

/** A slot's state after an entry about it. Throws a RangeError for an entry that may not follow: whoever would write it has a fault. */
export function afterEntry(state: SlotState, { body, atUs }: Pick<LedgerEntry, "body" | "atUs">): SlotState {
  const refuse = (): never => {
    throw new RangeError(`${body.kind} may not follow ${state.standing} (slot ${state.slotUs})`);
  };
  switch (body.kind) {
    case "frozen":
      return isClosed(state) || state.attempts > 0 || body.version !== state.version + 1 ? refuse() : { ...state, standing: "ready", version: body.version };
    case "held":
      // After an attempt only what nobody knows the end of: a person looks whether the regulator has it.
      return isClosed(state) || state.standing === "sending" || (state.attempts > 0 && state.standing !== "unknown") ? refuse() : { ...state, standing: "held" };
    case "reviewed":
      if (isClosed(state) || state.standing === "sending") return refuse();
      return body.decision === "annul" ? { ...state, standing: "annulled" } : state.standing === "held" ? { ...state, standing: state.version > 0 ? "ready" : "expected" } : state;
    case "attempt":
      return mayBeSent(state) && body.attempt === state.attempts + 1 && body.day > state.lastDay ? { ...state, standing: "sending", attempts: body.attempt, lastDay: body.day, lastAttemptUs: atUs } : refuse();
    case "outcome":
      return body.attempt === state.attempts && mayEnd(state, body) ? { ...state, ...outcomeOf(body, atUs) } : refuse();
    case "verification":
      return state.standing === "accepted" || state.standing === "verified" || state.standing === "mismatch" || state.standing === "not-found" ? { ...state, standing: body.result } : refuse();
    case "late-revision":
      return { ...state, lateRevisions: state.lateRevisions + 1 };
    case "imported":
      return isClosed(state) ? refuse() : { ...state, standing: body.voucher === null ? "accepted-no-voucher" : "accepted", voucher: body.voucher, acceptedUs: atUs };
    case "written-off":
      return isClosed(state) || state.standing === "sending" ? refuse() : { ...state, standing: "written-off" };
    case "stopped":
    case "resumed":
      return refuse();
  }
}

/** Who stood still in the middle of an attempt may learn that it was accepted when others took its outcome for unknown already, or a person was asked. */
function mayEnd({ standing, attempts }: SlotState, { outcome }: Outcome): boolean {
  return standing === "sending" || standing === "unknown" || (standing === "held" && attempts > 0 && outcome === "accepted");
}

type Outcome = Extract<EntryBody, { kind: "outcome" }>;

function outcomeOf({ outcome, voucher }: Outcome, atUs: number): Pick<SlotState, "standing"> & Partial<SlotState> {
  if (outcome === "accepted") return { standing: voucher === null ? "accepted-no-voucher" : "accepted", voucher, acceptedUs: atUs };
  return { standing: outcome === "refused-for-good" ? "refused-for-good" : outcome };
}

/** True of a slot that waits to be sent for the first time or again. What is being sent counts: who wrote that attempt may have ended before its outcome. */
export function mayBeSent({ standing }: SlotState): boolean {
  return standing === "ready" || standing === "unknown" || standing === "refused" || standing === "refused-for-good" || standing === "sending";
}
