import { atStep } from "@caudal/runtime";
import type { SendResult } from "../regulators/regulator.ts";
import { claim, post, type Claim } from "./attempt.ts";
import type { WorkLook } from "./look.ts";
import { BY, type SubmitterParts } from "./options.ts";
import { outcomeEntry, strangerVoucher, type OutcomeBody } from "./outcome-entry.ts";
import { holdUnknown, unheard } from "./repairs.ts";
import { healthOf, type Pass } from "./send-breaker.ts";
import { stopWork } from "./stops.ts";
import { verifySlot } from "./verify-slot.ts";
import type { WorkTimes } from "./work-times.ts";

/** What came of one try to send: nothing was sent (`declined`: somebody else did or may; `no-credentials`; `not-sent`: too late for the socket), or the outcome. */
export type Sent = "declined" | "no-credentials" | "not-sent" | "accepted" | "duplicate" | "accepted-no-voucher" | "refused" | "refused-for-good" | "unknown";

const WRITE_TRIES = 4;
const WRITE_AGAIN_MS = 250;

/** Sends a work's next slot: attempt, POST, outcome, and what follows from it. */
export async function sendNext(parts: SubmitterParts, times: WorkTimes, look: WorkLook, { slotUs, pass }: { readonly slotUs: number; readonly pass: Pass }): Promise<Sent> {
  const { obra, regulator } = look;
  const { credentials, metrics, logger } = parts;
  const given = await credentials.get(obra.regulator, obra.informantRut);
  if (given === undefined) return "no-credentials";
  const claimed = await claim(parts, times, look, slotUs);
  if (claimed === undefined) {
    // Rows that a crash left behind would offer the same slot again and again.
    await parts.slots.catchUp(obra);
    return "declined";
  }
  const result = await post(parts, times, look, { claim: claimed, credentials: given });
  if (result !== undefined) pass.report(healthOf(result));
  const body = result === undefined ? (unheard(slotUs, claimed.attempt, "late-look") as OutcomeBody) : await understood(parts, look, claimed, result);
  // First the stop: a crash between the two leaves a work that stands still, and not one that goes on.
  if (body.outcome === "refused-for-good") await stopWork(parts, obra, body);
  await atStep(parts.faults, "compliance/submission.outcome", () => writeOutcome(parts, look, claimed, body));
  const sent = nameOf(body);
  metrics.counter("caudal_submission_attempts_total").inc({ regulator: obra.regulator, outcome: sent });
  logger.info("submission.sent", { work: obra.work, slotUs, attempt: claimed.attempt, outcome: sent, httpStatus: body.httpStatus, tookMs: body.tookMs });
  if (body.code === "voucher-of-another-slot") await holdUnknown(parts, obra, slotUs, "voucher-of-another-slot");
  else if (body.outcome === "unknown" && !regulator.answersDuplicates) await holdUnknown(parts, obra, slotUs, "unknown-outcome");
  if (sent === "accepted-no-voucher") alert(parts, look, "accepted-no-voucher", slotUs);
  if (sent === "duplicate") await verifySlot(parts, { obra, regulator, slotUs });
  return sent;
}

export function alert({ logger, metrics }: SubmitterParts, { obra }: Pick<WorkLook, "obra">, alert: "accepted-no-voucher" | "voucher-of-another-slot" | "mismatch" | "not-found" | "outcome-too-late" | "late-failure", slotUs: number): void {
  metrics.counter("caudal_submission_alerts_total").inc({ regulator: obra.regulator, alert });
  logger.warn("submission.alert", { alert, work: obra.work, slotUs });
}

/** The entry of a result; of a duplicate whose voucher another slot of the work holds nothing is believed. */
async function understood(parts: SubmitterParts, look: WorkLook, { slotUs, attempt }: Claim, result: SendResult): Promise<OutcomeBody> {
  const body = outcomeEntry(slotUs, attempt, result);
  if (body.outcome !== "accepted" || body.by !== "duplicate" || body.voucher === null) return body;
  const holderUs = await parts.slots.holderOf(look.obra.work, body.voucher, slotUs);
  if (holderUs === undefined) return body;
  alert(parts, look, "voucher-of-another-slot", slotUs);
  return strangerVoucher(body, holderUs);
}

/** An outcome is worth some tries: without it the attempt counts as unknown, and a voucher would be lost until the next day's answer. */
async function writeOutcome(parts: SubmitterParts, look: WorkLook, { slotUs, attempt }: Claim, body: OutcomeBody): Promise<void> {
  const { slots, logger, sleep } = parts;
  for (let tries = 1; ; tries++) {
    try {
      await slots.append(look.obra, slotUs, {
        by: BY,
        // Whoever took it for unknown meanwhile said so already; any other outcome is news. A write whose answer was lost may stand.
        decide: (state) => ((state.standing !== "sending" && body.outcome === "unknown") || (state.acceptedUs !== undefined && state.voucher === body.voucher) ? undefined : body),
      });
      return;
    } catch (error) {
      if (error instanceof RangeError) {
        logger.error("submission.outcome-too-late", { work: look.obra.work, slotUs, attempt, outcome: body.outcome, voucher: body.voucher });
        return alert(parts, look, "outcome-too-late", slotUs);
      }
      if (tries >= WRITE_TRIES) {
        logger.error("submission.outcome-not-written", { work: look.obra.work, slotUs, attempt, outcome: body.outcome, voucher: body.voucher });
        throw error;
      }
      await sleep(WRITE_AGAIN_MS * 2 ** tries);
    }
  }
}

function nameOf({ outcome, by, voucher, code }: OutcomeBody): Exclude<Sent, "declined" | "no-credentials"> {
  if (outcome === "accepted") return voucher === null ? "accepted-no-voucher" : by === "duplicate" ? "duplicate" : "accepted";
  return outcome === "unknown" && code === "not-sent" ? "not-sent" : outcome;
}
