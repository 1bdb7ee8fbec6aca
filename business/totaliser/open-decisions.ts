import type { DecisionRecord, DocumentCollection, Scope } from "@caudal/core";
import { defineOperation, type Operation } from "@caudal/runtime";
import { z } from "zod";
import { isOpen } from "./decision-view.ts";

/** Decisions that one request looks at; an installation that has more of them open is told "more". */
const MOST_READ = 5000;
const PAGE = 1000;

export interface OpenDecisions {
  readonly items: readonly { readonly point: string; readonly count: number }[];
  readonly total: number;
  /** True when there are more than were looked at. */
  readonly more: boolean;
}

/** How many decisions of the machine nobody has spoken to yet, by point, most first. */
export async function openDecisions(decisions: DocumentCollection<DecisionRecord>, scope: Scope): Promise<OpenDecisions> {
  const counts = new Map<string, number>();
  let read = 0;
  let total = 0;
  let cursor: string | undefined;
  do {
    const page = await decisions.find(scope, { where: { state: "made" }, orderBy: "instantUs", descending: true, limit: PAGE, ...(cursor === undefined ? {} : { cursor }) });
    for (const { body } of page.items) {
      if (!isOpen(body)) continue;
      counts.set(body.point, (counts.get(body.point) ?? 0) + 1);
      total++;
    }
    read += page.items.length;
    cursor = page.next;
  } while (cursor !== undefined && read < MOST_READ);
  return { items: [...counts].map(([point, count]) => ({ point, count })).sort((a, b) => b.count - a.count), total, more: cursor !== undefined };
}

export function openDecisionsOperation(decisions: DocumentCollection<DecisionRecord>): Operation {
  return defineOperation({
    method: "GET", path: "/api/v1/totaliser/open", operationId: "countOpenDecisions", tag: "totaliser", permission: "read",
    summary: { en: "How many decisions of the totaliser nobody has spoken to yet, by point", es: "Cuántas decisiones del totalizador nadie ha revisado aún, por punto" },
    replies: { 200: { description: "Counts", schema: z.object({ items: z.array(z.object({ point: z.string(), count: z.number() })), total: z.number(), more: z.boolean().describe(`True when the newest ${MOST_READ} were counted and there are others.`) }) } },
    handle: async ({ scope }) => ({ status: 200, body: await openDecisions(decisions, scope) }),
  });
}
