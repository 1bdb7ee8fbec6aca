import { formatInstant, type DocumentCollection, type RecountRecord, type StoredDocument } from "@caudal/core";
import { defineOperation, listOf, listReply, type Operation, pagingQuery, siftPage } from "@caudal/runtime";
import { z } from "zod";

const states = ["waiting", "done"] as const satisfies readonly RecountRecord["state"][];

const recountSchema = z.object({
  point: z.string(), client: z.string(), state: z.enum(states).describe("waiting: what follows is being computed again, or will be."),
  causes: z.array(z.string()).describe("What reached further back than the samples that are remembered: samples, configuration, decision, correction or remap."),
  from: z.string().nullable().describe("Everything from here on is computed again; null: from the beginning."), since: z.string(), doneAt: z.string().nullable(),
  facts: z.number().describe("Facts that are otherwise since."), days: z.number().describe("UTC days that they are of."), first: z.string().nullable(), last: z.string().nullable(),
  decisionsMade: z.number(), decisionsGone: z.number(),
});
export type RecountView = z.input<typeof recountSchema>;

export function recountView({ body }: StoredDocument<RecountRecord>): RecountView {
  const { point, client, state, causes, behindUs, sinceUs, doneAtUs, facts, days, firstUs, lastUs, decisionsMade, decisionsGone } = body;
  const instant = (timeUs: number | null): string | null => (timeUs === null ? null : formatInstant(timeUs));
  return {
    point, client, state, causes: [...causes], from: behindUs > Number.MIN_SAFE_INTEGER ? formatInstant(behindUs) : null, since: formatInstant(sinceUs), doneAt: instant(doneAtUs),
    facts, days, first: instant(firstUs), last: instant(lastUs), decisionsMade, decisionsGone,
  };
}

/** What late or corrected data, words and settings have had computed again: of each point the newest. */
export function recountsOperation(recounts: DocumentCollection<RecountRecord>): Operation {
  return defineOperation({
    method: "GET", path: "/api/v1/totaliser/recounts", operationId: "listRecounts", tag: "totaliser", permission: "read",
    summary: { en: "What late or corrected data has had computed again, of each point the newest", es: "Lo que los datos tardíos o corregidos hicieron recalcular, de cada punto lo último" },
    query: z.object({ client: z.string().max(128).optional(), point: z.string().max(64).optional(), state: z.enum(states).optional(), ...pagingQuery }),
    replies: { 200: { description: "Recounts, the newest first", schema: listOf(recountSchema) } },
    handle: async ({ scope, query: { client, point, state, limit, cursor } }) => {
      if (point !== undefined) {
        const found = await recounts.get(scope, point);
        const fits = found !== undefined && (client === undefined || found.body.client === client) && (state === undefined || found.body.state === state);
        return listReply({ items: fits ? [found] : [] }, recountView);
      }
      const key: [string, string] | undefined = client !== undefined ? ["client", client] : state !== undefined ? ["state", state] : undefined;
      const where = key === undefined ? {} : { where: { [key[0]]: key[1] } };
      const fits = client === undefined || state === undefined ? undefined : ({ body }: StoredDocument<RecountRecord>): boolean => body.state === state;
      return listReply(await siftPage({ limit, cursor, fits }, (at) => recounts.find(scope, { ...where, orderBy: "sinceUs", descending: true, ...at })), recountView);
    },
  });
}
