import type { WorkChain } from "../ledger/ledger.ts";
import type { Obra } from "../obras/obra.ts";
import { BY, type SubmitterParts } from "./options.ts";

/** Stops a work whose sends are refused for good: until somebody changes its configuration nothing of it is sent. */
export async function stopWork({ slots, logger }: SubmitterParts, obra: Obra, { code, message }: { readonly code: string; readonly message: string }): Promise<void> {
  const reason = `refused for good: ${message === "" ? code : message}`;
  const entry = await slots.appendToWork(obra, { by: BY, decide: (stopped) => (stopped === undefined ? { kind: "stopped", reason } : undefined) });
  if (entry !== undefined) logger.error("submission.work-stopped", { work: obra.work, code, message });
}

/** Goes on with a work that was stopped by a refusal when the work or its password was changed after that. A person's stop stays. */
export async function resumeAfterChange({ slots, credentials, logger }: SubmitterParts, obra: Obra, chain: WorkChain): Promise<void> {
  const stop = chain.stoppedBy;
  if (stop?.by !== BY) return;
  const passwordUs = (await credentials.setAtUs(obra.regulator, obra.informantRut)) ?? 0;
  if (Math.max(obra.changedAtUs, passwordUs) <= stop.atUs) return;
  const reason = obra.changedAtUs > stop.atUs ? `the work was changed (version ${obra.version})` : "the password was set anew";
  // Only this stop: another one may stand there by now.
  const entry = await slots.appendToWork(obra, { by: BY, decide: () => (chain.stoppedBy?.atUs === stop.atUs ? { kind: "resumed", reason } : undefined) });
  if (entry !== undefined) logger.info("submission.work-resumed", { work: obra.work, reason });
}
