import { defineOperation, Problem, writeStream, type ApiRequest, type Language, type Operation, type Reply } from "@caudal/runtime";
import { z } from "zod";
import { monthOf } from "../ledger/regulator-day.ts";
import { complianceReport } from "./compliance-report.ts";
import { exceedanceReport } from "./exceedance-report.ts";
import { incidentReport } from "./incident-report.ts";
import type { ReportParts, ReportQuestion } from "./reading-rows.ts";
import { reportKinds, type Report, type ReportKind } from "./report.ts";
import { reportCsv, reportJson, reportTable } from "./text-formats.ts";
import { annualVolumeReport, burnDownReport, type Year } from "./year-report.ts";

export const reportFormats = ["json", "csv", "xlsx", "pdf"] as const;
type Format = (typeof reportFormats)[number];

const contentTypes: Readonly<Record<Format, string>> = {
  json: "application/json; charset=utf-8", csv: "text/csv; charset=utf-8", xlsx: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", pdf: "application/pdf",
};

const querySchema = z.object({
  work: z.string().max(128).optional().describe("`dga/OB-0602-7`; all works when absent."), client: z.string().max(128).optional(),
  month: z.string().regex(/^\d{4}-(0[1-9]|1[0-2])$/).optional().describe("`2026-06` on the regulator's clock; the running one when absent. Of compliance, exceedances and incidents."),
  year: z.coerce.number().int().min(1990).max(2200).optional().describe("The running one when absent. Of annual-volume and burn-down."),
  startMonth: z.coerce.number().int().min(1).max(12).default(1).describe("First month of the year: 1 the calendar's, 5 the agricultural year."),
  format: z.enum(reportFormats).default("json"),
  table: z.string().max(32).optional().describe("JSON and CSV: this table alone. CSV holds one; without a name the longest."),
  lang: z.string().max(16).optional().describe("es or en. PDF is always Spanish."),
});
type Query = z.output<typeof querySchema>;

/** Reports for the holder, the inspector and the regulator; of works that the caller may see. */
export function reportOperations(parts: ReportParts): Operation[] {
  return [
    defineOperation({
      method: "GET", path: "/api/v1/compliance/reports/{kind}", operationId: "getReport", tag: "compliance", permission: "read",
      params: z.object({ kind: z.enum(reportKinds) }), query: querySchema,
      summary: { en: "A report: compliance, annual volume, exceedances, incidents or what is left of the right", es: "Un informe: cumplimiento, volumen anual, superaciones, incidencias o lo que queda del derecho" },
      replies: { 200: { description: "The report", contentTypes: ["application/json", "text/csv", contentTypes.xlsx, contentTypes.pdf] }, 404: { description: "There is no such work" } },
      handle: async (request) => {
        const { params: { kind }, query, scope, receivedAtUs } = request;
        if (query.work !== undefined && (await parts.obras.get(scope, query.work)) === undefined) throw new Problem("not-found", { field: "query.work", detail: query.work });
        const report = reportOf(parts, { scope, work: query.work, client: query.client, nowUs: receivedAtUs }, { kind, query });
        return written(report, request);
      },
    }),
  ];
}

function reportOf(parts: ReportParts, question: ReportQuestion, { kind, query }: { readonly kind: ReportKind; readonly query: Query }): Report {
  const month = query.month ?? monthOf(question.nowUs);
  const year: Year = { year: query.year ?? runningYear(question.nowUs, query.startMonth), startMonth: query.startMonth };
  switch (kind) {
    case "compliance":
      return complianceReport(parts, question, month);
    case "exceedances":
      return exceedanceReport(parts, question, month);
    case "incidents":
      return incidentReport(parts, question, month);
    case "annual-volume":
      return annualVolumeReport(parts, question, year);
    case "burn-down":
      return burnDownReport(parts, question, year);
  }
}

/** The year that began last. */
export function runningYear(nowUs: number, startMonth: number): number {
  const [year = 0, month = 1] = monthOf(nowUs).split("-").map(Number);
  return month >= startMonth ? year : year - 1;
}

async function written(report: Report, { query, language, signal, express: { res } }: ApiRequest<{ kind: ReportKind }, Query>): Promise<Reply> {
  const { format } = query;
  const table = reportTable(report, query.table);
  if (table === undefined) throw new Problem("invalid-parameter", { field: "query.table", detail: { en: `the tables of ${report.kind} are ${report.tables.map(({ id }) => id).join(", ")}`, es: `las tablas de ${report.kind} son ${report.tables.map(({ id }) => id).join(", ")}` } });
  const document = format === "xlsx" || format === "pdf" ? await documentOf(report, { format, language }) : undefined;
  res.setHeader("Content-Type", contentTypes[format]).setHeader("Cache-Control", "no-store");
  if (format !== "json") res.setHeader("Content-Disposition", `attachment; filename="${fileName(report.kind, query)}"`);
  if (document !== undefined) res.end(document);
  else await writeStream(res, inChunks(format === "csv" ? reportCsv(table) : reportJson(report, { language, asked: (each) => query.table === undefined ? each.isForPeople !== false : each === table })), signal);
  return { streamed: true };
}

/** The makers of documents are loaded when somebody asks for one. */
async function documentOf(report: Report, { format, language }: { readonly format: "xlsx" | "pdf"; readonly language: Language }): Promise<Uint8Array> {
  return format === "pdf" ? (await import("./pdf.ts")).reportPdf(report) : (await import("./xlsx.ts")).reportXlsx(report, language);
}

function fileName(kind: ReportKind, { work, month, year, format }: Query): string {
  const parts = ["caudal", kind, work ?? "", month ?? year ?? ""].map(String).filter((part) => part !== "");
  return `${parts.join("-").replace(/[^A-Za-z0-9_-]+/g, "-")}.${format}`;
}

const CHUNK_CHARACTERS = 32_768;

/** Rows together until they are worth a write. */
async function* inChunks(texts: AsyncIterable<string>): AsyncGenerator<string> {
  let held = "";
  for await (const text of texts) {
    held += text;
    if (held.length < CHUNK_CHARACTERS) continue;
    yield held;
    held = "";
  }
  if (held !== "") yield held;
}
