import type { Slot } from "../../wire/slot.ts";
import { DAY_MS, midnightMs, monthText, regulatorDate } from "../regulator-time.ts";

/** How often a work reports decides what its calendar's cells are: instants of a day, days of a month, months of a year. */
export type CalendarKind = "hours" | "days" | "months";

const MINUTE_MS = 60_000;
const DAY_MINUTES = 1_440;
const HOUR_MINUTES = 60;
const MOST_DAYS_A_MONTH_CELL = 15;

/** What a calendar shows: a month, or a year of a work that reports monthly or less. */
export interface CalendarSpan {
  readonly kind: CalendarKind;
  readonly year: number;
  /** From 1; 1 where a year is shown. */
  readonly month: number;
  /** Minutes between a day's instants; a whole day where it has one at most. */
  readonly everyMinutes: number;
}

export function kindOf(standard: string, everyMinutes: number | null): { readonly kind: CalendarKind; readonly everyMinutes: number } {
  if (standard === "medio") return { kind: "days", everyMinutes: DAY_MINUTES };
  if (standard === "menor" || standard === "caudales-muy-pequenos") return { kind: "months", everyMinutes: DAY_MINUTES };
  if (standard === "custom" && everyMinutes !== null && everyMinutes > 0 && everyMinutes !== HOUR_MINUTES) {
    if (everyMinutes < DAY_MINUTES) return { kind: "hours", everyMinutes };
    return { kind: everyMinutes <= MOST_DAYS_A_MONTH_CELL * DAY_MINUTES ? "days" : "months", everyMinutes: DAY_MINUTES };
  }
  return { kind: "hours", everyMinutes: HOUR_MINUTES };
}

/** The span of a month as `2026-06`; of the running month for a text that is none. */
export function spanOf(given: { readonly standard: string; readonly everyMinutes: number | null }, month: string | null, nowMs: number): CalendarSpan {
  const [, year, number] = /^(\d{4})-(0[1-9]|1[0-2])$/.exec(month ?? "") ?? [];
  const now = regulatorDate(nowMs);
  const { kind, everyMinutes } = kindOf(given.standard, given.everyMinutes);
  const shown = year === undefined ? { year: now.year, month: now.month } : { year: Number(year), month: Number(number) };
  return { kind, everyMinutes, year: shown.year, month: kind === "months" ? 1 : shown.month };
}

/** The span with cells short enough for what was really owed: a work may have reported more often before. */
export function fittedSpan(span: CalendarSpan, slots: readonly Slot[]): CalendarSpan {
  if (span.kind === "months") return span;
  const times = slots.map(({ slotMs }) => slotMs).sort((a, b) => a - b);
  const gapMs = times.reduce((least, timeMs, index) => (index === 0 ? least : Math.min(least, timeMs - (times[index - 1] ?? timeMs))), Number.POSITIVE_INFINITY);
  const gapMinutes = Math.max(1, Math.floor(gapMs / MINUTE_MS));
  return gapMinutes < span.everyMinutes ? { ...span, kind: "hours", everyMinutes: gapMinutes } : span;
}

/** From and up to, as instants. */
export function edgesOf({ kind, year, month }: CalendarSpan): { readonly fromMs: number; readonly toMs: number } {
  return kind === "months" ? { fromMs: midnightMs(year, 1), toMs: midnightMs(year + 1, 1) } : { fromMs: midnightMs(year, month), toMs: midnightMs(year, month + 1) };
}

/** Month of the span before (-1) or after (1), for the address. */
export function steppedMonth({ kind, year, month }: CalendarSpan, by: -1 | 1): string {
  return kind === "months" ? monthText(year + by, 1) : monthText(year, month + by);
}

export interface CalendarCell {
  readonly key: string;
  /** What a day or a month is called in its cell; empty among the hours of a day. */
  readonly label: string;
  /** Several only where instants lie nearer than a cell is long. */
  readonly slots: readonly Slot[];
}

export interface CalendarRow {
  readonly key: string;
  /** Midnight of its first day. */
  readonly startMs: number;
  /** Null where a week reaches beyond its month. */
  readonly cells: readonly (CalendarCell | null)[];
}

export interface CalendarLayout {
  readonly columns: number;
  readonly rows: readonly CalendarRow[];
}

/** Puts each slot into its cell. A cell without a slot stays: nothing was owed then. */
export function layoutCalendar(span: CalendarSpan, slots: readonly Slot[]): CalendarLayout {
  if (span.kind === "hours") return layoutHours(span, slots);
  return span.kind === "days" ? layoutDays(span, slots) : layoutMonths(span, slots);
}

function layoutHours(span: CalendarSpan, slots: readonly Slot[]): CalendarLayout {
  const columns = Math.ceil(DAY_MINUTES / span.everyMinutes);
  const { fromMs, toMs } = edgesOf(span);
  const inCell = gather(slots, (slot) => {
    const { month, day, minuteOfDay } = regulatorDate(slot.slotMs);
    return `${month}-${day}-${Math.floor(minuteOfDay / span.everyMinutes)}`;
  });
  const rows: CalendarRow[] = [];
  for (let startMs = fromMs; startMs < toMs; startMs += DAY_MS) {
    const { month, day } = regulatorDate(startMs);
    const keys = Array.from({ length: columns }, (_, column) => `${month}-${day}-${column}`);
    rows.push({ key: `${month}-${day}`, startMs, cells: keys.map((key) => ({ key, label: "", slots: inCell.get(key) ?? [] })) });
  }
  return { columns, rows };
}

const WEEK = 7;

function layoutDays(span: CalendarSpan, slots: readonly Slot[]): CalendarLayout {
  const { fromMs, toMs } = edgesOf(span);
  const inCell = gather(slots, ({ slotMs }) => String(regulatorDate(slotMs).day));
  const days = Math.round((toMs - fromMs) / DAY_MS);
  // Weeks begin on Monday.
  const before = (new Date(Date.UTC(span.year, span.month - 1, 1)).getUTCDay() + 6) % WEEK;
  const rows = Array.from({ length: Math.ceil((before + days) / WEEK) }, (_, week): CalendarRow => {
    const first = week * WEEK - before + 1;
    const cells = Array.from({ length: WEEK }, (_unused, column) => first + column).map((day) => (day < 1 || day > days ? null : { key: String(day), label: String(day), slots: inCell.get(String(day)) ?? [] }));
    return { key: `week-${week}`, startMs: midnightMs(span.year, span.month, first), cells };
  });
  return { columns: WEEK, rows };
}

const MONTHS_A_ROW = 3;

function layoutMonths(span: CalendarSpan, slots: readonly Slot[]): CalendarLayout {
  const inCell = gather(slots, ({ slotMs }) => String(regulatorDate(slotMs).month));
  const rows = Array.from({ length: 12 / MONTHS_A_ROW }, (_, row): CalendarRow => {
    const first = row * MONTHS_A_ROW + 1;
    const cells = Array.from({ length: MONTHS_A_ROW }, (_unused, column) => String(first + column)).map((month) => ({ key: month, label: month, slots: inCell.get(month) ?? [] }));
    return { key: `months-${row}`, startMs: midnightMs(span.year, first), cells };
  });
  return { columns: MONTHS_A_ROW, rows };
}

function gather(slots: readonly Slot[], keyOf: (slot: Slot) => string): ReadonlyMap<string, readonly Slot[]> {
  const out = new Map<string, Slot[]>();
  for (const slot of slots) {
    const key = keyOf(slot);
    const there = out.get(key);
    if (there === undefined) out.set(key, [slot]);
    else there.push(slot);
  }
  return out;
}

/** Where an arrow key leads from a cell, over cells without a slot; the same cell where there is none in that direction. */
export function steppedCell({ rows, columns }: CalendarLayout, at: { readonly row: number; readonly column: number }, key: string): { readonly row: number; readonly column: number } {
  const has = (row: number, column: number) => (rows[row]?.cells[column]?.slots.length ?? 0) > 0;
  const order = rows.flatMap((_, row) => Array.from({ length: columns }, (_unused, column) => ({ row, column }))).filter(({ row, column }) => has(row, column));
  const index = order.findIndex(({ row, column }) => row === at.row && column === at.column);
  const inColumn = order.filter(({ column }) => column === at.column);
  const inRow = order.filter(({ row }) => row === at.row);
  const to: Readonly<Record<string, { row: number; column: number } | undefined>> = {
    ArrowRight: order[index + 1], ArrowLeft: order[index - 1], ArrowDown: inColumn.find(({ row }) => row > at.row), ArrowUp: inColumn.findLast(({ row }) => row < at.row),
    Home: inRow[0], End: inRow.at(-1), PageUp: inColumn[0], PageDown: inColumn.at(-1),
  };
  return to[key] ?? at;
}
