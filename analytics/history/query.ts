import { parseInstant, type Scope } from "@caudal/core";
import { Problem, type ApiRequest } from "@caudal/runtime";
import { z } from "zod";
import { bucketResolutions, DAY_US } from "../buckets/calendar.ts";
import { parseZone } from "../buckets/zone-name.ts";
import type { PointDirectory, PointInfo, VariableInfo } from "../points/point-directory.ts";
import { readCursor, type HistoryCursor } from "./cursor.ts";
import type { History, HistoryQuery } from "./history.ts";

const MAX_RANGE_US = 200 * 366 * DAY_US;
export const MAX_PAGE_ROWS = 50_000;
export const formats = ["json", "csv", "ndjson"] as const;
export type Format = (typeof formats)[number];

export const contentTypes: Readonly<Record<Format, string>> = {
  json: "application/json; charset=utf-8", csv: "text/csv; charset=utf-8", ndjson: "application/x-ndjson; charset=utf-8",
};

export const historyQuerySchema = z.object({
  from: z.string().max(64).optional().describe("First instant, RFC 3339; without an offset it is read in tz. A day before `to` when absent."),
  to: z.string().max(64).optional().describe("Instant after the last. Now when absent."),
  resolution: z.enum(["raw", ...bucketResolutions, "auto"]).default("auto").describe("raw, a bucket length, or auto: about a thousand rows."),
  tz: z.string().max(64).default("UTC").describe("IANA zone or fixed offset such as UTC-4 or -04:00, for buckets and for times in the answer."),
  asOf: z.string().max(64).optional().describe("What was known at that time, RFC 3339 (without an offset read in tz): later corrections and late data are left out."),
  variables: z.string().max(4096).optional().describe("Names between commas; all when absent."),
  format: z.enum(formats).optional().describe("Goes before Accept."),
  limit: z.coerce.number().int().min(1).max(MAX_PAGE_ROWS).default(5000).describe("Rows a page of JSON; CSV and NDJSON are never paged."),
  cursor: z.string().max(200).optional().describe("`next` of the page before."),
  rounding: z.enum(["none", "catalogue"]).default("none").describe("catalogue: CSV with as many digits after the point as GET /api/v1/variables gives each variable. none: every digit that is stored."),
  lang: z.string().max(16).optional().describe("es or en, for problems."),
});

export type HistoryParameters = z.output<typeof historyQuerySchema>;

export interface ParsedQuery {
  readonly query: HistoryQuery;
  readonly cursor: HistoryCursor | undefined;
}

/** The zone that `tz` names, or Problem 400. */
export function zoneOf(tz: string): string {
  const zone = parseZone(tz);
  if (zone !== undefined) return zone;
  throw new Problem("invalid-parameter", {
    field: "query.tz", detail: { en: `query.tz: ${tz} is neither an IANA zone nor an offset such as UTC-4`, es: `query.tz: ${tz} no es una zona IANA ni un desfase como UTC-4` },
  });
}

/** The point, or Problem 404 for one that is not there or outside the scope. */
export async function findPoint(directory: PointDirectory, scope: Scope, point: string): Promise<PointInfo> {
  const info = await directory.find(scope, point);
  if (info === undefined) throw new Problem("point-not-found", { detail: point, field: "params.id" });
  return info;
}

/** Reads what a caller asked. Throws Problems 400 that name the parameter. */
export async function parseHistoryQuery(request: Pick<ApiRequest<unknown, HistoryParameters>, "scope" | "query" | "receivedAtUs">, info: PointInfo, history: History): Promise<ParsedQuery> {
  const { scope, query } = request;
  const zone = zoneOf(query.tz);
  const toUs = query.to === undefined ? request.receivedAtUs : instantOf(query.to, "to", zone);
  const fromUs = query.from === undefined ? toUs - DAY_US : instantOf(query.from, "from", zone);
  if (fromUs >= toUs) throw refused("from", "is not before query.to", "no es anterior a query.to");
  if (toUs - fromUs > MAX_RANGE_US) throw refused("from", "is more than 200 years before query.to", "es más de 200 años anterior a query.to");
  const asOfUs = query.asOf === undefined ? undefined : asOfOf(query.asOf, zone, request.receivedAtUs);
  const columns = chosen(await history.columnsOf(scope, info), query.variables);
  const cursor = query.cursor === undefined ? undefined : readCursor(query.cursor);
  return { query: { scope, info, columns, zone, fromUs, toUs, resolution: cursor?.resolution ?? query.resolution, asOfUs }, cursor };
}

/** The instant that `asOf` names. Problem 400 for one that is still to come: nobody knows what will be known. */
export function asOfOf(text: string, zone: string, nowUs: number): number {
  const asOfUs = instantOf(text, "asOf", zone);
  if (asOfUs > nowUs) throw refused("asOf", "is still to come", "todavía no ha llegado");
  return asOfUs;
}

export function instantOf(text: string, name: string, zone: string): number {
  // A plus in a URL is a blank.
  const instantUs = parseInstant(text.trim().replace(/ (\d\d:?\d\d)$/, "+$1"), zone);
  if (instantUs === undefined) throw refused(name, "is not a time such as 2026-03-01 or 2026-03-01T12:00:00Z", "no es una hora como 2026-03-01 o 2026-03-01T12:00:00Z");
  return instantUs;
}

function chosen(columns: readonly VariableInfo[], names: string | undefined): readonly VariableInfo[] {
  if (names === undefined) return columns;
  const wanted = names.split(",").map((name) => name.trim()).filter((name) => name !== "");
  const unknown = wanted.find((name) => !columns.some(({ variable }) => variable === name));
  const has = columns.map(({ variable }) => variable).join(", ");
  if (unknown !== undefined) throw refused("variables", `names ${unknown}; the point has ${has}`, `nombra ${unknown}; el punto tiene ${has}`);
  return columns.filter(({ variable }) => wanted.includes(variable));
}

function refused(name: string, en: string, es: string): Problem {
  return new Problem("invalid-parameter", { field: `query.${name}`, detail: { en: `query.${name} ${en}`, es: `query.${name} ${es}` } });
}

/** What the caller takes: `format`, else the best of Accept; JSON for whoever takes anything. Problem 406 when nothing fits. */
export function formatOf(asked: Format | undefined, accept: string | undefined): Format {
  if (asked !== undefined) return asked;
  if (accept === undefined || accept.trim() === "") return "json";
  const ranges = accept.split(",").map((part) => {
    const [type = "", ...parameters] = part.trim().toLowerCase().split(";");
    const q = parameters.map((parameter) => /^\s*q=([\d.]+)\s*$/.exec(parameter)?.[1]).find((value) => value !== undefined);
    return { type: type.trim(), q: q === undefined ? 1 : Number(q) };
  });
  for (const { type } of ranges.filter(({ q }) => q > 0).sort((a, b) => b.q - a.q)) {
    if (type === "*/*" || type === "application/*") return "json";
    if (type === "text/*") return "csv";
    const format = formats.find((candidate) => contentTypes[candidate].startsWith(`${type};`));
    if (format !== undefined) return format;
    if (type === "application/ndjson" || type === "application/jsonl") return "ndjson";
  }
  throw new Problem("not-acceptable", { field: "Accept", detail: accept.slice(0, 200) });
}
