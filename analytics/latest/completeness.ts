import type { Scope } from "@caudal/core";
import { createCalendar, DAY_US, type Span } from "../buckets/calendar.ts";
import { TimeText } from "../formats/time-text.ts";
import type { Coverage } from "../history/coverage.ts";
import type { History } from "../history/history.ts";
import type { PointInfo } from "../points/point-directory.ts";

export interface DayCompleteness extends Coverage {
  /** `2026-11-22`. */
  readonly day: string;
}

/** Of the last `days` calendar days of the zone, today's as far as it is, oldest first. */
export async function completenessByDay(history: History, info: PointInfo, options: { readonly scope: Scope; readonly zone: string; readonly days: number; readonly nowUs: number }): Promise<DayCompleteness[]> {
  const { scope, zone, nowUs } = options;
  const days = lastDays(zone, options.days, nowUs);
  const planned = await history.plan({ scope, info, columns: info.variables, resolution: "1d", zone, fromUs: days[0]!.fromUs, toUs: days.at(-1)!.toUs });
  const found = new Map<number, Coverage>();
  for await (const rows of planned.bucketRows({ fromUs: planned.span.fromUs })) {
    for (const row of rows) found.set(row.fromUs, planned.expectation.coverage(planned.columns, row, row.cells));
  }
  const times = new TimeText(zone);
  return days.map((day) => ({
    day: times.format(day.fromUs).slice(0, 10), ...(found.get(day.fromUs) ?? planned.expectation.coverage(planned.columns, day, [])),
  }));
}

/** Of the 24 hours before now. */
export async function completeness24h(history: History, info: PointInfo, scope: Scope, nowUs: number): Promise<Coverage> {
  const planned = await history.plan({ scope, info, columns: info.variables, resolution: "raw", zone: "UTC", fromUs: nowUs - DAY_US, toUs: nowUs });
  return planned.coverage();
}

function lastDays(zone: string, count: number, nowUs: number): Span[] {
  const calendar = createCalendar("1d", zone);
  const days = [calendar.spanAt(nowUs)];
  while (days.length < count) days.unshift(calendar.spanAt(days[0]!.fromUs - 1));
  return days;
}
