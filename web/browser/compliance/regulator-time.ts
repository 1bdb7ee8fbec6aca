import { formatDay, formatInstant } from "../format/instant.ts";
import { localeOf } from "../format/number.ts";
import type { Language } from "../text/catalog.ts";

const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;
/** The regulator's clock is UTC-4 all year; its name in the tz database has the sign turned round. */
const BEHIND_UTC_MS = 4 * HOUR_MS;
const zone = "Etc/GMT+4";

/** Calendar parts on the regulator's clock; months count from 1. */
export interface RegulatorDate {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly minuteOfDay: number;
}

export function regulatorDate(timeMs: number): RegulatorDate {
  const date = new Date(timeMs - BEHIND_UTC_MS);
  return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate(), minuteOfDay: date.getUTCHours() * 60 + date.getUTCMinutes() };
}

/** Instant of midnight on the regulator's clock; days and months beyond their ends count on. */
export function midnightMs(year: number, month: number, day = 1): number {
  return Date.UTC(year, month - 1, day) + BEHIND_UTC_MS;
}

/** `2026-06`. */
export function monthText(year: number, month: number): string {
  return regulatorDay(midnightMs(year, month)).slice(0, 7);
}

/** `2026-06-11`. */
export function regulatorDay(timeMs: number): string {
  return new Date(timeMs - BEHIND_UTC_MS).toISOString().slice(0, 10);
}

/** Date and time of day, `11 jun 2026, 13:00`. */
export function regulatorMinute(timeMs: number, language: Language): string {
  return formatInstant(timeMs, language, { zone, seconds: false });
}

/** With seconds, for what was measured at an instant of its own. */
export function regulatorInstant(timeMs: number, language: Language): string {
  return formatInstant(timeMs, language, { zone });
}

export function regulatorDayText(timeMs: number, language: Language): string {
  return formatDay(timeMs, language, { zone });
}

export type MonthStyle = "long" | "short";

/** `junio`, `jun`; months count from 1. */
export function monthName(month: number, language: Language, style: MonthStyle = "long"): string {
  return new Intl.DateTimeFormat(localeOf[language], { month: style, timeZone: "UTC" }).format(Date.UTC(2026, month - 1, 15));
}

/** `lun`, Monday being 0. */
export function weekdayName(day: number, language: Language): string {
  return new Intl.DateTimeFormat(localeOf[language], { weekday: "short", timeZone: "UTC" }).format(Date.UTC(2026, 5, 1 + day));
}

/** Value of a `datetime-local` field for an instant, on the regulator's clock; seconds where there are some. */
export function toRegulatorField(timeMs: number): string {
  const text = new Date(timeMs - BEHIND_UTC_MS).toISOString();
  return text.slice(0, text.slice(17, 19) === "00" ? 16 : 19);
}

/** Instant of such a field's value; null where it is none. */
export function fromRegulatorField(text: string): number | null {
  const timeMs = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?$/.test(text) ? Date.parse(`${text}Z`) : Number.NaN;
  return Number.isNaN(timeMs) ? null : timeMs + BEHIND_UTC_MS;
}
