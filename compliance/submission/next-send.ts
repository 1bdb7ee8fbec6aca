import { mayBeSent, type SlotState } from "../slots/slot-state.ts";

const MINUTE_US = 60_000_000;
const HOUR_US = 60 * MINUTE_US;

/** Res. 2.170, 6.1: with two hours piled up, one at a time and so far apart. */
export const BACKLOG_SLOTS = 2;
export const APART_US = 5 * MINUTE_US;
/** An attempt that is repeated on the next day is at least so far from the last: midnight lies between, and the regulator's answer may be slow. */
export const LEAST_BETWEEN_ATTEMPTS_US = HOUR_US;
/** A slot this young is sent before what was left over. */
const FRESH_US = HOUR_US;

export interface WorkSends {
  /** Slots of the work that may be sent, in any order. */
  readonly waiting: Iterable<SlotState>;
  /** When the work's newest attempt began; undefined before the first. */
  readonly lastSendUs: number | undefined;
  /** True from an attempt to its outcome: a work has one under way. */
  readonly isSending: boolean;
}

/** What a work sends next, and from when on; undefined when nothing waits that may be sent today. */
export interface NextSend {
  readonly slotUs: number;
  readonly dueUs: number;
}

/**
 * Chooses what a work sends next: a fresh slot before what was left over, of that the oldest first, none twice on one of the regulator's days, and five minutes apart while
 * two or more wait or what waits was left over. `dayOf` gives the regulator's day.
 */
export function nextSend({ waiting, lastSendUs, isSending }: WorkSends, { nowUs, dayOf }: { readonly nowUs: number; readonly dayOf: (timeUs: number) => string }): NextSend | undefined {
  if (isSending) return undefined;
  const today = dayOf(nowUs);
  let count = 0;
  let fresh: SlotState | undefined;
  let oldest: SlotState | undefined;
  for (const slot of waiting) {
    if (!mayBeSent(slot)) continue;
    count += 1;
    if (slot.lastDay >= today || (slot.lastAttemptUs !== undefined && nowUs - slot.lastAttemptUs < LEAST_BETWEEN_ATTEMPTS_US)) continue;
    if (oldest === undefined || slot.slotUs < oldest.slotUs) oldest = slot;
    if (slot.attempts === 0 && nowUs - slot.slotUs <= FRESH_US && (fresh === undefined || slot.slotUs > fresh.slotUs)) fresh = slot;
  }
  const chosen = fresh ?? oldest;
  if (chosen === undefined) return undefined;
  // The last of a backlog is part of it.
  const isBacklog = count >= BACKLOG_SLOTS || chosen !== fresh;
  const dueUs = isBacklog && lastSendUs !== undefined ? Math.max(nowUs, lastSendUs + APART_US) : nowUs;
  return { slotUs: chosen.slotUs, dueUs };
}
