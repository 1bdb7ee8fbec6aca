import { randomUUID } from "node:crypto";
import { parseInstant, topics, wordBody, type DecisionRecord, type Directory, type DocumentCollection, type EventLog, type RecountRecord, type Scope, type SeriesTier, type StoredDocument, type WordChange } from "@caudal/core";
import { defineOperation, listOf, listReply, type Operation, pagingQuery, Problem, siftPage } from "@caudal/runtime";
import type { Codec, PointEvent } from "@caudal/schemas";
import { z } from "zod";
import type { AuditTrail } from "../audit/audit-trail.ts";
import { openDecisionsOperation } from "./open-decisions.ts";
import { decisionSchema, decisionStates, decisionView, queryOf } from "./decision-view.ts";
import { effectDoc, effectOf, effects, recomputing } from "./reach.ts";
import { verdictSchema, wordOf } from "./verdict.ts";
import { recountsOperation } from "./recounts.ts";
import type { SpokenWords } from "./words.ts";

export interface TotaliserOperationsOptions {
  readonly decisions: DocumentCollection<DecisionRecord>;
  readonly words: SpokenWords;
  readonly recounts: DocumentCollection<RecountRecord>;
  readonly directory: Directory;
  readonly cold: SeriesTier;
  readonly log: EventLog;
  readonly codec: Codec;
  readonly audit: AuditTrail;
  readonly nowUs: () => number;
}

const idParams = z.object({ id: z.string().min(1).max(256) });
const wordSchema = z.object({
  variable: z.string(), at: z.string(), verdict: z.string().nullable().describe("null takes back what was said before."), reason: z.string(), author: z.string(),
  modulus: z.number().optional(), finalCount: z.number().optional(), initialCount: z.number().optional(),
});
const repliedSchema = z.object({ decision: decisionSchema.describe("As it was when this was said."), word: wordSchema, effect: z.enum(effects).describe(effectDoc), next: z.string().nullable() });

/** What the totaliser decided of counts, and what people say to it. */
export function totaliserOperations(options: TotaliserOperationsOptions): Operation[] {
  const { decisions, words, recounts, directory, cold, log, codec, audit, nowUs } = options;
  const found = async (scope: Scope, id: string): Promise<StoredDocument<DecisionRecord>> => {
    const stored = await decisions.get(scope, id);
    if (stored === undefined) throw new Problem("decision-not-found", { field: "params.id", detail: id });
    return stored;
  };
  return [
    openDecisionsOperation(decisions),
    recountsOperation(recounts),
    defineOperation({
      method: "GET", path: "/api/v1/totaliser/decisions", operationId: "listDecisions", tag: "totaliser", permission: "read",
      summary: { en: "What the totaliser took odd counts for, newest first", es: "Por qué tomó el totalizador las cuentas extrañas, primero las más nuevas" },
      query: z.object({
        client: z.string().max(128).optional(), point: z.string().max(64).optional(), kind: z.string().max(32).optional(), state: z.enum(decisionStates).optional(), said: z.enum(["true", "false"]).optional().describe("Those that a person said, or those that nobody did."),
        open: z.literal("true").optional().describe("Those that wait for a person's look."),
        from: z.string().max(64).optional().describe("RFC 3339."), to: z.string().max(64).optional().describe("RFC 3339; not included."), ...pagingQuery,
      }),
      replies: { 200: { description: "Decisions", schema: listOf(decisionSchema) } },
      handle: async ({ scope, query: { limit, cursor, from, to, said, open, ...filter } }) => {
        const { query, fits } = queryOf({ ...filter, said: said === undefined ? undefined : said === "true", open: open === "true", fromUs: instantOf(from, "from"), toUs: instantOf(to, "to") });
        const page = await siftPage({ limit, cursor, fits }, (at) => decisions.find(scope, { ...query, ...at }));
        const wordsOf = await words.of(scope, page.items.map(({ body }) => body));
        return listReply(page, (stored) => decisionView(stored, wordsOf(stored.body)));
      },
    }),
    defineOperation({
      method: "GET", path: "/api/v1/totaliser/decisions/{id}", operationId: "getDecision", tag: "totaliser", permission: "read", params: idParams,
      summary: { en: "A decision of the totaliser", es: "Una decisión del totalizador" },
      replies: { 200: { description: "The decision", schema: decisionSchema } },
      handle: async ({ scope, params }) => {
        const stored = await found(scope, params.id);
        return { status: 200, body: decisionView(stored, (await words.of(scope, [stored.body]))(stored.body)) };
      },
    }),
    defineOperation({
      method: "POST", path: "/api/v1/totaliser/decisions/{id}/verdict", operationId: "postVerdict", tag: "totaliser", permission: "configure", params: idParams, body: verdictSchema,
      summary: { en: "Confirm, correct or undo a decision; what followed from it is computed anew", es: "Confirma, corrige o deshace una decisión; lo que siguió se vuelve a calcular" },
      replies: { 200: { description: "Taken; durable in the log", schema: repliedSchema }, 409: { description: "The decision no longer holds" } },
      handle: async ({ principal, scope, params, body, language }) => {
        const stored = await found(scope, params.id);
        const { client, point, variable, instantUs, state } = stored.body;
        if (state === "gone") throw new Problem("decision-gone", { field: "params.id", detail: params.id });
        const periods = (await directory.collections.points.get(scope, point))?.body.settings ?? [];
        const word = wordOf(stored.body, { body, author: principal.name, periods });
        const effect = await effectOf(cold, scope, { client, point, variable, instantUs });
        const value = codec.encode("PointEvent", eventOf(stored.body, word, nowUs()));
        await log.publish(topics.points, [{ key: point, value }]);
        await words.keep(stored.body, { asked: body.verdict, of: stored.body.kind, atUs: nowUs() }, word);
        await audit.record(principal, { client, action: "totaliser.verdict", target: stored.id, change: { ...body, word } });
        const { timeUs: _, ...said } = word;
        return { status: 200, body: { decision: decisionView(stored, (await words.of(scope, [stored.body]))(stored.body)), word: { ...said, at: decisionView(stored).at }, effect, next: effect === "recomputed" ? null : recomputing[language] } };
      },
    }),
  ];
}

function eventOf({ client, point }: DecisionRecord, word: WordChange, nowUs: number): PointEvent {
  return {
    eventId: randomUUID(), client, point, kind: "decision", device: "", channel: "", source: "business", transport: "", observedAtUs: null, receivedAtUs: nowUs,
    causeId: "", causePartition: -1, causeOffset: -1, samples: [], withdrawn: [], body: wordBody(word), labels: {},
  };
}

function instantOf(text: string | undefined, name: string): number | undefined {
  const timeUs = text === undefined ? undefined : parseInstant(text);
  if (text !== undefined && timeUs === undefined) {
    const detail = { en: `${name} is ${text}; expected an RFC 3339 time`, es: `${name} es ${text}; se esperaba una hora RFC 3339` };
    throw new Problem("invalid-parameter", { field: `query.${name}`, detail, errors: [{ field: `query.${name}`, detail }] });
  }
  return timeUs;
}
