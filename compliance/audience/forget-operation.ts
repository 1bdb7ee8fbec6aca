import { defineOperation, jobOperations, jobSchema, Problem, type Jobs, type JobRun, type Operation } from "@caudal/runtime";
import { z } from "zod";
import { mustSeeAll } from "../desk/found.ts";
import type { ForgetPlan } from "./forget-rehearsal.ts";

export interface ForgetParts {
  readonly jobs: Jobs;
  readonly plan: () => Promise<ForgetPlan>;
  readonly forget: (by: string, run: JobRun) => Promise<ForgetPlan>;
}

const BASE = "/api/v1/compliance";
const planSchema = z.object({
  audience: z.enum(["rehearsal", "live"]).nullable().describe("Whom the ledger is for; only that of a rehearsal can be forgotten."), counts: z.record(z.string(), z.number()).describe("Documents that would go, by collection."),
  works: z.array(z.string()).describe("Live works that would be set to off."),
});

/** Forgetting a rehearsal, and the job that does it. */
export function forgetOperations({ jobs, plan, forget }: ForgetParts): Operation[] {
  return [
    defineOperation({
      method: "GET", path: `${BASE}/rehearsal`, operationId: "getRehearsal", tag: "compliance", permission: "administer",
      summary: { en: "What forgetting the submissions to a sandbox would remove", es: "Qué eliminaría olvidar los envíos a una simulación" },
      replies: { 200: { description: "The plan", schema: planSchema } },
      handle: async ({ scope }) => {
        mustSeeAll(scope);
        const { audience, counts, works } = await plan();
        return { status: 200, body: { audience, counts: { ...counts }, works: [...works] } };
      },
    }),
    defineOperation({
      method: "POST", path: `${BASE}/rehearsal/forget`, operationId: "forgetRehearsal", tag: "compliance", permission: "administer",
      summary: { en: "Forget the submissions to a sandbox, before going live", es: "Olvida los envíos a una simulación, antes de pasar a producción" },
      replies: { 202: { description: "The job that does it", schema: jobSchema }, 409: { description: "The ledger is live" } },
      handle: async ({ scope, principal }) => {
        mustSeeAll(scope);
        const { audience } = await plan();
        if (audience === "live") throw new Problem("state-conflict", { detail: { en: "the ledger is live: what was sent to a regulator is never forgotten", es: "el libro es de producción: lo enviado a un regulador no se olvida nunca" } });
        return { status: 202, body: jobs.start("forget-rehearsal", (run) => forget(principal.name, run)) };
      },
    }),
    ...jobOperations({ base: BASE, jobs }),
  ];
}
