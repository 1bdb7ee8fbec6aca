import { formatInstant, type Page, type PointRecord, type Scope, type StoredDocument } from "@caudal/core";
import { defineOperation, listOf, listReply, type Operation, pagingQuery, siftPage } from "@caudal/runtime";
import { z } from "zod";
import type { AuditRecord, AuditTrail } from "../audit/audit-trail.ts";

const changeSchema = z.object({
  at: z.string(), by: z.string(), action: z.string().describe("point.configure, point.correct, or configuration.apply where files said it."),
  change: z.record(z.string(), z.unknown()).nullable().describe("What was asked, as it was sent; null where it was too long to keep whole."),
});

/** Every change that people made of a point, by whom and when: also those that later ones replaced. */
export function pointChangesOperation({ audit, found }: { readonly audit: AuditTrail; readonly found: (scope: Scope, id: string) => Promise<{ readonly stored: StoredDocument<PointRecord> }> }): Operation {
  return defineOperation({
    method: "GET", path: "/api/v1/points/{id}/changes", operationId: "listPointChanges", tag: "points", permission: "read", params: z.object({ id: z.string().min(1).max(64) }), query: z.object(pagingQuery),
    summary: { en: "What people changed of a point, by whom and when, newest first", es: "Qué cambiaron las personas de un punto, quién y cuándo, primero lo más nuevo" },
    replies: { 200: { description: "Changes", schema: listOf(changeSchema) } },
    handle: async ({ scope, params, query }) => {
      const { stored } = await found(scope, params.id);
      const page: Page<StoredDocument<AuditRecord>> = await siftPage(query, (at) => audit.about(scope, stored.id, at));
      return listReply(page, changeView);
    },
  });
}

function changeView({ body: { atUs, by, action, change } }: StoredDocument<AuditRecord>): z.input<typeof changeSchema> {
  const said: unknown = JSON.parse(change);
  const whole = typeof said === "object" && said !== null && !("begins" in said) ? (said as Record<string, unknown>) : null;
  return { at: formatInstant(atUs), by, action, change: whole };
}
