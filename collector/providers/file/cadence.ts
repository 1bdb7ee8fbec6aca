import { isZone } from "@caudal/core";
import { durationMs } from "@caudal/runtime";
import { Cron } from "croner";
import { z } from "zod";
import type { Cadence } from "../account.ts";

const MIN_EVERY_MS = 1000;
const MAX_EVERY_MS = 31 * 86_400_000;
const DURATION = /^\d+(?:\.\d+)?\s*(?:ms|s|m|h|d)$/;
export const EXPECTED_EVERY = "expected a duration such as 1m, 10m or 1h, or a cron pattern such as 5 */2 * * *";

/** A duration within bounds, in milliseconds. */
export function boundedDuration(bounds: { readonly minMs: number; readonly maxMs: number; readonly expected: string }): z.ZodType<number, string> {
  return z.string().transform((text, context) => {
    const duration = DURATION.test(text.trim()) ? durationMs.safeParse(text) : undefined;
    if (duration?.success === true && duration.data >= bounds.minMs && duration.data <= bounds.maxMs) return Math.round(duration.data);
    context.addIssue({ code: "custom", message: bounds.expected });
    return z.NEVER;
  });
}

export const zoneField = z.string().refine(isZone, "expected an IANA time zone such as America/Santiago");
export const everyField = z.string().superRefine((text, context) => {
  if (cadenceOf(text, "UTC") === undefined) context.addIssue({ code: "custom", message: EXPECTED_EVERY });
});

/** How often a device is asked: `10m`, or a cron pattern whose clock is the zone's. Undefined when the text is neither, or comes never. */
export function cadenceOf(text: string, zone: string): Cadence | undefined {
  const written = text.trim();
  if (DURATION.test(written)) {
    const ms = durationMs.safeParse(written);
    return ms.success && ms.data >= MIN_EVERY_MS && ms.data <= MAX_EVERY_MS ? { kind: "every", ms: Math.round(ms.data) } : undefined;
  }
  if (written.split(/\s+/).length < 5) return undefined;
  try {
    return new Cron(written, { timezone: zone, paused: true }).nextRun() === null ? undefined : { kind: "cron", pattern: written, zone };
  } catch {
    return undefined;
  }
}
