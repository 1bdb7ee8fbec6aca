import type { Documents, EventLog } from "@caudal/core";
import { defineOperation, Problem, readLines, residualOf, type Findings, type Operation } from "@caudal/runtime";
import { z } from "zod";

export interface ConservationParts {
  readonly log: EventLog;
  readonly documents: Documents;
  readonly findings: Findings;
}

const lineSchema = z.object({
  group: z.string(), topic: z.string(), partition: z.int(),
  offset: z.int().describe("Everything below it is handled, counted and stored."), endOffset: z.int(), inFlight: z.int().describe("Records that are yet to be handled, or handled a moment ago and yet to be stored."),
  beganOffset: z.int().nullable().describe("Where the count began; null where it began with the topic."), trimmed: z.int(),
  in: z.int(), out: z.record(z.string(), z.int()), residual: z.int(),
});

const findingSchema = z.object({
  id: z.string(), check: z.string(), group: z.string(), topic: z.string(), partition: z.int(), fromOffset: z.int(), toOffset: z.int(),
  missing: z.int().describe("Facts, samples or records that are too few; negative when they are too many."), detail: z.string(), foundAt: z.string(),
});

export const conservationSchema = z.object({ lines: z.array(lineSchema), findings: z.array(findingSchema) });
export type Conservation = z.output<typeof conservationSchema>;

/** What every group has counted, how much is in flight, and what did not add up and nobody has looked at. */
export async function readConservation({ log, documents, findings }: ConservationParts): Promise<Conservation> {
  const [lines, open] = await Promise.all([readLines(documents), findings.open()]);
  const ends = new Map(await Promise.all([...new Set(lines.map(({ topic }) => topic))].map(async (topic) => [topic, await log.bounds(topic)] as const)));
  return {
    lines: lines.map(({ group, topic, partition, offset, beganOffset = null, trimmed = 0, tally }) => {
      const endOffset = ends.get(topic)?.[partition]?.endOffset ?? offset;
      return { group, topic, partition, offset, endOffset, inFlight: Math.max(0, endOffset - offset), beganOffset, trimmed, in: tally.in, out: { ...tally.out }, residual: residualOf(tally) };
    }),
    findings: open.map(({ id, body: { check, group, topic, partition, fromOffset, toOffset, missing, detail, foundAtUs } }) => ({
      id, check, group, topic, partition, fromOffset, toOffset, missing, detail, foundAt: new Date(foundAtUs / 1000).toISOString(),
    })),
  };
}

export function conservationOperations(base: string, parts: ConservationParts): Operation[] {
  return [
    defineOperation({
      method: "GET", path: `${base}/conservation`, operationId: "getConservation", tag: "archiver", permission: "administer",
      summary: { en: "What each group took in, what became of it, and what does not add up", es: "Lo que cada grupo recibió, qué fue de ello, y lo que no cuadra" },
      replies: { 200: { description: "Lines by group and partition, and residuals that nobody has looked at", schema: conservationSchema } },
      handle: async () => ({ status: 200, body: await readConservation(parts) }),
    }),
    defineOperation({
      method: "DELETE", path: `${base}/conservation/findings/{id}`, operationId: "closeConservationFinding", tag: "archiver", permission: "administer",
      summary: { en: "Says that a residual was looked at; it is no longer shown", es: "Declara que un residuo fue revisado; deja de mostrarse" },
      params: z.object({ id: z.string().min(1).max(400) }),
      replies: { 204: { description: "It was looked at" } },
      handle: async ({ params: { id } }) => {
        if (!(await parts.findings.close(id))) throw new Problem("not-found", { field: "params.id", detail: id });
        return { status: 204 };
      },
    }),
  ];
}
