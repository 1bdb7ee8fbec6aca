import type { EntryBody } from "../ledger/entry.ts";
import type { Obra } from "../obras/obra.ts";
import type { Regulator } from "../regulators/regulator.ts";
import { frozenOf } from "./attempt.ts";
import { BY, type SubmitterParts } from "./options.ts";

/** "unknown": no usable answer came; "nothing": there is nothing to hold against (no voucher, no bytes of ours, or verified meanwhile). */
export type Verified = "verified" | "mismatch" | "not-found" | "unknown" | "nothing";

export interface VerifyGiven {
  readonly obra: Obra;
  readonly regulator: Regulator;
  readonly slotUs: number;
  /** True: a person asks once more, whatever came of it before. */
  readonly again?: boolean;
}

const once = new Set(["accepted"]);
const anyTime = new Set(["accepted", "mismatch", "not-found", "verified"]);

/** Asks the regulator what it holds under a slot's voucher and writes what came of it; whatever that is, nothing is sent again. */
export async function verifySlot(parts: SubmitterParts, { obra, regulator, slotUs, again = false }: VerifyGiven): Promise<Verified> {
  const { slots, ledger, credentials, logger, metrics, pace, sleep } = parts;
  const standings = again ? anyTime : once;
  const state = await (await ledger.chain(obra.work)).slot(slotUs);
  const frozen = await frozenOf(parts, obra.work, slotUs);
  const { voucher } = state;
  if (regulator.verifies === false || regulator.sends === false || frozen === undefined || voucher === null || !standings.has(state.standing)) return "nothing";
  const patience = new AbortController();
  const answered = new AbortController();
  const late = sleep(pace.timeoutMs, answered.signal).then(() => patience.abort(), () => undefined).then(() => ({ kind: "unknown", message: "timeout" }) as const);
  const given = await credentials.get(obra.regulator, obra.informantRut).catch(() => undefined);
  const found = await Promise.race([regulator.verify(frozen.payload, voucher, { credentials: given, signal: patience.signal }).catch(() => ({ kind: "unknown", message: "failed" }) as const), late]).finally(() => answered.abort());
  metrics.counter("caudal_submission_verifications_total").inc({ regulator: obra.regulator, result: found.kind });
  if (found.kind === "unknown") {
    logger.info("submission.verification-unanswered", { work: obra.work, slotUs, message: found.message });
    return "unknown";
  }
  const body: EntryBody = { kind: "verification", slotUs, voucher, result: found.kind, fields: found.kind === "mismatch" ? found.fields : [] };
  const entry = await slots.append(obra, slotUs, { by: BY, decide: (now) => (standings.has(now.standing) && now.voucher === voucher ? body : undefined) });
  if (entry === undefined) return "nothing";
  if (found.kind !== "verified") {
    metrics.counter("caudal_submission_alerts_total").inc({ regulator: obra.regulator, alert: found.kind });
    logger.error("submission.alert", { alert: found.kind, work: obra.work, slotUs, voucher, ...(found.kind === "mismatch" ? { fields: found.fields } : { message: found.message }) });
  }
  return found.kind;
}
