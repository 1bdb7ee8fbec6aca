import type { Obra } from "../obras/obra.ts";
import type { SlotRow } from "../slots/slot-row.ts";

/** What a slot counts as; each slot is exactly one. */
export const slotClasses = [
  "on-time", "late", "after-delay", "imported", "waiting", "missing", "review", "refused", "unknown", "annulled", "written-off", "not-due",
] as const;
export type SlotClass = (typeof slotClasses)[number];

const HOUR_US = 3_600_000_000;
const DAY_US = 24 * HOUR_US;

/** On time is accepted within the hour after the instant (Res. 2.170, 3); late is within the delay that the standard permits. Of an imported slot nobody here knows when it was accepted. */
export function slotClass({ standing, slotUs, state }: Pick<SlotRow, "standing" | "slotUs" | "state">, { permittedDelayDays }: Pick<Obra, "permittedDelayDays">, nowUs: number): SlotClass {
  switch (standing) {
    case "expected":
      return slotUs > nowUs ? "not-due" : nowUs - slotUs <= HOUR_US ? "waiting" : "missing";
    case "held":
      return "review";
    case "ready":
    case "sending":
      return slotUs > nowUs ? "not-due" : "waiting";
    case "unknown":
      return "unknown";
    case "refused":
    case "refused-for-good":
      return "refused";
    case "annulled":
    case "written-off":
      return standing;
    case "accepted":
    case "accepted-no-voucher":
    case "verified":
    case "mismatch":
    case "not-found": {
      if (state.attempts === 0 || state.acceptedUs === undefined) return "imported";
      const afterUs = state.acceptedUs - slotUs;
      return afterUs <= HOUR_US ? "on-time" : afterUs <= permittedDelayDays * DAY_US ? "late" : "after-delay";
    }
  }
}

/** True of a slot that the regulator has. */
export function isTaken(slot: SlotClass): boolean {
  return slot === "on-time" || slot === "late" || slot === "after-delay" || slot === "imported";
}
