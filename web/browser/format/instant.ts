import { localeOf } from "./number.ts";
import type { Language } from "../text/catalog.ts";

const formats = new Map<string, Intl.DateTimeFormat>();

function format(language: Language, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = language + JSON.stringify(options);
  let found = formats.get(key);
  if (found === undefined) formats.set(key, (found = new Intl.DateTimeFormat(localeOf[language], { hourCycle: "h23", ...options })));
  return found;
}

export interface InstantStyle {
  /** IANA zone; the computer's own where absent. */
  readonly zone?: string;
  /** Seconds are shown unless false. */
  readonly seconds?: boolean;
}

function zoned(style: InstantStyle): Intl.DateTimeFormatOptions {
  return style.zone === undefined ? {} : { timeZone: style.zone };
}

/** Date and time of day: `22 nov 2026, 19:10:03`. */
export function formatInstant(timeMs: number, language: Language, style: InstantStyle = {}): string {
  const seconds: Intl.DateTimeFormatOptions = style.seconds === false ? {} : { second: "2-digit" };
  return format(language, { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", ...seconds, ...zoned(style) }).format(timeMs);
}

export function formatDay(timeMs: number, language: Language, style: InstantStyle = {}): string {
  return format(language, { day: "numeric", month: "short", year: "numeric", ...zoned(style) }).format(timeMs);
}

/** `lun 3`, for the bars of a week or a month. */
export function formatWeekday(timeMs: number, language: Language, style: InstantStyle = {}): string {
  return format(language, { weekday: "short", day: "numeric", ...zoned(style) }).format(timeMs);
}

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

/** Labels of a time axis: as fine as its step, with the day where it changes. */
export function axisLabels(timesMs: readonly number[], stepMs: number, language: Language, style: InstantStyle = {}): string[] {
  let lastDay = "";
  return timesMs.map((timeMs) => {
    const day = format(language, { day: "numeric", month: "short", ...zoned(style) }).format(timeMs);
    const year = format(language, { year: "numeric", ...zoned(style) }).format(timeMs);
    if (stepMs >= 300 * DAY_MS) return year;
    if (stepMs >= 25 * DAY_MS) return `${format(language, { month: "short", ...zoned(style) }).format(timeMs)}\n${year}`;
    if (stepMs >= DAY_MS) return day;
    const clock = format(language, { hour: "2-digit", minute: "2-digit", ...(stepMs < MINUTE_MS ? { second: "2-digit" } : {}), ...zoned(style) }).format(timeMs);
    const label = day === lastDay ? clock : `${clock}\n${day}`;
    lastDay = day;
    return label;
  });
}

const relative = new Map<Language, Intl.RelativeTimeFormat>();

/** How long ago: `hace 3 s`. A time ahead of the clock by less than two seconds counts as now. */
export function formatAge(ageMs: number, language: Language): string {
  let rtf = relative.get(language);
  if (rtf === undefined) relative.set(language, (rtf = new Intl.RelativeTimeFormat(localeOf[language], { style: "narrow", numeric: "always" })));
  const size = Math.abs(ageMs);
  const sign = ageMs < -2_000 ? 1 : -1;
  if (size < 99_500) return rtf.format(sign * (ageMs < 0 && sign === -1 ? 0 : Math.round(size / 1000)), "second");
  if (size < 99.5 * MINUTE_MS) return rtf.format(sign * Math.round(size / MINUTE_MS), "minute");
  if (size < 47.5 * HOUR_MS) return rtf.format(sign * Math.round(size / HOUR_MS), "hour");
  if (size < 730 * DAY_MS) return rtf.format(sign * Math.round(size / DAY_MS), "day");
  return rtf.format(sign * Math.round(size / (365.25 * DAY_MS)), "year");
}

/** A span written with its two largest units: `1 h 30 min`. */
export function formatSpan(spanMs: number, language: Language): string {
  const parts: string[] = [];
  let rest = Math.max(0, Math.round(spanMs / 1000));
  for (const [unit, seconds] of [["day", 86_400], ["hour", 3_600], ["minute", 60], ["second", 1]] as const) {
    const count = Math.floor(rest / seconds);
    rest -= count * seconds;
    if (count > 0) parts.push(new Intl.NumberFormat(localeOf[language], { style: "unit", unit, unitDisplay: "short" }).format(count));
    if (parts.length === 2) break;
  }
  return parts.length === 0 ? new Intl.NumberFormat(localeOf[language], { style: "unit", unit: "second", unitDisplay: "short" }).format(0) : parts.join(" ");
}

/** Value of a `datetime-local` field for an instant, in the computer's own zone. */
export function toFieldValue(timeMs: number): string {
  const date = new Date(timeMs);
  const two = (value: number) => String(value).padStart(2, "0");
  const year = String(date.getFullYear()).padStart(4, "0");
  return `${year}-${two(date.getMonth() + 1)}-${two(date.getDate())}T${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** Instant of a `datetime-local` field's value; null where it is none. */
export function fromFieldValue(text: string): number | null {
  const timeMs = new Date(text).getTime();
  return text === "" || Number.isNaN(timeMs) ? null : timeMs;
}
