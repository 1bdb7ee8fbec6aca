import { z } from "zod";
import { defineOperation, type Operation } from "../http/operation.ts";
import { Problem } from "../http/problem.ts";
import { jobStates, type Jobs, type JobView } from "./jobs.ts";

/** A job as every interface answers it. */
export const jobSchema = z.object({
  id: z.string(), kind: z.string(), state: z.enum(jobStates), startedAt: z.string(), endedAt: z.string().nullable(),
  progress: z.object({ done: z.number(), total: z.number().nullable(), unit: z.string(), note: z.string().optional() }).nullable(),
  ratePerS: z.number().nullable(), etaS: z.number().nullable(), result: z.looseObject({}).nullable(), error: z.string().nullable(),
});

export interface JobOperationsOptions {
  /** `/api/v1/archiver`. */
  readonly base: string;
  readonly jobs: Jobs;
}

const params = z.object({ id: z.string().min(1).max(64) });

/** Lists, shows and cancels the jobs of a service. */
export function jobOperations({ base, jobs }: JobOperationsOptions): Operation[] {
  const service = base.slice(base.lastIndexOf("/") + 1);
  const name = service.charAt(0).toUpperCase() + service.slice(1);
  const found = (id: string): JobView => {
    const job = jobs.get(id);
    if (job === undefined) throw new Problem("job-not-found", { field: "params.id", detail: id });
    return job;
  };
  return [
    defineOperation({
      method: "GET", path: `${base}/jobs`, operationId: `list${name}Jobs`, tag: service, permission: "administer",
      summary: { en: "Long work, newest first", es: "Trabajos largos, los más nuevos primero" },
      replies: { 200: { description: "Jobs of this process", schema: z.object({ items: z.array(jobSchema) }) } },
      handle: () => ({ status: 200, body: { items: jobs.list() } }),
    }),
    defineOperation({
      method: "GET", path: `${base}/jobs/{id}`, operationId: `get${name}Job`, tag: service, permission: "administer", params,
      summary: { en: "How far a job is, or what came of it", es: "Cuánto avanzó un trabajo, o qué resultó" },
      replies: { 200: { description: "The job", schema: jobSchema } },
      handle: ({ params: { id } }) => ({ status: 200, body: found(id) }),
    }),
    defineOperation({
      method: "DELETE", path: `${base}/jobs/{id}`, operationId: `cancel${name}Job`, tag: service, permission: "administer", params,
      summary: { en: "Cancel a job", es: "Cancela un trabajo" },
      replies: { 202: { description: "It ends soon, or has ended", schema: jobSchema } },
      handle: ({ params: { id } }) => {
        jobs.cancel(id);
        return { status: 202, body: found(id) };
      },
    }),
  ];
}
