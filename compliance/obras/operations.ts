import { hasCode, type Scope } from "@caudal/core";
import { decodeUtf8, defineOperation, fill, type Language, listOf, listReply, type Operation, pagingQuery, Problem } from "@caudal/runtime";
import { z } from "zod";
import { applyImport, type AppliedRow } from "./csv/apply-import.ts";
import { exportObras } from "./csv/export-obras.ts";
import { planImport, shownErrors } from "./csv/import-plan.ts";
import { reasonText, regulatorNames } from "./draft.ts";
import { RefusedObra } from "./findings.ts";
import type { ObraBook } from "./obra-book.ts";
import { workOf, type Obra } from "./obra.ts";
import { bodyPath, draftOfBody, obraBodySchema, obraView, obraViewSchema } from "./obra-view.ts";

const PATH = "/api/v1/compliance/obras";
const PAGE = 1000;
const MAX_FILE_BYTES = 8 * 1024 * 1024;
const tag = "compliance";

/** Path of a work. */
export const obraParams = z.object({ regulator: z.enum(regulatorNames), code: z.string().min(1).max(64) });
const regulatorQuery = z.enum(regulatorNames).optional();

const rowSchema = z.object({
  line: z.number(), work: z.string().nullable(), outcome: z.enum(["new", "changed", "unchanged", "refused"]), written: z.boolean(),
  changes: z.array(z.object({ field: z.string(), old: z.string(), new: z.string() })).describe("Column, and both cells as they stand in a file."),
  errors: z.array(z.object({ column: z.string(), detail: z.string() })),
});
const planSchema = z.object({
  dryRun: z.boolean(), counts: z.object({ new: z.number(), changed: z.number(), unchanged: z.number(), refused: z.number() }), written: z.number(), rows: z.array(rowSchema),
});

export function obraOperations({ obras: book }: { readonly obras: ObraBook }): Operation[] {
  const found = async (scope: Scope, work: string): Promise<Obra> => {
    const obra = await book.get(scope, work);
    if (obra === undefined) throw obraNotFound(work);
    return obra;
  };
  const replyOf = (obra: Obra): { status: 200; body: unknown } => ({ status: 200, body: obraView(obra) });

  return [
    defineOperation({
      method: "GET", path: PATH, operationId: "listObras", tag, permission: "read",
      summary: { en: "Works that report to a regulator", es: "Obras que informan a un regulador" },
      query: z.object({ client: z.string().max(128).optional(), regulator: regulatorQuery, ...pagingQuery }),
      replies: { 200: { description: "Works, by regulator and code", schema: listOf(obraViewSchema) } },
      handle: async ({ scope, query }) => listReply(await book.list(scope, query), obraView),
    }),
    defineOperation({
      method: "GET", path: `${PATH}/export`, operationId: "exportObras", tag, permission: "read",
      summary: { en: "Works as a CSV file, which imports again without a change", es: "Obras como archivo CSV, que se importa de nuevo sin cambios" },
      query: z.object({ client: z.string().max(128).optional(), regulator: regulatorQuery }),
      replies: { 200: { description: "A line a work", contentTypes: ["text/csv"] } },
      handle: async ({ scope, query, signal }) => {
        const obras: Obra[] = [];
        let cursor: string | undefined;
        do {
          signal.throwIfAborted();
          const page = await book.list(scope, { ...query, limit: PAGE, cursor });
          obras.push(...page.items);
          cursor = page.next;
        } while (cursor !== undefined);
        return { status: 200, body: exportObras(obras), headers: { "Content-Type": "text/csv; charset=utf-8", "Content-Disposition": 'attachment; filename="obras.csv"' } };
      },
    }),
    defineOperation({
      method: "POST", path: `${PATH}/import`, operationId: "importObras", tag, permission: "configure", body: { raw: true, maxBytes: MAX_FILE_BYTES, contentTypes: ["text/csv"] },
      summary: { en: "Import works of a CSV file, or say what it would change", es: "Importa obras de un archivo CSV, o indica qué cambiaría" },
      query: z.object({ dryRun: z.enum(["true", "false"]).default("true").describe("false: rows that are new or changed are written, each whole or not at all."), reason: reasonText.optional() }),
      replies: { 200: { description: "What became, or would become, of each row", schema: planSchema } },
      handle: async ({ principal, scope, raw, query: { dryRun, reason }, language, signal }) => {
        const text = decodeUtf8(raw);
        if (text === undefined) throw new Problem("invalid-utf8", { detail: { en: "save the file as CSV UTF-8", es: "guarde el archivo como CSV UTF-8" } });
        const plan = await planImport(text, { book, scope });
        if (!plan.ok) {
          const { line, text: why } = plan.fault;
          throw new Problem("malformed-csv", { field: `line ${line}`, detail: { en: `line ${line}: ${why.en}`, es: `línea ${line}: ${why.es}` } });
        }
        const dry = dryRun === "true";
        const rows = dry ? plan.rows.map((row): AppliedRow => ({ ...row, written: false })) : await applyImport(plan.rows, { book, principal, reason: reason ?? fill(importReason, language), signal });
        return { status: 200, body: planView(rows, dry, language) };
      },
    }),
    defineOperation({
      method: "GET", path: `${PATH}/{regulator}/{code}`, operationId: "getObra", tag, permission: "read", params: obraParams,
      summary: { en: "A work", es: "Una obra" },
      replies: { 200: { description: "The work", schema: obraViewSchema } },
      handle: async ({ scope, params: { regulator, code } }) => replyOf(await found(scope, workOf(regulator, code))),
    }),
    defineOperation({
      method: "GET", path: `${PATH}/{regulator}/{code}/versions`, operationId: "listObraVersions", tag, permission: "read", params: obraParams,
      summary: { en: "A work as it was, oldest first, with who changed it and why", es: "Una obra como fue, primero lo más antiguo, con quién la cambió y por qué" },
      replies: { 200: { description: "Every version, whole", schema: listOf(obraViewSchema) } },
      handle: async ({ scope, params: { regulator, code } }) => {
        const versions = await book.versions(scope, workOf(regulator, code));
        if (versions.length === 0) throw obraNotFound(workOf(regulator, code));
        return listReply({ items: versions }, obraView);
      },
    }),
    defineOperation({
      method: "PUT", path: `${PATH}/{regulator}/{code}`, operationId: "putObra", tag, permission: "configure", params: obraParams, body: obraBodySchema,
      summary: { en: "Make a work what is said, as a new version, or say what it would be", es: "Deja una obra como se indica, en una nueva versión, o dice cómo quedaría" },
      query: z.object({ dryRun: z.enum(["true", "false"]).default("false").describe("true: everything is checked, and nothing is written.") }),
      replies: { 200: { description: "The work as it is now, or would be", schema: obraViewSchema }, 409: { description: "It is at another version, or belongs to somebody else" } },
      handle: async ({ principal, scope, params: { regulator, code }, query: { dryRun }, body: { reason, ...body } }) => {
        try {
          const draft = draftOfBody(regulator, code, body);
          const options = { scope, version: body.version };
          return replyOf(dryRun === "true" ? await book.preview(principal.name, draft, { ...options, reason }) : await book.put(principal.name, draft, reason ?? "", options));
        } catch (error) {
          throw problemOf(error);
        }
      },
    }),
  ];
}

const importReason = { en: "CSV import", es: "importación CSV" };

export function obraNotFound(work: string): Problem {
  return new Problem("obra-not-found", { field: "params.code", detail: work });
}

function planView(rows: readonly AppliedRow[], dryRun: boolean, language: Language): z.input<typeof planSchema> {
  const count = (outcome: AppliedRow["outcome"]): number => rows.filter((row) => row.outcome === outcome).length;
  return {
    dryRun, counts: { new: count("new"), changed: count("changed"), unchanged: count("unchanged"), refused: count("refused") }, written: rows.filter(({ written }) => written).length,
    rows: rows.map(({ line, work, outcome, written, changes, errors }) => ({ line, work, outcome, written, changes: [...changes], errors: shownErrors(errors, language) })),
  };
}

function problemOf(error: unknown): unknown {
  if (error instanceof RefusedObra) {
    const errors = error.findings.map(({ path, text }) => ({ field: bodyPath(path), detail: text }));
    const [first] = errors;
    return new Problem("invalid-body", { ...(first === undefined ? {} : { field: first.field, detail: first.detail }), errors, cause: error });
  }
  if (hasCode(error, "version-conflict")) return new Problem("state-conflict", { field: "body.version", detail: (error as Error).message, cause: error });
  if (hasCode(error, "forbidden")) return new Problem("client-not-allowed", { field: "body.client", cause: error });
  return error;
}
