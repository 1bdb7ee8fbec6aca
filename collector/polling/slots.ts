import { createHash } from "node:crypto";
import { CaudalError } from "@caudal/core";
import { Cron } from "croner";
import type { Cadence } from "../providers/account.ts";

/** The instants at which a device is due, in microseconds since 1970 UTC. They follow from cadence and name alone: runs do not drift, and a restart changes none. */
export interface Slots {
  /** The first after `afterUs`; Infinity when there is none any more. */
  next(afterUs: number): number;
  /** The last at or before `atUs`; -Infinity when there was none. */
  last(atUs: number): number;
  /** From the slot in force at `atUs` to the one after it. */
  periodUs(atUs: number): number;
}

/** The rest of a period is the jitter's, so that no slot reaches into the next. */
const SPREAD_SHARE = 0.95;
const MAX_JITTER_US = 5_000_000;
/** A person who writes a cron pattern means that minute: devices spread within it. */
const CRON_SPREAD_US = 50_000_000;

/** `name` tells devices apart: each has its own stable place in the period, so that a thousand hourly devices do not ask at minute 0. CaudalError "setting" on a bad pattern. */
export function slotsOf(cadence: Cadence, name: string): Slots {
  return cadence.kind === "every" ? everySlots(cadence.ms * 1000, name) : cronSlots(cadence, name);
}

function everySlots(periodUs: number, name: string): Slots {
  const offsetUs = fractionOf(name) * periodUs * SPREAD_SHARE;
  const jitterUs = Math.min(periodUs * (1 - SPREAD_SHARE), MAX_JITTER_US);
  const dueUs = (slot: number): number => Math.round(slot * periodUs + offsetUs + fractionOf(`${name}#${slot}`) * jitterUs);
  const slotAt = (atUs: number): number => {
    const slot = Math.floor((atUs - offsetUs) / periodUs);
    return dueUs(slot) <= atUs ? slot : slot - 1;
  };
  return { next: (afterUs) => dueUs(slotAt(afterUs) + 1), last: (atUs) => dueUs(slotAt(atUs)), periodUs: () => periodUs };
}

function cronSlots({ pattern, zone }: { readonly pattern: string; readonly zone: string }, name: string): Slots {
  let cron: Cron;
  try {
    cron = new Cron(pattern, { timezone: zone });
  } catch (cause) {
    throw new CaudalError("setting", `"${pattern}" is not a cron pattern`, { cause });
  }
  const [first, second] = cron.nextRuns(2, new Date(0));
  const gapUs = first === undefined || second === undefined ? CRON_SPREAD_US : (second.getTime() - first.getTime()) * 1000;
  const offsetUs = Math.round(fractionOf(name) * Math.min(CRON_SPREAD_US, gapUs * SPREAD_SHARE));
  const instantUs = (run: Date | null | undefined): number | undefined => (run == null ? undefined : run.getTime() * 1000 + offsetUs);
  const dateOf = (atUs: number): Date => new Date(Math.floor((atUs - offsetUs) / 1000));
  const slots: Slots = {
    next: (afterUs) => instantUs(cron.nextRun(dateOf(afterUs))) ?? Number.POSITIVE_INFINITY,
    // What runs "before" an instant is asked for a millisecond later, so that a run at the instant itself counts.
    last: (atUs) => instantUs(cron.previousRuns(1, new Date(dateOf(atUs).getTime() + 1))[0]) ?? Number.NEGATIVE_INFINITY,
    periodUs: (atUs) => {
      const next = slots.next(atUs);
      return slots.next(next) - next;
    },
  };
  return slots;
}

/** 0 <= fraction < 1, the same for the same text for ever. */
function fractionOf(text: string): number {
  return createHash("sha256").update(text).digest().readUInt32BE(0) / 2 ** 32;
}
