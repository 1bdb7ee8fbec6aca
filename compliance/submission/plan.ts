import { wireDay } from "../regulators/dga/wire-time.ts";
import type { SlotState } from "../slots/slot-state.ts";
import { APART_US, BACKLOG_SLOTS, LEAST_BETWEEN_ATTEMPTS_US } from "./next-send.ts";

/** What waits of a work, and when it will have been sent if every answer is an acceptance. */
export interface PlanWork {
  readonly work: string;
  readonly waiting: number;
  /** Instant of the oldest slot that waits, in microseconds. */
  readonly oldest: number;
  readonly next: { readonly slotUs: number; readonly dueUs: number } | null;
  /** Null while it is stopped: nobody knows when it goes on. */
  readonly doneAtUs: number | null;
  readonly stopped: string | null;
}

export interface Plan {
  readonly atUs: number;
  readonly sending: boolean;
  /** Works with something waiting, in order of name. */
  readonly works: readonly PlanWork[];
  readonly total: number;
  /** When the last will have been sent; null when nothing waits, nothing is sent, or a work that is stopped has something waiting. */
  readonly doneAtUs: number | null;
}

export interface PlannedWork {
  readonly work: string;
  readonly centreRut: string;
  readonly waiting: readonly SlotState[];
  readonly lastSendUs: number | undefined;
  readonly next: { readonly slotUs: number; readonly dueUs: number } | undefined;
  readonly stopped: string | undefined;
}

const DAY_US = 86_400_000_000;
const BEHIND_UTC_US = 4 * 3_600_000_000;

/** The plan of all works. `perSendUs` is what one send takes of its control centre, which sends one after the other. */
export function planOf(works: readonly PlannedWork[], { nowUs, sending, perSendUs }: { readonly nowUs: number; readonly sending: boolean; readonly perSendUs: number }): Plan {
  const withSome = works.filter(({ waiting }) => waiting.length > 0).sort((a, b) => (a.work < b.work ? -1 : 1));
  const busy = new Map<string, number>();
  for (const { centreRut, waiting, stopped } of withSome) if (stopped === undefined) busy.set(centreRut, (busy.get(centreRut) ?? 0) + waiting.length);
  const planned = withSome.map((each): PlanWork => {
    // A centre that is busy for longer than a work's own pacing takes holds up its works alike.
    const heldUs = nowUs + (busy.get(each.centreRut) ?? 0) * perSendUs;
    const doneAtUs = each.stopped === undefined && sending ? Math.max(sentBy(each, nowUs), each.waiting.length > 1 ? heldUs : 0) : null;
    return {
      work: each.work, waiting: each.waiting.length, oldest: Math.min(...each.waiting.map(({ slotUs }) => slotUs)), next: each.next ?? nextDay(each, nowUs), doneAtUs, stopped: each.stopped ?? null,
    };
  });
  const total = planned.reduce((sum, { waiting }) => sum + waiting, 0);
  const open = planned.some(({ doneAtUs }) => doneAtUs === null);
  return { atUs: nowUs, sending, works: planned, total, doneAtUs: total === 0 || open ? null : Math.max(...planned.map(({ doneAtUs }) => doneAtUs ?? 0)) };
}

/** From when on a slot may be tried: not twice on one of the regulator's days, and not within an hour. */
function mayBeTriedUs({ lastDay, lastAttemptUs }: SlotState, nowUs: number): number {
  const tomorrowUs = lastDay === "" || lastDay < wireDay(nowUs) ? nowUs : Date.parse(`${lastDay}T00:00:00Z`) * 1000 + DAY_US + BEHIND_UTC_US;
  return Math.max(nowUs, tomorrowUs, lastAttemptUs === undefined ? 0 : lastAttemptUs + LEAST_BETWEEN_ATTEMPTS_US);
}

function nextDay({ waiting, stopped }: PlannedWork, nowUs: number): PlanWork["next"] {
  if (stopped !== undefined) return null;
  const soonest = waiting.map((slot) => ({ slotUs: slot.slotUs, dueUs: mayBeTriedUs(slot, nowUs) })).sort((a, b) => a.dueUs - b.dueUs || a.slotUs - b.slotUs)[0];
  return soonest ?? null;
}

/** When the last of a work's slots will have been sent: one after the other, five minutes apart. */
function sentBy({ waiting, lastSendUs, next }: PlannedWork, nowUs: number): number {
  if (waiting.length < BACKLOG_SLOTS && next !== undefined) return next.dueUs;
  let atUs = lastSendUs === undefined ? nowUs : Math.max(nowUs, lastSendUs + APART_US);
  const times = waiting.map((slot) => mayBeTriedUs(slot, nowUs)).sort((a, b) => a - b);
  times.forEach((mayUs, at) => {
    atUs = Math.max(mayUs, at === 0 ? atUs : atUs + APART_US);
  });
  return atUs;
}
