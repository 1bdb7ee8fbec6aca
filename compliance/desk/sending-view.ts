import { formatInstant } from "@caudal/core";
import { z } from "zod";
import type { Plan } from "../submission/plan.ts";
import type { SubmitRound } from "../submission/round.ts";
import type { SwitchState } from "../submission/send-switch.ts";
import type { VerifyRound } from "../submission/verify-round.ts";
import { localText } from "./slot-view.ts";

export const sendingSchema = z.object({ on: z.boolean(), by: z.string(), at: z.string(), reason: z.string(), restored: z.boolean().describe("The data come from a backup of another installation: off until a person switches it on.") });
export const breakerSchema = z.object({ regulator: z.string(), state: z.enum(["closed", "open", "half-open"]), why: z.string(), retryInMs: z.number(), opened: z.number() });

export function sendingView({ on, by, atUs, reason, restored }: SwitchState): z.output<typeof sendingSchema> {
  return { on, by, at: formatInstant(atUs), reason, restored };
}

const workSchema = z.object({
  work: z.string(), waiting: z.number(), oldest: z.string(), oldestLocal: z.string().describe("On the regulator's clock."), next: z.object({ slot: z.string(), dueAt: z.string() }).nullable(),
  doneAt: z.string().nullable().describe("When the last will have been sent if all are accepted; null: stopped, or nothing is sent."), stopped: z.string().nullable(),
});
export const planSchema = z.object({ at: z.string(), sending: z.boolean(), works: z.array(workSchema), total: z.number(), doneAt: z.string().nullable() });

/** Of the works that a scope may see; totals are of those. */
export function planView({ atUs, sending, works, total, doneAtUs }: Plan, sees: (work: string) => boolean): z.output<typeof planSchema> {
  const seen = works.filter(({ work }) => sees(work));
  const done = seen.length === works.length ? doneAtUs : seen.length === 0 || seen.some((work) => work.doneAtUs === null) ? null : Math.max(...seen.map((work) => work.doneAtUs ?? 0));
  return {
    at: formatInstant(atUs), sending, total: seen.length === works.length ? total : seen.reduce((sum, { waiting }) => sum + waiting, 0), doneAt: instantOrNull(done),
    works: seen.map(({ work, waiting, oldest, next, doneAtUs: workDoneUs, stopped }) => ({
      work, waiting, oldest: formatInstant(oldest), oldestLocal: localText(oldest), next: next === null ? null : { slot: formatInstant(next.slotUs), dueAt: formatInstant(next.dueUs) }, doneAt: instantOrNull(workDoneUs), stopped,
    })),
  };
}

const countsSchema = z.record(z.string(), z.number());
const failedSchema = z.array(z.object({ work: z.string(), message: z.string() }));
export const runSchema = z.object({
  sending: z.boolean().describe("false: the switch is off."), works: z.number(), waiting: z.number(), sent: countsSchema.describe("By what came of it."), shadow: z.array(z.object({ work: z.string(), slot: z.string() })).describe("What would have been sent of works that are only shadowed."),
  stopped: z.array(z.string()), withoutCredentials: z.array(z.string()), repaired: z.number(), lateFailures: z.number(), failed: failedSchema,
});

export function runView({ sending, works, waiting, sent, shadow, stopped, withoutCredentials, repaired, lateFailures, failed }: SubmitRound): z.output<typeof runSchema> {
  return {
    sending, works, waiting, sent: { ...sent }, shadow: shadow.map(({ work, slotUs }) => ({ work, slot: formatInstant(slotUs) })), stopped: [...stopped], withoutCredentials: [...withoutCredentials], repaired, lateFailures, failed: [...failed],
  };
}

export const verifiedSchema = z.object({ sending: z.boolean().describe("false: the switch is off, and nobody was asked."), asked: countsSchema.describe("By what came of it."), left: z.boolean().describe("More wait than one round asks for."), failed: failedSchema });

export function verifiedView({ sending, asked, left, failed }: VerifyRound): z.output<typeof verifiedSchema> {
  return { sending, asked: { ...asked }, left, failed: [...failed] };
}

function instantOrNull(timeUs: number | null): string | null {
  return timeUs === null ? null : formatInstant(timeUs);
}
