import { formatInstant, type LatestFact } from "@caudal/core";
import { z } from "zod";
import { unlistedVariable, type PointInfo } from "../points/point-directory.ts";
import { SECOND_US } from "../buckets/calendar.ts";

export const valueSchema = z.object({
  variable: z.string(), unit: z.string(), time: z.string().describe("RFC 3339, UTC."), value: z.number().nullable(),
  flag: z.int().describe("QARTOD: 1 good, 2 not evaluated, 3 suspect, 4 bad."), reasons: z.array(z.string()),
  ageS: z.number().describe("Seconds before the request; less than zero where the device's clock is ahead."),
});

export const pointLatestSchema = z.object({ point: z.string(), values: z.array(valueSchema) });

export type PointLatest = z.output<typeof pointLatestSchema>;

/** Values in the directory's order, then those of variables that it does not name. */
export function latestReply(info: PointInfo, facts: readonly LatestFact[], nowUs: number): PointLatest {
  const order = new Map(info.variables.map(({ variable }, index) => [variable, index]));
  const place = (variable: string): number => order.get(variable) ?? order.size;
  const inOrder = facts.toSorted((a, b) => place(a.variable) - place(b.variable) || (a.variable < b.variable ? -1 : 1));
  return {
    point: info.key.point,
    values: inOrder.map(({ variable, instantUs, value, flag, reasons }) => ({
      variable, unit: (info.variables.find((listed) => listed.variable === variable) ?? unlistedVariable(variable)).unit,
      time: formatInstant(instantUs), value, flag, reasons: [...reasons], ageS: Math.round((nowUs - instantUs) / (SECOND_US / 1000)) / 1000,
    })),
  };
}
