import { defineOperation, jobSchema, type Operation } from "@caudal/runtime";
import { z } from "zod";
import type { Backups } from "./backups.ts";

const view = z.object({
  name: z.string(), startedAt: z.string().nullable(), endedAt: z.string().nullable(), version: z.string().nullable(), points: z.number().nullable(), facts: z.number().nullable(),
  documents: z.number().nullable(), records: z.number().nullable(), segments: z.number().nullable(), bytes: z.number(), trouble: z.string().nullable(),
});
const body = z.object({ name: z.string().max(64).optional() });

/** Backups on request; a restore needs an installation that holds nothing, so it is a command of its own. */
export function backupOperations(base: string, backups: Backups): Operation[] {
  return [
    defineOperation({
      method: "GET", path: `${base}/backups`, operationId: "listBackups", tag: "archiver", permission: "administer",
      summary: { en: "Backups, newest first", es: "Respaldos, los más nuevos primero" },
      replies: { 200: { description: "What there is", schema: z.object({ items: z.array(view) }) } },
      handle: async () => ({ status: 200, body: { items: [...(await backups.list())] } }),
    }),
    defineOperation({
      method: "POST", path: `${base}/backups`, operationId: "createBackup", tag: "archiver", permission: "administer",
      summary: { en: "Take a backup", es: "Hace un respaldo" },
      replies: { 202: { description: "The job that takes it", schema: jobSchema } },
      handle: () => ({ status: 202, body: backups.create() }),
    }),
    defineOperation({
      method: "POST", path: `${base}/backups/drill`, operationId: "drillBackup", tag: "archiver", permission: "administer", body,
      summary: { en: "Restore a backup into a scratch folder and compare its digests", es: "Restaura un respaldo en una carpeta de prueba y compara sus resúmenes" },
      replies: { 202: { description: "The job that does it", schema: jobSchema } },
      handle: ({ body: { name } }) => ({ status: 202, body: backups.drill(name) }),
    }),
  ];
}
