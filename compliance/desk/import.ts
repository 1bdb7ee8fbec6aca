import { decodeUtf8, defineOperation, Problem, type Language, type Operation } from "@caudal/runtime";
import { z } from "zod";
import type { ObraBook } from "../obras/obra-book.ts";
import type { SlotBook } from "../slots/slot-book.ts";
import { importSubmissions, type ImportRefusal } from "../submission/import.ts";
import { mustSeeAll } from "./found.ts";

const MAX_FILE_BYTES = 8 * 1024 * 1024;

const whyTexts: Readonly<Record<ImportRefusal, Readonly<Record<Language, string>>>> = {
  fields: { en: "the fields are not obra,instant,voucher,source", es: "los campos no son obra,instant,voucher,source" },
  "unknown-obra": { en: "there is no such work", es: "no existe esa obra" },
  instant: { en: "this is no instant", es: "no es un instante" },
  "not-a-slot": { en: "the work has no slot at that instant", es: "la obra no tiene una medición debida en ese instante" },
  future: { en: "the instant has not come", es: "el instante aún no llega" },
  voucher: { en: "this is no voucher", es: "no es un comprobante" },
  "another-voucher": { en: "the slot has another voucher", es: "el instante tiene otro comprobante" },
  closed: { en: "a person annulled it or wrote it off", es: "una persona lo anuló o lo dio de baja" },
  "being-sent": { en: "it is being sent", es: "se está enviando" },
};

const reportSchema = z.object({
  dryRun: z.boolean(), lines: z.number(), imported: z.number().describe("Recorded now, or that would be."), already: z.number(), refusedLines: z.number(),
  refused: z.array(z.object({ line: z.number(), why: z.string(), text: z.string(), detail: z.string() })).describe("The first thousand."),
});

/** What was sent by another system before this one, so that nothing of it is sent again. */
export function importOperation({ obras, slots, nowUs }: { readonly obras: ObraBook; readonly slots: SlotBook; readonly nowUs: () => number }): Operation {
  return defineOperation({
    method: "POST", path: "/api/v1/compliance/import", operationId: "importSubmissions", tag: "compliance", permission: "configure", body: { raw: true, maxBytes: MAX_FILE_BYTES, contentTypes: ["text/csv"] },
    query: z.object({ dryRun: z.enum(["true", "false"]).default("true").describe("false: what fits is recorded in the ledger, for good.") }),
    summary: { en: "Record submissions that another system made (CSV obra,instant,voucher,source), so that none is sent again", es: "Registra envíos hechos por otro sistema (CSV obra,instant,voucher,source), para no repetir ninguno" },
    replies: { 200: { description: "What became, or would become, of the lines; a line twice changes nothing", schema: reportSchema } },
    handle: async ({ principal, scope, raw, query: { dryRun }, language }) => {
      mustSeeAll(scope);
      const csv = decodeUtf8(raw);
      if (csv === undefined) throw new Problem("invalid-utf8", { detail: { en: "save the file as CSV UTF-8", es: "guarde el archivo como CSV UTF-8" } });
      const report = await importSubmissions({ obras, slots }, csv, { author: principal.name, dryRun: dryRun === "true", nowUs });
      return { status: 200, body: { ...report, refused: report.refused.map((each) => ({ ...each, text: whyTexts[each.why][language] })) } };
    },
  });
}
