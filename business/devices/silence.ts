import { createHash } from "node:crypto";
import { deviceKey, systemScope, type Directory } from "@caudal/core";
import type { DevicePresence } from "@caudal/schemas";
import type { PresenceRecord } from "./presence-record.ts";

/** When a device counts as silent. */
export interface SilenceRule {
  /** Periods without newer data. */
  readonly times: number;
  readonly floorMs: number;
}

export const defaultSilence: SilenceRule = { times: 3, floorMs: 15 * 60_000 };

const GAPS_KEPT = 9;
const GAPS_NEEDED = 3;
const PAGE = 500;

/** What silence is judged by. */
export type Pulse = Required<Pick<PresenceRecord, "newestUs" | "gapsUs" | "periodUs" | "silentAfterUs" | "silentSinceUs">>;

export const noPulse: Pulse = { newestUs: null, gapsUs: [], periodUs: null, silentAfterUs: null, silentSinceUs: null };

/**
 * The pulse after data whose newest source time, over all variables, is `timeUs`. Older data than the newest known change nothing. Data
 * that are themselves long past end no silence: they only say since when it lasts.
 */
export function afterData(before: Pulse, data: { readonly timeUs: number; readonly receivedAtUs: number; readonly configuredUs: number | null }, rule: SilenceRule): Pulse {
  const { receivedAtUs, configuredUs } = data;
  // A clock that is ahead must not make its device look alive tomorrow.
  const timeUs = Math.min(data.timeUs, receivedAtUs);
  const { newestUs } = before;
  if (newestUs !== null && timeUs <= newestUs) return before;
  const gapsUs = newestUs === null ? before.gapsUs : [...before.gapsUs, timeUs - newestUs].slice(-GAPS_KEPT);
  const periodUs = configuredUs ?? learnedPeriodUs(gapsUs);
  const afterUs = periodUs === null ? null : timeUs + Math.max(rule.times * periodUs, rule.floorMs * 1000);
  const isStillSilent = before.silentSinceUs !== null && afterUs !== null && afterUs <= receivedAtUs;
  return { newestUs: timeUs, gapsUs, periodUs, silentAfterUs: isStillSilent ? null : afterUs, silentSinceUs: isStillSilent ? timeUs : null };
}

/** The pulse once a round said that nothing newer came; unchanged when something did meanwhile. */
export function afterSilence(before: Pulse, newestUs: number | null): Pulse {
  return newestUs === null || before.newestUs !== newestUs ? before : { ...before, silentAfterUs: null, silentSinceUs: newestUs };
}

/** The middle of the last steps between newest times; null before there are enough of them. */
function learnedPeriodUs(gapsUs: readonly number[]): number | null {
  if (gapsUs.length < GAPS_NEEDED) return null;
  return gapsUs.toSorted((a, b) => a - b)[Math.floor(gapsUs.length / 2)] ?? null;
}

/** The shortest period that a person gave to a point that each device feeds, by `deviceKey`; devices without one are left out. */
export async function configuredPeriods(directory: Directory, ids: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const found = new Map<string, number>();
  for (let from = 0; from < ids.length; from += PAGE) {
    const devices = await directory.devices(ids.slice(from, from + PAGE));
    const wanted = [...new Set(devices.flatMap(({ body }) => body.entries.map(({ point }) => point)))];
    if (wanted.length === 0) continue;
    const periods = new Map((await directory.collections.points.getMany(systemScope, wanted)).map(({ id, body }) => [id, body.periodS]));
    for (const { id, body } of devices) {
      for (const { point } of body.entries) {
        const periodS = periods.get(point);
        if (periodS !== undefined && periodS !== null) found.set(id, Math.min(found.get(id) ?? Infinity, periodS * 1e6));
      }
    }
  }
  return found;
}

/** A word about silence. The same newest data give the same event, however often and by whomever it is said. */
export function silenceEvent(kind: "silent" | "back", record: PresenceRecord, at: { readonly newestUs: number; readonly saidAtUs: number; readonly detail: string }): DevicePresence {
  const { client, device, source, transport } = record;
  const eventId = createHash("sha256").update(JSON.stringify([kind, deviceKey(client, device), at.newestUs])).digest("hex").slice(0, 32);
  return { eventId, client, device, kind, source, transport, observedAtUs: at.newestUs, receivedAtUs: at.saidAtUs, detail: at.detail, labels: {} };
}
