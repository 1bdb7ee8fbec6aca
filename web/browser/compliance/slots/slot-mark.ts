import type { Slot } from "../../wire/slot.ts";

/** What a calendar's cell shows; every one has a colour, a sign and a text of its own. */
export const slotMarks = [
  "verified", "accepted", "late", "no-voucher", "ready", "sending", "unknown", "review", "refused", "stopped", "missing", "late-failure", "mismatch", "annulled", "written-off", "due", "ahead",
] as const;
export type SlotMark = (typeof slotMarks)[number];

const byStanding: Readonly<Record<string, SlotMark>> = {
  verified: "verified", accepted: "accepted", "accepted-no-voucher": "no-voucher", ready: "ready", sending: "sending", unknown: "unknown", held: "review", refused: "refused", "refused-for-good": "stopped",
  mismatch: "mismatch", "not-found": "mismatch", annulled: "annulled", "written-off": "written-off",
};

/** What is due is sent within an hour; what is not there by then is missing. */
const HOUR_MS = 3_600_000;

/** What is asked of a slot to say how it stands. */
export type MarkedSlot = Pick<Slot, "standing" | "slotMs" | "late" | "lateFailure">;

/**
 * The mark of a slot. One that was accepted after its hour is late whatever came of the check of it; one that nobody sent within the permitted delay is a failure whatever it
 * waits for.
 */
export function markOf({ standing, slotMs, late, lateFailure }: MarkedSlot, nowMs: number): SlotMark {
  if (late && (standing === "accepted" || standing === "verified")) return "late";
  const waits = standing === "expected" || standing === "ready" || standing === "held" || standing === "refused" || standing === "refused-for-good" || standing === "unknown";
  if (lateFailure && waits) return "late-failure";
  if (standing !== "expected") return byStanding[standing] ?? "unknown";
  if (slotMs > nowMs) return "ahead";
  return nowMs - slotMs > HOUR_MS ? "missing" : "due";
}

/** Signs of a 12 by 12 box, drawn with the colour of the cell's text: they tell marks apart without colour. Empty: none. */
export const signs: Readonly<Record<SlotMark, string>> = {
  verified: "M1.5 6.3 4.2 9l3.6-5.6M6.6 8.6l.5.4 3.6-5.6", accepted: "m2.4 6.4 2.6 2.6 4.7-6", late: "M6 2.2V6l2.7 1.8M6 1.2a4.8 4.8 0 1 0 .01 0", "no-voucher": "m1.6 6.4 2 2 3.2-4.6M9.6 2.6v4M9.6 8.8v.3",
  ready: "M3.8 2.6v6.8L9.2 6z", sending: "M2 6h7.4M6.6 3l3 3-3 3", unknown: "M3.9 4.4a2.1 2.1 0 1 1 3 1.9c-.6.3-.9.7-.9 1.4M6 9.6v.3", review: "M4 2.6v6.8M8 2.6v6.8", refused: "m3 3 6 6m0-6-6 6",
  stopped: "M4 1.6h4L10.4 4v4L8 10.4H4L1.6 8V4zM3.8 6h4.4", missing: "M3 6h6", "late-failure": "M6 1.8v5.4M6 9.6v.4", mismatch: "M2.6 4.4h6.8M2.6 7.6h6.8M8 2 4 10", annulled: "M6 1.8a4.2 4.2 0 1 0 .01 0M3.2 8.8l5.6-5.6", "written-off": "M2.4 9.6 9.6 2.4",
  due: "M3 6h.1M6 6h.1M9 6h.1", ahead: "",
};

/** How many cells bear each mark, in the order of the marks; those that none bears are left out. */
export function countMarks(marks: Iterable<SlotMark>): readonly { readonly mark: SlotMark; readonly count: number }[] {
  const counts = new Map<SlotMark, number>();
  for (const mark of marks) counts.set(mark, (counts.get(mark) ?? 0) + 1);
  return slotMarks.flatMap((mark) => (counts.has(mark) ? [{ mark, count: counts.get(mark) ?? 0 }] : []));
}
