import { marginMs } from "../outbound/budget.ts";
import type { BudgetUse } from "../outbound/calls.ts";

/** What a budget lets out of a poll that a person asks for. */
export interface PollPlan {
  readonly devices: number;
  readonly calls: number;
  /** Of these, at once; a device counts when all its calls do. */
  readonly devicesNow: number;
  readonly callsNow: number;
  /** From now until the last of the rest may go out, if nothing else asks meanwhile; 0 where there is no rest. */
  readonly restMs: number;
}

/** Which calls of a poll go out now, and when the rest is due. `callsOf`: how many each device takes, in the order they are asked. */
export function planPoll(callsOf: readonly number[], budget: readonly BudgetUse[]): PollPlan {
  const calls = callsOf.reduce((sum, each) => sum + each, 0);
  const callsNow = Math.max(0, budget.reduce((least, window) => Math.min(least, window.calls - window.used), calls));
  let devicesNow = 0;
  for (let left = callsNow; devicesNow < callsOf.length && callsOf[devicesNow]! <= left; devicesNow++) left -= callsOf[devicesNow]!;
  const waits = budget.map(({ calls: allowed, perMs, used }) => Math.max(0, Math.ceil((used + calls - allowed) / allowed)) * (perMs + marginMs(perMs)));
  return { devices: callsOf.length, calls, devicesNow, callsNow, restMs: Math.max(0, ...waits) };
}
