import { z } from "zod";
import type { SlotRow } from "../slots/slot-row.ts";

const HOUR_US = 3_600_000_000;

/** Counts of a work's slots of one month; some overlap: what is verified is accepted too. */
export const monthCountsSchema = z.object({
  expected: z.number().describe("Slots whose instant has come: what the regulator expects so far."),
  ready: z.number().describe("Frozen, and waiting to be sent or being sent."),
  accepted: z.number().describe("The regulator has it, whatever its voucher and verification."),
  verified: z.number().describe("Accepted, and the regulator holds what was sent."),
  late: z.number().describe("Accepted more than an hour after the instant."),
  missing: z.number().describe("Nothing was there an hour after the instant, and nobody wrote it off."),
  refused: z.number(), unknown: z.number().describe("Sent, and nobody knows what came of it."), review: z.number().describe("Held: a person looks at it."),
  attention: z.number().describe("Accepted without a voucher, or the regulator holds something else, or does not know the voucher."),
  annulled: z.number(), writtenOff: z.number(),
});
export type MonthCounts = z.output<typeof monthCountsSchema>;

export const noCounts: MonthCounts = { expected: 0, ready: 0, accepted: 0, verified: 0, late: 0, missing: 0, refused: 0, unknown: 0, review: 0, attention: 0, annulled: 0, writtenOff: 0 };

/** The counts with a slot more; one whose instant has not come counts nothing. */
export function countSlot(counts: MonthCounts, { standing, slotUs, late }: Pick<SlotRow, "standing" | "slotUs" | "late">, nowUs: number): MonthCounts {
  if (slotUs > nowUs) return counts;
  const more = { ...counts, expected: counts.expected + 1 };
  switch (standing) {
    case "expected":
      if (nowUs - slotUs > HOUR_US) more.missing += 1;
      break;
    case "held":
      more.review += 1;
      break;
    case "ready":
    case "sending":
      more.ready += 1;
      break;
    case "unknown":
      more.unknown += 1;
      break;
    case "refused":
    case "refused-for-good":
      more.refused += 1;
      break;
    case "annulled":
      more.annulled += 1;
      break;
    case "written-off":
      more.writtenOff += 1;
      break;
    default:
      more.accepted += 1;
      if (standing === "verified") more.verified += 1;
      else if (standing !== "accepted") more.attention += 1;
      if (late) more.late += 1;
  }
  return more;
}

export function addCounts(a: MonthCounts, b: MonthCounts): MonthCounts {
  return Object.fromEntries(Object.entries(a).map(([name, count]) => [name, count + b[name as keyof MonthCounts]])) as MonthCounts;
}
