import type { WorkChain } from "../ledger/ledger.ts";
import type { Obra } from "../obras/obra.ts";
import { wireDay } from "../regulators/dga/wire-time.ts";
import type { Regulator } from "../regulators/regulator.ts";
import type { SlotState } from "../slots/slot-state.ts";
import { nextSend, type NextSend } from "./next-send.ts";
import type { SubmitterParts } from "./options.ts";
import type { PlannedWork } from "./plan.ts";
import { holdUnknown, leaveAttempt } from "./repairs.ts";
import { resumeAfterChange } from "./stops.ts";
import { waitingRows } from "./waiting.ts";
import type { WorkTimes } from "./work-times.ts";

const FRESH_US = 3_600_000_000;

/** What a work has to send, as of a moment. */
export interface WorkLook {
  readonly obra: Obra;
  readonly regulator: Regulator;
  readonly waiting: readonly SlotState[];
  readonly oldestUs: number | undefined;
  /** Undefined when nothing waits that may be sent today, or the work is stopped or in the middle of an attempt. */
  readonly next: NextSend | undefined;
  readonly isFresh: boolean;
  readonly lastSendUs: number | undefined;
  readonly stopped: string | undefined;
  /** Entries that somebody who ended in the middle had left unwritten. */
  readonly repaired: number;
}

/** Looks what a work has to send. Mends what a crash left: an attempt without an outcome that is over is unknown, and an unknown that nobody can learn more of goes to a person. */
export async function lookAt(parts: SubmitterParts, times: WorkTimes, obra: Obra, regulator: Regulator): Promise<WorkLook> {
  const { slots, ledger, clock } = parts;
  const chain = await ledger.chain(obra.work);
  await chain.catchUp();
  let repaired = 0;
  if (chain.lastAttempt?.isOpen === true && (await leaveAttempt(parts, times, obra, chain.lastAttempt))) repaired += 1;
  if (chain.stopped !== undefined) await resumeAfterChange(parts, obra, chain);
  const rows = await waitingRows(slots, obra.work, clock.nowUs());
  const waiting: SlotState[] = [];
  for (const { standing, slotUs, state } of rows) {
    if (standing === "unknown" && !regulator.answersDuplicates && (await holdUnknown(parts, obra, slotUs, "unknown-outcome"))) repaired += 1;
    else waiting.push(state);
  }
  return seen(parts, times, { obra, regulator, waiting, chain, repaired });
}

/** What a work has to send, without writing anything. */
export async function lookOnly({ slots, ledger, clock }: SubmitterParts, times: WorkTimes, obra: Obra): Promise<PlannedWork> {
  const chain = await ledger.chain(obra.work);
  await chain.catchUp();
  const waiting = (await waitingRows(slots, obra.work, clock.nowUs())).map(({ state }) => state);
  const lastSendUs = times.lastSendUs(obra.work, chain.lastAttempt);
  return { work: obra.work, centreRut: obra.centreRut, waiting, lastSendUs, next: next(chain, { waiting, lastSendUs, nowUs: clock.nowUs() }), stopped: chain.stopped };
}

function seen({ clock }: SubmitterParts, times: WorkTimes, { chain, ...look }: Pick<WorkLook, "obra" | "regulator" | "waiting" | "repaired"> & { readonly chain: WorkChain }): WorkLook {
  const { waiting, obra } = look;
  const nowUs = clock.nowUs();
  const lastSendUs = times.lastSendUs(obra.work, chain.lastAttempt);
  const chosen = next(chain, { waiting, lastSendUs, nowUs });
  const slot = waiting.find(({ slotUs }) => slotUs === chosen?.slotUs);
  return {
    ...look, next: chosen, lastSendUs, stopped: chain.stopped,
    oldestUs: waiting.reduce<number | undefined>((oldest, { slotUs }) => (oldest === undefined || slotUs < oldest ? slotUs : oldest), undefined),
    isFresh: slot !== undefined && slot.attempts === 0 && nowUs - slot.slotUs <= FRESH_US,
  };
}

function next(chain: WorkChain, { waiting, lastSendUs, nowUs }: Pick<WorkLook, "waiting" | "lastSendUs"> & { readonly nowUs: number }): NextSend | undefined {
  return chain.stopped === undefined ? nextSend({ waiting, lastSendUs, isSending: chain.lastAttempt?.isOpen === true }, { nowUs, dayOf: wireDay }) : undefined;
}
