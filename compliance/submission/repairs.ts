import type { EntryBody } from "../ledger/entry.ts";
import type { LastAttempt } from "../ledger/ledger.ts";
import type { Obra } from "../obras/obra.ts";
import { BY, type SubmitterParts } from "./options.ts";
import type { WorkTimes } from "./work-times.ts";

/** The outcome of an attempt of which nothing was heard. */
export function unheard(slotUs: number, attempt: number, by: "left-over" | "late-look"): EntryBody {
  return { kind: "outcome", slotUs, attempt, outcome: "unknown", voucher: null, by, httpStatus: null, code: by === "late-look" ? "not-sent" : "no-outcome", message: "", answer: null, tookMs: null };
}

/** Ends an attempt whose process is gone: nobody knows what came of it. False while it may still be under way. */
export async function leaveAttempt({ slots, pace, logger }: SubmitterParts, times: WorkTimes, obra: Obra, last: LastAttempt): Promise<boolean> {
  if (times.ageMs(obra.work, last) < pace.abandonedMs) return false;
  const entry = await slots.append(obra, last.slotUs, {
    by: BY,
    decide: ({ standing, attempts, lastAttemptUs }) => (standing === "sending" && lastAttemptUs === last.atUs ? unheard(last.slotUs, attempts, "left-over") : undefined),
  });
  if (entry !== undefined) logger.warn("submission.attempt-left-over", { work: obra.work, slotUs: last.slotUs });
  return entry !== undefined;
}

/** Gives a slot to a person whose outcome is unknown and stays so. */
export async function holdUnknown({ slots, logger }: SubmitterParts, obra: Obra, slotUs: number, reason: string): Promise<boolean> {
  const row = await slots.row(obra.work, slotUs);
  const entry = await slots.append(obra, slotUs, {
    by: BY,
    decide: ({ standing }) => (standing === "unknown" ? { kind: "held", slotUs, reasons: [reason], taken: row?.taken ?? [] } : undefined),
  });
  if (entry !== undefined) logger.warn("submission.held-for-a-person", { work: obra.work, slotUs, reason });
  return entry !== undefined;
}
