import { addDecimals, multiplyDecimals } from "@caudal/core";
import type { WaterRight } from "../obras/obra.ts";
import { monthSpan } from "../ledger/regulator-day.ts";

/** L/s that may be taken in a month (`2026-06`); undefined where the right says nothing. */
export function flowRightLps({ flowLps, monthly }: WaterRight, month: string): number | undefined {
  return monthly?.[Number(month.slice(5)) - 1]?.flowLps ?? flowLps;
}

/** m3 of a month: what is granted, or its flow over its seconds. */
export function monthRightM3(right: WaterRight, month: string): number | undefined {
  const volumeM3 = right.monthly?.[Number(month.slice(5)) - 1]?.volumeM3;
  if (volumeM3 !== undefined) return volumeM3;
  const flowLps = flowRightLps(right, month);
  const { fromUs, toUs } = monthSpan(month);
  return flowLps === undefined ? undefined : multiplyDecimals(flowLps, (toUs - fromUs) / 1_000_000 / 1000);
}

/** m3 of the months of a year: the annual grant, else the sum of the months; undefined when a month has none. */
export function annualRightM3(right: WaterRight, months: readonly string[]): number | undefined {
  if (right.annualM3 !== undefined) return right.annualM3;
  let sumM3 = 0;
  for (const month of months) {
    const monthM3 = monthRightM3(right, month);
    if (monthM3 === undefined) return undefined;
    sumM3 = addDecimals(sumM3, monthM3);
  }
  return sumM3;
}
