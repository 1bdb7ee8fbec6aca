import { readableName } from "@caudal/core";
import { defineOperation, jobSchema, Problem, type Clock, type Jobs, type JobRun, type Operation } from "@caudal/runtime";
import { z } from "zod";
import { createClient, listClients } from "./clients.ts";
import { eraseClient, planErasure, type EraseOptions, type ErasurePorts, type ErasureReport } from "./erase-client.ts";

export interface ErasureWorkOptions extends Pick<EraseOptions, "flushArchive" | "backups"> {
  readonly ports: ErasurePorts;
  readonly clock: Clock;
}

/** Erasures wherever they are asked for. */
export interface ErasureWork {
  erase(client: string, by: string, run: JobRun, lift?: boolean): Promise<ErasureReport>;
  plan(client: string): Promise<ErasureReport>;
}

export function createErasureWork(options: ErasureWorkOptions): ErasureWork {
  return {
    erase: (client, by, run, lift = false) => eraseClient({ ...options, client, by, run, lift }),
    plan: (client) => planErasure({ ...options, client }),
  };
}

const clientId = z.string().regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/, "a-z, 0-9, -; 1-63");
const view = z.object({ client: z.string(), name: z.string(), points: z.int(), devices: z.int(), state: z.enum(["active", "erasing", "erased"]), erasedAt: z.string().nullable() });
const report = z.object({
  client: z.string(), points: z.int(), counts: z.record(z.string(), z.number()), stays: z.array(z.object({ what: z.string(), until: z.string().nullable(), names: z.array(z.string()) })),
});

/** Clients: who there is, letting one in again, and erasing one. */
export function clientOperations(base: string, { work, jobs, ports, clock }: Pick<ErasureWorkOptions, "ports" | "clock"> & { readonly work: ErasureWork; readonly jobs: Jobs }): Operation[] {
  const everything = (scope: { readonly clients: "all" | readonly string[] }, client: string): void => {
    if (scope.clients !== "all" && !scope.clients.includes(client)) throw new Problem("forbidden", { detail: client });
  };
  return [
    defineOperation({
      method: "GET", path: `${base}/clients`, operationId: "listClients", tag: "archiver", permission: "administer",
      summary: { en: "Clients, with those that were erased", es: "Clientes, con los que fueron eliminados" },
      replies: { 200: { description: "Who there is", schema: z.object({ items: z.array(view) }) } },
      handle: async ({ scope }) => ({ status: 200, body: { items: (await listClients(ports.documents)).filter(({ client }) => scope.clients === "all" || scope.clients.includes(client)) } }),
    }),
    defineOperation({
      method: "POST", path: `${base}/clients`, operationId: "createClient", tag: "archiver", permission: "administer", body: z.strictObject({ client: clientId, name: z.string().trim().min(1).max(128).optional() }),
      summary: { en: "Create a client; one that was erased is taken in again", es: "Crea un cliente; uno eliminado vuelve a ingresarse" },
      replies: { 200: { description: "Whether it is new", schema: z.object({ client: z.string(), created: z.boolean() }) } },
      handle: async ({ scope, body: { client, name } }) => {
        everything(scope, client);
        return { status: 200, body: { client, created: await createClient(ports.documents, { client, name: name ?? readableName(client), nowUs: clock.nowUs() }) } };
      },
    }),
    defineOperation({
      method: "GET", path: `${base}/clients/{client}/erasure`, operationId: "planErasure", tag: "archiver", permission: "administer", params: z.object({ client: clientId }),
      summary: { en: "What erasing the client would remove, and what would stay", es: "Qué eliminaría borrar el cliente y qué quedaría" },
      replies: { 200: { description: "The plan", schema: report } },
      handle: async ({ scope, params: { client } }) => {
        everything(scope, client);
        const { stays, ...planned } = await work.plan(client);
        return { status: 200, body: { ...planned, stays: stays.map((stay) => ({ ...stay, names: [...stay.names] })) } };
      },
    }),
    defineOperation({
      method: "POST", path: `${base}/clients/{client}/erasure`, operationId: "eraseClient", tag: "archiver", permission: "administer", params: z.object({ client: clientId }),
      summary: { en: "Erase a client's data from every store", es: "Elimina los datos de un cliente de todos los almacenes" },
      replies: { 202: { description: "The job that does it", schema: jobSchema } },
      handle: ({ scope, principal, params: { client } }) => {
        everything(scope, client);
        return { status: 202, body: jobs.start("erase-client", (run) => work.erase(client, principal.name, run)) };
      },
    }),
  ];
}
