import { Problem, type ApiRequest } from "@caudal/runtime";
import { z } from "zod";
import { createCalendar, DAY_US, type Span } from "../buckets/calendar.ts";
import { asOfOf, instantOf, zoneOf } from "../history/query.ts";
import { DEFAULT_TOLERANCE_M3, DEFAULT_TOLERANCE_PERCENT } from "./verdict.ts";

const MAX_DAYS = 3_700;
const DEFAULT_DAYS = 30;
export const MAX_PAGE_DAYS = 400;

export const balanceQuerySchema = z.object({
  from: z.string().max(64).optional().describe("A day such as 2026-03-01, or an instant in the first day; 30 days before `to` when absent."),
  to: z.string().max(64).optional().describe("Instant after the last, or the day after the last day. Now when absent."),
  tz: z.string().max(64).default("America/Santiago").describe("Whose days: IANA zone or fixed offset. Days of 23 and 25 hours are whole days."),
  asOf: z.string().max(64).optional().describe("What was known at that time: later corrections and late data are left out."),
  tolerancePercent: z.coerce.number().min(0).max(100).default(DEFAULT_TOLERANCE_PERCENT).describe("Share of what the totaliser counted that the flow may differ by."),
  toleranceM3: z.coerce.number().min(0).max(1_000_000).default(DEFAULT_TOLERANCE_M3).describe("m3 that the flow may differ by whatever was counted; the greater of both holds, and never less than a pulse."),
  format: z.enum(["json", "csv"]).optional().describe("Goes before Accept."),
  limit: z.coerce.number().int().min(1).max(MAX_PAGE_DAYS).default(31).describe("Days a page of JSON; CSV is never paged."),
  cursor: z.string().max(200).optional().describe("`next` of the page before."),
  lang: z.string().max(16).optional().describe("es or en, for problems."),
});

export type BalanceParameters = z.output<typeof balanceQuerySchema>;

export interface ParsedBalance {
  readonly zone: string;
  /** Whole days in order, from where the page begins. */
  readonly days: readonly Span[];
  readonly span: Span;
  readonly asOfUs: number | undefined;
}

/** Reads what a caller asked. Throws Problems 400 that name the parameter. */
export function parseBalanceQuery({ query, receivedAtUs }: Pick<ApiRequest<unknown, BalanceParameters>, "query" | "receivedAtUs">): ParsedBalance {
  const zone = zoneOf(query.tz);
  const toUs = query.to === undefined ? receivedAtUs : instantOf(query.to, "to", zone);
  const fromUs = query.from === undefined ? toUs - DEFAULT_DAYS * DAY_US : instantOf(query.from, "from", zone);
  if (fromUs >= toUs) throw refused("from", "is not before query.to", "no es anterior a query.to");
  if (toUs - fromUs > MAX_DAYS * DAY_US) throw refused("from", `is more than ${MAX_DAYS} days before query.to`, `es más de ${MAX_DAYS} días anterior a query.to`);
  const calendar = createCalendar("1d", zone);
  const days: Span[] = [];
  for (let day = calendar.spanAt(fromUs); day.fromUs < toUs; day = calendar.spanAt(day.toUs)) days.push(day);
  const span = { fromUs: days[0]!.fromUs, toUs: days.at(-1)!.toUs };
  const begin = query.cursor === undefined ? 0 : days.findIndex((day) => day.fromUs === readCursor(query.cursor!));
  if (begin < 0) throw new Problem("invalid-cursor", { field: "query.cursor" });
  return { zone, days: days.slice(begin), span, asOfUs: query.asOf === undefined ? undefined : asOfOf(query.asOf, zone, receivedAtUs) };
}

export function writeCursor(fromUs: number): string {
  return Buffer.from(String(fromUs)).toString("base64url");
}

function readCursor(text: string): number {
  return Number(Buffer.from(text, "base64url").toString("utf8"));
}

function refused(name: string, en: string, es: string): Problem {
  return new Problem("invalid-parameter", { field: `query.${name}`, detail: { en: `query.${name} ${en}`, es: `query.${name} ${es}` } });
}
