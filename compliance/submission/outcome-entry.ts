import type { EntryBody } from "../ledger/entry.ts";
import type { SendResult } from "../regulators/regulator.ts";

/** Of an answer and a message the ledger keeps so many characters. */
const MAX_ANSWER = 4096;
const MAX_MESSAGE = 500;

export type OutcomeBody = Extract<EntryBody, { kind: "outcome" }>;

/** What the ledger keeps of an outcome. Text is cut and made well-formed, since half a character has no canonical form. */
export function outcomeEntry(slotUs: number, attempt: number, { outcome, httpStatus, answer, tookMs }: SendResult): OutcomeBody {
  const common = {
    kind: "outcome", slotUs, attempt, httpStatus, answer: answer === null ? null : cut(answer, MAX_ANSWER), tookMs: Number.isFinite(tookMs) ? Math.round(tookMs) : null, message: cut(outcome.message, MAX_MESSAGE),
  } as const;
  if (outcome.kind === "accepted") return { ...common, outcome: "accepted", voucher: outcome.voucher === null ? null : cut(outcome.voucher, MAX_MESSAGE), by: outcome.by, code: "" };
  if (outcome.kind === "refused") return { ...common, outcome: outcome.permanent ? "refused-for-good" : "refused", voucher: null, by: "answer", code: cut(outcome.code, MAX_MESSAGE) };
  return { ...common, outcome: "unknown", voucher: null, by: "answer", code: outcome.why };
}

/** A voucher that another slot of the work holds: a clock is wrong somewhere, so nothing is known of this slot. The voucher stays in the answer and the message. */
export function strangerVoucher(body: OutcomeBody, holderUs: number): OutcomeBody {
  return { ...body, outcome: "unknown", voucher: null, code: "voucher-of-another-slot", message: cut(`voucher ${body.voucher ?? ""} is held by slot ${holderUs}: ${body.message}`, MAX_MESSAGE) };
}

function cut(text: string, most: number): string {
  return text.slice(0, most).toWellFormed();
}
