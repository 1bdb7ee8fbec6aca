import { deviceKey, formatInstant, systemScope, type Directory, type DocumentCollection } from "@caudal/core";
import type { DevicePresence } from "@caudal/schemas";
import type { PresenceRecord } from "./presence-record.ts";
import { afterData, afterSilence, configuredPeriods, defaultSilence, noPulse, silenceEvent, type Pulse, type SilenceRule } from "./silence.ts";

function pulseOf(record: PresenceRecord | undefined): Pulse {
  const { newestUs = null, gapsUs = [], periodUs = null, silentAfterUs = null, silentSinceUs = null } = record ?? noPulse;
  return { newestUs, gapsUs, periodUs, silentAfterUs, silentSinceUs };
}

interface Rules {
  readonly rule: SilenceRule;
  /** By `deviceKey`. */
  readonly periods: ReadonlyMap<string, number>;
}

/** What is known after an event. One that is older than the newest is a repeat, and changes nothing. */
function apply(before: PresenceRecord | undefined, event: DevicePresence, { rule, periods }: Rules): PresenceRecord | undefined {
  const { client, device, source, transport, kind, detail, observedAtUs, receivedAtUs } = event;
  // Words about data, from this service itself: nobody was heard.
  if (kind === "silent") return before === undefined ? undefined : { ...before, ...afterSilence(pulseOf(before), observedAtUs) };
  if (kind === "back") return before;
  if (before !== undefined && receivedAtUs < before.lastSeenAtUs) return before;
  const known = before?.presence ?? "unknown";
  const base = { client, device, source, transport, lastSeenAtUs: receivedAtUs, ...pulseOf(before) };
  if (kind === "online") return { ...base, presence: "online", detail: "" };
  if (kind === "offline") return { ...base, presence: "offline", detail };
  if (kind === "refused") return { ...base, presence: known, detail };
  const data = { timeUs: observedAtUs ?? receivedAtUs, receivedAtUs, configuredUs: periods.get(deviceKey(client, device)) ?? null };
  return { ...base, ...afterData(pulseOf(before), data, rule), presence: known, detail: "" };
}

export interface PresenceProjection {
  readonly records: DocumentCollection<PresenceRecord>;
  readonly directory: Directory;
  readonly rule?: SilenceRule;
  /** Called with the words of those who came back, before what is known of them is stored. */
  readonly tell: (events: readonly DevicePresence[]) => Promise<void>;
}

/** Brings what is known of devices up to date; events of one device are in order, and a repeat changes nothing. */
export async function projectPresence({ records, directory, rule = defaultSilence, tell }: PresenceProjection, events: readonly DevicePresence[]): Promise<void> {
  const ids = [...new Set(events.map(({ client, device }) => deviceKey(client, device)))];
  if (ids.length === 0) return;
  const before = new Map((await records.getMany(systemScope, ids)).map(({ id, body }) => [id, body]));
  const after = new Map(before);
  const periods = await configuredPeriods(directory, [...new Set(events.filter(({ kind }) => kind === "seen").map(({ client, device }) => deviceKey(client, device)))]);
  const back: DevicePresence[] = [];
  for (const event of events) {
    const id = deviceKey(event.client, event.device);
    const was = after.get(id);
    const is = apply(was, event, { rule, periods });
    if (is === undefined) continue;
    after.set(id, is);
    if (typeof was?.silentSinceUs !== "number" || is.silentSinceUs !== null || typeof is.newestUs !== "number") continue;
    back.push(silenceEvent("back", is, { newestUs: is.newestUs, saidAtUs: event.receivedAtUs, detail: `silent since ${formatInstant(was.silentSinceUs)}` }));
  }
  if (back.length > 0) await tell(back);
  const changed = [...after].filter(([id, body]) => JSON.stringify(body) !== JSON.stringify(before.get(id)));
  if (changed.length > 0) await records.putMany(systemScope, changed.map(([id, body]) => ({ id, body })));
}
