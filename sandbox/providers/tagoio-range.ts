import { parseTime } from "./time-text.ts";

const FAR_MS = 8.64e15;

export interface Asked {
  readonly fromMs: number;
  readonly toMs: number;
  readonly hasStart: boolean;
  /** True when either end was given. */
  readonly bounded: boolean;
}

const spans: Readonly<Record<string, number>> = { second: 1000, minute: 60_000, hour: 3_600_000, day: 86_400_000, week: 604_800_000, month: 2_592_000_000, year: 31_536_000_000 };

/** ISO, or how long ago: `1 day`, `30 minutes`. */
function dateOf(text: string, nowMs: number): number | undefined {
  const [, count, span] = /^(\d{1,6}) (second|minute|hour|day|week|month|year)s?$/.exec(text.trim()) ?? [];
  return count === undefined || span === undefined ? parseTime(text, "UTC") : nowMs - Number(count) * (spans[span] ?? 0);
}

/** Both ends belong to it. Undefined when one cannot be read. */
export function ranged(query: URLSearchParams, nowMs: number): Asked | undefined {
  const [start, end] = [query.get("start_date"), query.get("end_date")];
  const [fromMs, toMs] = [start === null ? -FAR_MS : dateOf(start, nowMs), end === null ? nowMs : dateOf(end, nowMs)];
  return fromMs === undefined || toMs === undefined ? undefined : { fromMs, toMs: toMs + 1, hasStart: start !== null, bounded: start !== null || end !== null };
}
