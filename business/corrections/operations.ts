import { randomUUID } from "node:crypto";
import { feedingDevices, feedingKeys, formatInstant, type CorrectionRecord, type Directory, type DocumentCollection, type PointRecord, type SeriesTier, type StoredDocument, type Scope } from "@caudal/core";
import { defineOperation, listOf, listReply, type Operation, pagingQuery, Problem, siftPage } from "@caudal/runtime";
import { z } from "zod";
import type { AuditTrail } from "../audit/audit-trail.ts";
import { effectDoc, effectOf, effects, recomputing } from "../totaliser/reach.ts";
import { correctionSchema, instantOf, refused, spanOf, valueOf } from "./body.ts";
import type { CorrectionDesk } from "./desk.ts";
import { heldOf, type Held } from "./held.ts";
import { restoredOf } from "./restored.ts";

export interface CorrectionOperationsOptions {
  readonly directory: Directory;
  readonly cold: SeriesTier;
  readonly corrections: DocumentCollection<CorrectionRecord>;
  readonly desk: CorrectionDesk;
  readonly audit: AuditTrail;
  readonly nowUs: () => number;
}

const idParams = z.object({ id: z.string().min(1).max(64) });
const factSchema = z.object({ value: z.number().nullable(), flag: z.number(), reasons: z.array(z.string()), authority: z.number().describe("0 computed, 1 a person's.") });
const repliedSchema = z.object({
  id: z.string().nullable().describe("Of the correction; null of a dry run."), point: z.string(), variable: z.string(), value: z.number().nullable().describe("null: withdrawn."), author: z.string(), reason: z.string(), dryRun: z.boolean(),
  restored: z.boolean().describe("True where what the source said holds again."),
  facts: z.array(z.object({ at: z.string(), before: factSchema.nullable().describe("null: there was none."), after: z.number().nullable().describe("null: no value.") })),
  effect: z.enum(effects).describe(effectDoc),
  next: z.string().nullable(),
});
const listedSchema = z.object({
  id: z.string(), point: z.string(), variable: z.string(), value: z.number().nullable(), restored: z.boolean(), author: z.string(), reason: z.string(), saidAt: z.string(), first: z.string(), last: z.string(), facts: z.number(),
});

/** What people say of facts: revisions that only a person outdoes. What came stays as it came. */
export function correctionOperations({ directory, cold, corrections, desk, audit, nowUs }: CorrectionOperationsOptions): Operation[] {
  const found = async (scope: Scope, id: string): Promise<StoredDocument<PointRecord>> => {
    const stored = await directory.collections.points.get(scope, id);
    if (stored === undefined) throw new Problem("point-not-found", { field: "params.id", detail: id });
    return stored;
  };
  const known = async ({ id, body }: StoredDocument<PointRecord>): Promise<readonly string[]> => {
    const devices = await directory.devices(feedingDevices(body));
    return [...new Set(feedingKeys(id, devices.map((device) => device.body)).map(({ entry }) => entry.variable))];
  };
  return [
    defineOperation({
      method: "POST", path: "/api/v1/points/{id}/corrections", operationId: "postCorrection", tag: "points", permission: "configure", params: idParams, body: correctionSchema,
      summary: { en: "Say what a variable of a point truly was, or that it has no value; raw data never changes", es: "Indica qué valor tuvo realmente una variable de un punto, o que no tiene; el dato crudo no cambia" },
      replies: { 200: { description: "Taken; durable", schema: repliedSchema } },
      handle: async ({ principal, scope, params, body, language }) => {
        const stored = await found(scope, params.id);
        const { client } = stored.body;
        const point = stored.id;
        const { variable, reason, dryRun = false } = body;
        const [span, said] = [spanOf(body), valueOf(body)];
        const standing = await heldOf(cold, scope, { client, point, variable }, span);
        const back = said === "restored" ? await restoredOf(cold, { client, point, variable }, standing) : undefined;
        const held = back?.held ?? standing;
        const value = said === "restored" ? null : said;
        const variables = held.some(({ fact }) => fact !== null) ? [variable] : await known(stored);
        if (!variables.includes(variable)) throw refused("variable", { en: `variable is ${variable}; expected one of ${variables.join(", ")}`, es: `variable es ${variable}; se esperaba una de ${variables.join(", ")}` });
        const first = held[0];
        if (first === undefined) throw refused("from", { en: `${variable} has no fact from ${body.from} to ${body.to}`, es: `${variable} no tiene hechos desde ${body.from} hasta ${body.to}` });
        const effect = await effectOf(cold, scope, { client, point, variable, instantUs: first.instantUs });
        const id = dryRun ? null : randomUUID();
        if (id !== null) {
          await desk.take({ id, body: { client, point, variable, timesUs: held.map(({ instantUs }) => instantUs), value, ...(back === undefined ? {} : { restored: back.values }), author: principal.name, reason, atUs: nowUs(), unpublished: true } });
          await audit.record(principal, { client, action: "point.correct", target: point, change: { id, ...body } });
        }
        return { status: 200, body: { id, point, variable, value, restored: back !== undefined, author: principal.name, reason, dryRun, facts: held.map((each, at) => ({ ...factView(each), after: back === undefined ? value : back.values[at] ?? null })), effect, next: effect === "recomputed" ? null : recomputing[language] } };
      },
    }),
    defineOperation({
      method: "GET", path: "/api/v1/points/{id}/corrections", operationId: "listCorrections", tag: "points", permission: "read", params: idParams,
      query: z.object({ variable: z.string().max(256).optional(), at: z.string().max(64).optional().describe("RFC 3339: only what was said of this instant; `value` is then that of the instant."), ...pagingQuery }),
      summary: { en: "What people said of a point's facts, by whom and why, newest first", es: "Qué dijeron las personas de los hechos de un punto, quién y por qué, primero lo más nuevo" },
      replies: { 200: { description: "Corrections", schema: listOf(listedSchema) } },
      handle: async ({ scope, params, query }) => {
        const { id: point } = await found(scope, params.id);
        const atUs = query.at === undefined ? undefined : instantOf("at", query.at);
        const fits = ({ body }: StoredDocument<CorrectionRecord>): boolean => (query.variable === undefined || body.variable === query.variable) && (atUs === undefined || body.timesUs.includes(atUs));
        const narrowed = query.variable === undefined && atUs === undefined ? {} : { fits };
        const page = await siftPage({ limit: query.limit, cursor: query.cursor, ...narrowed }, (paging) => corrections.find(scope, { where: { point }, orderBy: "atUs", descending: true, ...paging }));
        return listReply(page, (stored) => correctionView(stored, atUs));
      },
    }),
  ];
}

function factView({ instantUs, fact }: Held): { at: string; before: z.input<typeof factSchema> | null } {
  return { at: formatInstant(instantUs), before: fact === null ? null : { ...fact, reasons: [...fact.reasons] } };
}

function correctionView({ id, body }: StoredDocument<CorrectionRecord>, ofUs: number | undefined): z.input<typeof listedSchema> {
  const { point, variable, author, reason, atUs, timesUs, restored } = body;
  const value = restored === undefined || ofUs === undefined ? body.value : restored[timesUs.indexOf(ofUs)] ?? null;
  return { id, point, variable, value, restored: restored !== undefined, author, reason, saidAt: formatInstant(atUs), first: formatInstant(timesUs[0] ?? atUs), last: formatInstant(timesUs.at(-1) ?? atUs), facts: timesUs.length };
}
