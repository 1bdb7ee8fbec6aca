import type { Obra } from "../obras/obra.ts";
import { slotInstants, type Schedule } from "../slots/schedule.ts";
import { scheduleOf } from "../slots/slot-book.ts";

const MINUTE_US = 60_000_000;
const DAY_US = 1440 * MINUTE_US;

/** Longest time between two slots of each standard, in microseconds. */
export function longestApartUs(schedule: Schedule): number {
  if ("everyMinutes" in schedule) return schedule.everyMinutes * MINUTE_US;
  return { mayor: 60 * MINUTE_US, medio: DAY_US, menor: 31 * DAY_US, "caudales-muy-pequenos": 184 * DAY_US }[schedule.standard];
}

/** The `count` instants of the work's schedule before a slot, oldest first. */
export function earlierSlots(obra: Pick<Obra, "standard" | "everyMinutes">, slotUs: number, count: number): number[] {
  const schedule = scheduleOf(obra);
  return [...slotInstants(schedule, { fromUs: slotUs - count * longestApartUs(schedule), toUs: slotUs })].slice(-count);
}

/** True when the work owes a slot at this instant. */
export function isOwed(obra: Pick<Obra, "standard" | "everyMinutes" | "submitFromUs" | "endsUs">, slotUs: number): boolean {
  if (slotUs < obra.submitFromUs || slotUs >= (obra.endsUs ?? Infinity)) return false;
  return [...slotInstants(scheduleOf(obra), { fromUs: slotUs, toUs: slotUs + 1 })].length === 1;
}
