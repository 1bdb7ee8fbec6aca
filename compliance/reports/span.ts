import { parseInstant } from "@caudal/core";
import { Problem } from "@caudal/runtime";
import { monthSpan } from "../ledger/regulator-day.ts";

export interface Span {
  readonly fromUs: number;
  readonly toUs: number;
}

const BEHIND_UTC_US = 14_400_000_000;

/** Two instants that a caller wrote: days on the regulator's clock, or RFC 3339. Problem "invalid-parameter". */
export function spanOf({ from, to }: { readonly from: string; readonly to: string }): Span {
  const fromUs = instantOf("from", from);
  const toUs = instantOf("to", to);
  if (fromUs >= toUs) throw refused("from", "query.from is not before query.to", "query.from no es anterior a query.to");
  return { fromUs, toUs };
}

function instantOf(name: string, text: string): number {
  const day = /^\d{4}-\d\d-\d\d$/.test(text) ? parseInstant(`${text}T00:00:00Z`) : undefined;
  const instantUs = day === undefined ? parseInstant(text) : day + BEHIND_UTC_US;
  if (instantUs !== undefined) return instantUs;
  throw refused(name, `query.${name} is neither a day such as 2026-06-01 nor an RFC 3339 time`, `query.${name} no es un día como 2026-06-01 ni una hora RFC 3339`);
}

/** A year on the regulator's clock that begins with a month (1: the calendar's). */
export function yearSpan(year: number, startMonth: number): Span {
  const month = String(startMonth).padStart(2, "0");
  return { fromUs: monthSpan(`${year}-${month}`).fromUs, toUs: monthSpan(`${year + 1}-${month}`).fromUs };
}

/** Months (`2026-06`) of a year that begins with a month. */
export function monthsOfYear(year: number, startMonth: number): string[] {
  return Array.from({ length: 12 }, (_, at) => {
    const month = startMonth - 1 + at;
    return `${year + Math.floor(month / 12)}-${String((month % 12) + 1).padStart(2, "0")}`;
  });
}

function refused(name: string, en: string, es: string): Problem {
  return new Problem("invalid-parameter", { field: `query.${name}`, detail: { en, es } });
}
