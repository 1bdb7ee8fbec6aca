import { addDecimals, multiplyDecimals } from "@caudal/core";
import type { WaterRight } from "../obras/obra.ts";

/** The regulator's clock is UTC-4 all year. */
const BEHIND_UTC_US = 4 * 3_600_000_000;
/** No intake takes more without somebody having said so. */
const ABSURD_LPS = 1000;

export type FlowVerdict = "beyond-right" | "absurd-flow";

/** The flow that holder may take at an instant, L/s: the month's own row before the year's. Undefined where no right is set. */
export function rightLps({ flowLps, monthly }: WaterRight, atUs: number): number | undefined {
  const month = new Date((atUs - BEHIND_UTC_US) / 1000).getUTCMonth();
  return monthly?.[month]?.flowLps ?? flowLps;
}

/** What is wrong with a flow of either direction beside the right; undefined when nothing is. */
export function beyondRight(right: WaterRight, flowLps: number, atUs: number): FlowVerdict | undefined {
  const granted = rightLps(right, atUs);
  if (granted === undefined) return Math.abs(flowLps) > ABSURD_LPS ? "absurd-flow" : undefined;
  return Math.abs(flowLps) > multiplyDecimals(granted, addDecimals(1, right.tolerance)) ? "beyond-right" : undefined;
}
