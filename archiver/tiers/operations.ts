import { parseInstant } from "@caudal/core";
import { defineOperation, jobSchema, Problem, type Jobs, type Operation } from "@caudal/runtime";
import { z } from "zod";
import { forgettingTiers } from "./pairs.ts";
import type { TierJob, TierRequest, TierWork } from "./tier-work.ts";

/** Where the archiver's operations stand. */
export const ARCHIVER_BASE = "/api/v1/archiver";

const written = z.string().max(40).describe("A UTC day, `2026-03-01`, or an instant with its offset.");

/** What a job over the tiers is asked for. */
export const tierBodySchema = z.strictObject({
  tier: z.enum(forgettingTiers).optional().describe("hot is compared with warm, and with cold below warm's floor; warm with cold. Both when absent."),
  client: z.string().min(1).max(200).optional(),
  point: z.string().min(1).max(200).optional(),
  from: written.optional().describe("First day; forgetting takes days in order, and looks at `to` alone."),
  to: written.optional().describe("End: the days before it, and its own when it is within one."),
  dryRun: z.boolean().optional().describe("Says what would be done, and changes nothing."),
});

const checksSchema = z.object({
  verifiedAt: z.string().nullable(), days: z.int(), differences: z.int(), repaired: z.int(), conflicts: z.int(), unconfirmed: z.int(), forgotten: z.int(), held: z.int(),
});

const standingSchema = z.object({
  tier: z.string(), keepsDays: z.number().nullable().describe("null keeps for ever."), points: z.int(), oldestDay: z.string().nullable(), newestDay: z.string().nullable(),
  floors: z.object({ lowest: z.string().nullable(), highest: z.string().nullable() }), dueDays: z.int().describe("Point-days past the retention that still stand here."),
  bytes: z.int().nullable(), packing: z.object({ packed: z.int(), due: z.int() }).nullable().describe("Point-days in cold that were packed, and those under warm's floor that have yet to be."), checks: checksSchema.nullable().describe("What checks found since the installation began."),
});

const tiersSchema = z.object({ points: z.int(), looked: z.int().describe("Points that the rest tells of."), tiers: z.array(standingSchema) });

interface JobRow {
  readonly job: TierJob;
  readonly en: string;
  readonly es: string;
}

const jobRows: readonly JobRow[] = [
  { job: "verify", en: "Compare the tiers, day by day", es: "Compara los niveles, día por día" },
  { job: "repair", en: "Merge what differs between the tiers", es: "Fusiona lo que difiere entre los niveles" },
  { job: "forget", en: "Forget days past their retention, each after it was verified", es: "Olvida los días fuera de retención, cada uno tras verificarse" },
];

const packBodySchema = z.strictObject({
  client: z.string().min(1).max(200).optional(),
  point: z.string().min(1).max(200).optional(),
  whole: z.boolean().optional().describe("Also days that were packed before and that facts came late for, at once instead of within thirty days."),
  dryRun: z.boolean().optional().describe("Says what would be packed, and changes nothing."),
});

/** How the tiers stand, and the jobs that check them. */
export function tierOperations({ work, jobs }: { readonly work: TierWork; readonly jobs: Jobs }): Operation[] {
  return [
    defineOperation({
      method: "GET", path: `${ARCHIVER_BASE}/tiers`, operationId: "getTiers", tag: "archiver", permission: "administer",
      summary: { en: "What each tier holds, what is due to be forgotten, what checks found", es: "Qué guarda cada nivel, qué toca olvidar, qué hallaron las revisiones" },
      replies: { 200: { description: "The tiers", schema: tiersSchema } },
      handle: async ({ scope }) => ({ status: 200, body: await work.status(scope) }),
    }),
    defineOperation({
      method: "POST", path: `${ARCHIVER_BASE}/tiers/pack`, operationId: "packTiers", tag: "archiver", permission: "administer", body: packBodySchema, bodyOptional: true,
      summary: { en: "Pack days in cold that warm let go of", es: "Empaqueta en el nivel frío los días que el tibio soltó" },
      replies: { 202: { description: "The job that does it", schema: jobSchema } },
      handle: ({ scope, body = {} }) => ({ status: 202, body: jobs.start("tiers-pack", (run) => work.pack({ ...body, scope }, run)) }),
    }),
    ...jobRows.map(({ job, en, es }) => defineOperation({
      method: "POST", path: `${ARCHIVER_BASE}/tiers/${job}`, operationId: `${job}Tiers`, tag: "archiver", permission: "administer", body: tierBodySchema, bodyOptional: true,
      summary: { en, es },
      replies: { 202: { description: "The job that does it", schema: jobSchema } },
      handle: ({ scope, body = {} }) => {
        const request = { ...requestOf(body), scope };
        return { status: 202, body: jobs.start(`tiers-${job}`, (run) => work.run(job, request, run)) };
      },
    })),
  ];
}

/** What a body asks for. Problem "invalid-body" for a time that nobody can read. */
export function requestOf({ from, to, ...rest }: z.output<typeof tierBodySchema>): TierRequest {
  const fromUs = instantOf("body.from", from);
  const toUs = instantOf("body.to", to);
  if (fromUs !== undefined && toUs !== undefined && fromUs >= toUs) {
    throw new Problem("invalid-body", { field: "body.to", detail: { en: "the end lies before the beginning", es: "el final está antes del comienzo" } });
  }
  return { ...rest, fromUs, toUs };
}

function instantOf(field: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  // A day alone is a day of UTC; an instant without an offset is nobody's.
  const instantUs = parseInstant(text, text.length === 10 ? "UTC" : undefined);
  if (instantUs === undefined) throw new Problem("invalid-body", { field, detail: { en: `${text} is no day and no instant with an offset`, es: `${text} no es un día ni un instante con desfase` } });
  return instantUs;
}
