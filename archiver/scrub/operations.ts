import { defineOperation, jobSchema, type Jobs, type Operation } from "@caudal/runtime";
import { z } from "zod";
import { scrubbedStores } from "./damages.ts";
import type { RepairReport, RepairRequest } from "./repair.ts";
import type { Scrubber } from "./scrubber.ts";
import type { JobRun } from "@caudal/runtime";

const damageSchema = z.object({
  store: z.enum(scrubbedStores), place: z.string().describe("`topic/partition@offset`, `client/point`, `collection/id`, a segment, or a part of a file."), detail: z.string(), foundAt: z.string(),
});

export const scrubSchema = z.object({
  beganAt: z.string().nullable().describe("Start of the last pass, or of the one under way."), endedAt: z.string().nullable().describe("End of the last whole pass."),
  walk: z.string().nullable().describe("What the pass under way is reading; null between passes."), bytes: z.int(), damages: z.array(damageSchema),
});
export type ScrubView = z.output<typeof scrubSchema>;

export const repairBodySchema = z.strictObject({
  dryRun: z.boolean().optional().describe("Says what would be done, and changes nothing."),
  skip: z.boolean().optional().describe("Passes over a damaged log record that no store has: the groups park it as one that cannot be read."),
});

export interface ScrubOperationsOptions {
  readonly base: string;
  readonly scrubber: Scrubber;
  readonly jobs: Jobs;
  readonly repair: (request: RepairRequest, run: JobRun) => Promise<RepairReport>;
}

/** What is damaged, a pass on request, and the mending. */
export function scrubOperations({ base, scrubber, jobs, repair }: ScrubOperationsOptions): Operation[] {
  return [
    defineOperation({
      method: "GET", path: `${base}/scrub`, operationId: "getScrub", tag: "archiver", permission: "administer",
      summary: { en: "How far the background check of everything stored is, and what it found", es: "Hasta dónde va la revisión de todo lo guardado, y qué halló" },
      replies: { 200: { description: "The pass, and damages that nobody has mended", schema: scrubSchema } },
      handle: async () => ({ status: 200, body: await viewOf(scrubber) }),
    }),
    defineOperation({
      method: "POST", path: `${base}/scrub`, operationId: "startScrub", tag: "archiver", permission: "administer",
      summary: { en: "Read and check everything that is stored, now", es: "Lee y revisa ahora todo lo guardado" },
      replies: { 202: { description: "The job that does it", schema: jobSchema } },
      handle: () => ({ status: 202, body: jobs.start("scrub", (run) => scrubber.pass(run)) }),
    }),
    defineOperation({
      method: "POST", path: `${base}/scrub/repair`, operationId: "repairDamages", tag: "archiver", permission: "administer", body: repairBodySchema, bodyOptional: true,
      summary: { en: "Mend what was found, each from the store that still has it", es: "Repara lo hallado, cada cosa desde donde aún existe" },
      replies: { 202: { description: "The job that does it", schema: jobSchema } },
      handle: ({ body = {} }) => ({ status: 202, body: jobs.start("scrub-repair", (run) => repair({ dryRun: body.dryRun === true, skip: body.skip === true }, run)) }),
    }),
  ];
}

export async function viewOf(scrubber: Scrubber): Promise<ScrubView> {
  const { damages, ...pass } = await scrubber.status();
  return { ...pass, damages: damages.map(({ store, place, detail, foundAtUs }) => ({ store, place, detail, foundAt: new Date(foundAtUs / 1000).toISOString() })) };
}
