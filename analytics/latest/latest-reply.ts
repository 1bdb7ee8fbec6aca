import { formatInstant, type LatestFact } from "@caudal/core";
import { z } from "zod";
import { unlistedVariable, type PointInfo } from "../points/point-directory.ts";
import { SECOND_US } from "../buckets/calendar.ts";
import { connectionOf, isStale } from "./connection.ts";

export const valueSchema = z.object({
  variable: z.string(), unit: z.string(), time: z.string().describe("RFC 3339, UTC."), value: z.number().nullable(),
  flag: z.int().describe("QARTOD: 1 good, 2 not evaluated, 3 suspect, 4 bad."), reasons: z.array(z.string()),
  ageS: z.number().describe("Seconds before the request; less than zero where the device's clock is ahead."),
  stale: z.boolean().describe("More than 24 hours behind the newest value of the point: this variable stopped, whatever the others do."),
});

export const pointLatestSchema = z.object({
  point: z.string(),
  newest: z.string().nullable().describe("Newest time that a source itself gave, over all variables but those that another device feeds beside its own points; null of a point that never sent one."),
  daysWithoutConnection: z.int().nullable().describe("Whole days since `newest`; null of a point that never sent: that is not zero days."),
  values: z.array(valueSchema),
});

export type PointLatest = z.output<typeof pointLatestSchema>;

/** Values in the directory's order, then those of variables that it does not name. */
export function latestReply(info: PointInfo, facts: readonly LatestFact[], nowUs: number): PointLatest {
  const order = new Map(info.variables.map(({ variable }, index) => [variable, index]));
  const place = (variable: string): number => order.get(variable) ?? order.size;
  const inOrder = facts.toSorted((a, b) => place(a.variable) - place(b.variable) || (a.variable < b.variable ? -1 : 1));
  const beside = new Set(info.variables.filter(({ isBeside }) => isBeside === true).map(({ variable }) => variable));
  const own = beside.size === 0 ? facts : facts.filter(({ variable }) => !beside.has(variable));
  const { newestUs, days } = connectionOf(own, nowUs);
  const timeText = eachOnce(formatInstant);
  return {
    point: info.key.point, newest: newestUs === undefined ? null : timeText(newestUs), daysWithoutConnection: days,
    values: inOrder.map((fact) => {
      const { variable, instantUs, value, flag, reasons } = fact;
      return {
        variable, unit: (info.variables.find((listed) => listed.variable === variable) ?? unlistedVariable(variable)).unit,
        time: timeText(instantUs), value, flag, reasons: [...reasons], ageS: Math.round((nowUs - instantUs) / (SECOND_US / 1000)) / 1000, stale: isStale(fact, own),
      };
    }),
  };
}

/** The values of a point mostly share their instant, which is then written once. */
function eachOnce(write: (instantUs: number) => string): (instantUs: number) => string {
  let last = { instantUs: Number.NaN, text: "" };
  return (instantUs) => {
    if (last.instantUs !== instantUs) last = { instantUs, text: write(instantUs) };
    return last.text;
  };
}
