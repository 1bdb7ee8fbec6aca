import { civilOfParts, formatInstant, parseWrittenTime } from "@caudal/core";
import { parsed, refused, type DecodeContext, type Parsed } from "./decoded.ts";
import { isNumericText } from "./scalar.ts";

const DAY_US = 86_400_000_000;
const MAX_AHEAD_US = DAY_US;
/** Numbers below are days since 1899-12-30, as spreadsheets and some loggers count. */
const DAY_COUNTS_BELOW = 1e5;
/** Numbers below are seconds since 1970, from here on milliseconds. */
const SECONDS_BELOW = 1e11;
const DAY_COUNT_ORIGIN_US = Date.UTC(1899, 11, 30) * 1000;
const FIRST_NUMERIC_US = Date.UTC(2015, 0, 1) * 1000;
const FIRST_WRITTEN_US = Date.UTC(1900, 0, 1) * 1000;

/**
 * A source's own time in microseconds since 1970 UTC, or null when the field says that there is none. A number before 2015 and
 * anything more than a day ahead of receipt is no time that a sensor measured at.
 */
export function readSourceTime(value: unknown, field: string, series: string, context: DecodeContext): Parsed<number | null> {
  if (value === null || value === undefined) return parsed(null);
  if (typeof value === "number") return ofNumber(value, field, series, context);
  if (typeof value !== "string") return refused("wrong-type", "a time is a number or a text", field);
  const text = value.trim();
  if (text === "") return parsed(null);
  if (isNumericText(text)) return ofNumber(Number(text), field, series, context);
  const written = parseWrittenTime(text);
  if (written === undefined) return refused("wrong-type", `"${text.slice(0, 40)}" is not a time`, field);
  return writtenInstant(written.civilUs, written.offsetUs, { field, series, context });
}

/** Instant of a date and clock that somebody wrote; in the context's zone when they wrote no offset. */
export function writtenInstant(
  civilUs: number, offsetUs: number | null, at: { readonly field: string; readonly series: string; readonly context: DecodeContext },
): Parsed<number> {
  if (civilUs < FIRST_WRITTEN_US) return refused("implausible-time", "the date is before 1900", at.field);
  const instantUs = offsetUs === null ? at.context.clock.instantUs(civilUs, at.series) : civilUs - offsetUs;
  return notAhead(instantUs, at.field, at.context);
}

function ofNumber(value: number, field: string, series: string, context: DecodeContext): Parsed<number> {
  if (!Number.isFinite(value)) return refused("not-finite", "the time is not a finite number", field);
  const instantUs = value >= 0 && value < DAY_COUNTS_BELOW ? ofDayCount(value, series, context) : Math.round(value * (value < SECONDS_BELOW ? 1e6 : 1e3));
  if (instantUs < FIRST_NUMERIC_US) return refused("implausible-time", `${value} is before 2015`, field);
  return notAhead(instantUs, field, context);
}

function ofDayCount(days: number, series: string, context: DecodeContext): number {
  // A day count carries about a microsecond in a double; milliseconds are what its writer meant.
  return context.clock.instantUs(DAY_COUNT_ORIGIN_US + Math.round(days * 86_400_000) * 1000, series);
}

function notAhead(instantUs: number, field: string, { receivedAtUs }: DecodeContext): Parsed<number> {
  if (instantUs <= receivedAtUs + MAX_AHEAD_US) return parsed(instantUs);
  return refused("implausible-time", `more than 24 h after its receipt at ${formatInstant(receivedAtUs)}`, field);
}

const DAY_FIRST = /^(\d{1,2})-(\d{1,2})-(\d{4})$/;
const YEAR_FIRST = /^(\d{4})-(\d{1,2})-(\d{1,2})$/;
const MONTH_FIRST = /^(\d{1,2})\/(\d{1,2})\/(\d{4})$/;
const CLOCK = /^(\d{1,2}):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?$/;

/** Civil time of a logger's date and clock: `DD-MM-YYYY`, `YYYY-MM-DD` or `MM/DD/YYYY`; undefined for all else. */
export function loggerCivilUs(dateText: string, clockText: string): number | undefined {
  const clock = CLOCK.exec(clockText);
  const date = datePartsOf(dateText);
  if (clock === null || date === undefined) return undefined;
  const micros = Number((clock[4] ?? "").slice(0, 6).padEnd(6, "0"));
  return civilOfParts(date[0], date[1], date[2], { hour: Number(clock[1]), minute: Number(clock[2]), second: Number(clock[3] ?? 0), micros });
}

function datePartsOf(text: string): readonly [number, number, number] | undefined {
  const dayFirst = DAY_FIRST.exec(text);
  if (dayFirst !== null) return [Number(dayFirst[3]), Number(dayFirst[2]), Number(dayFirst[1])];
  const yearFirst = YEAR_FIRST.exec(text);
  if (yearFirst !== null) return [Number(yearFirst[1]), Number(yearFirst[2]), Number(yearFirst[3])];
  const monthFirst = MONTH_FIRST.exec(text);
  return monthFirst === null ? undefined : [Number(monthFirst[3]), Number(monthFirst[1]), Number(monthFirst[2])];
}
