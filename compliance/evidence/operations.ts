import type { Scope } from "@caudal/core";
import { defineOperation, Problem, writeStream, type Operation } from "@caudal/runtime";
import { z } from "zod";
import { foundObra } from "../desk/found.ts";
import { canonicalJson, type Plain } from "../ledger/canonical-json.ts";
import type { SignedRoot } from "../ledger/daily-root.ts";
import { dayOf } from "../ledger/regulator-day.ts";
import { regulatorNames } from "../obras/draft.ts";
import type { ObraBook } from "../obras/obra-book.ts";
import type { Obra } from "../obras/obra.ts";
import { spanOf } from "../reports/span.ts";
import { certificateOperations } from "./certificate-operations.ts";
import { evidencePack, type EvidenceParts } from "./pack.ts";

export interface EvidenceOperationsOptions extends EvidenceParts {
  readonly obras: Pick<ObraBook, "get" | "versions">;
}

const DAY_US = 86_400_000_000;
/** Three years, which is how far back an inspection looks. */
const MAX_PERIOD_US = 3 * 366 * DAY_US;
const dayParam = z.string().regex(/^\d{4}-\d\d-\d\d$/);
const workPattern = new RegExp(`^(${regulatorNames.join("|")})/(.{1,64})$`);

/** Evidence packs, the certificates in them, and the signed roots. */
export function evidenceOperations(options: EvidenceOperationsOptions): Operation[] {
  const { obras, certificates, roots } = options;
  const obraOf = (scope: Scope, work: string): Promise<Obra> => {
    const [, regulator, code] = workPattern.exec(work)!;
    return foundObra(obras, scope, { regulator: regulator as (typeof regulatorNames)[number], code: code! });
  };
  return [
    ...certificateOperations({ obras, certificates }),
    defineOperation({
      method: "GET", path: "/api/v1/compliance/evidence", operationId: "getEvidence", tag: "compliance", permission: "read",
      summary: { en: "Evidence of a work for an inspection, as one ZIP that can be checked offline", es: "Evidencia de una obra para una inspección, en un ZIP que se comprueba sin conexión" },
      query: z.object({
        work: z.string().regex(workPattern).describe("`dga/OB-0602-7`."), from: z.string().max(64).describe("A day on the regulator's clock (UTC-4), or an RFC 3339 time."),
        to: z.string().max(64).describe("Not included."),
      }),
      replies: { 200: { description: "The pack; docs/evidence-format.md describes it", contentTypes: ["application/zip"] }, 404: { description: "There is no such work" } },
      handle: async ({ principal, scope, query, signal, receivedAtUs, express: { res } }) => {
        const obra = await obraOf(scope, query.work);
        const { fromUs, toUs } = spanOf(query);
        if (toUs - fromUs > MAX_PERIOD_US) throw new Problem("invalid-parameter", { field: "query.from", detail: { en: "query.from is more than three years before query.to", es: "query.from es más de tres años anterior a query.to" } });
        // A root that cannot be read is told as such, which it could not be in the middle of a ZIP.
        await roots.proved(obra.work, { fromDay: dayOf(fromUs) }).next();
        res.setHeader("Content-Type", "application/zip");
        res.setHeader("Content-Disposition", `attachment; filename="caudal-evidencia-${obra.regulator}-${obra.code.replace(/[^A-Za-z0-9_-]/g, "_")}-${query.from.slice(0, 10).replace(/[^\d-]/g, "")}-${query.to.slice(0, 10).replace(/[^\d-]/g, "")}.zip"`);
        res.setHeader("Cache-Control", "no-store");
        await writeStream(res, evidencePack(options, { obra, scope, fromUs, toUs, nowUs: Math.trunc(receivedAtUs), by: principal.name, signal }), signal);
        return { streamed: true };
      },
    }),
    defineOperation({
      method: "GET", path: "/api/v1/compliance/roots", operationId: "listRoots", tag: "compliance", permission: "read",
      summary: { en: "Signed daily roots over all chains, which name none of them; with `work`, where that work stood in each, with its proof", es: "Las raíces diarias firmadas sobre todas las cadenas, que no nombran ninguna; con `work`, dónde estaba esa obra en cada una, con su prueba" },
      query: z.object({
        from: dayParam.optional(), to: dayParam.optional().describe("Included."),
        work: z.string().regex(workPattern).optional().describe("`dga/OB-0602-7`. Lines are then those of an evidence pack."),
      }),
      replies: { 200: { description: "One root a line, in order of days; docs/evidence-format.md describes it", contentTypes: ["application/x-ndjson"] }, 404: { description: "There is no such work" } },
      handle: async ({ scope, query: { from, to, work }, signal, express: { res } }) => {
        const span = { fromDay: from, toDay: to };
        const lines = rootLines(work === undefined ? roots.roots(span) : roots.proved((await obraOf(scope, work)).work, span));
        // As above.
        const first = await lines.next();
        res.setHeader("Content-Type", "application/x-ndjson; charset=utf-8");
        await writeStream(res, (async function* () {
          if (first.done !== true) yield first.value;
          yield* lines;
        })(), signal);
        return { streamed: true };
      },
    }),
  ];
}

async function* rootLines(roots: AsyncIterable<SignedRoot>): AsyncGenerator<string, undefined> {
  for await (const root of roots) yield `${canonicalJson(root as unknown as Plain)}\n`;
  return undefined;
}
