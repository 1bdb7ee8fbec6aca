import { deviceKey, systemScope, type CollectionSpec, type Directory, type DocumentCollection } from "@caudal/core";
import type { DevicePresence } from "@caudal/schemas";

/** What was last heard of a device. Document id: `deviceKey(client, device)`. One writer: the group that reads caudal.devices. */
export interface PresenceRecord {
  readonly client: string;
  readonly device: string;
  readonly presence: "online" | "offline" | "unknown";
  readonly lastSeenAtUs: number;
  readonly source: string;
  readonly transport: string;
  /** Why it was refused or went away; empty when nothing is wrong. */
  readonly detail: string;
}

export const presenceCollection: CollectionSpec = { name: "device-presence", tenant: true, indexes: [["client", "device"], ["lastSeenAtUs"]] };

/** What is known after an event. One that is older than the newest is a repeat, and changes nothing. */
function apply(before: PresenceRecord | undefined, event: DevicePresence): PresenceRecord {
  const { client, device, source, transport, kind, detail, receivedAtUs } = event;
  if (before !== undefined && receivedAtUs < before.lastSeenAtUs) return before;
  const known = before?.presence ?? "unknown";
  const base = { client, device, source, transport, lastSeenAtUs: receivedAtUs };
  if (kind === "online") return { ...base, presence: "online", detail: "" };
  if (kind === "offline") return { ...base, presence: "offline", detail };
  if (kind === "refused") return { ...base, presence: known, detail };
  return { ...base, presence: known, detail: "" };
}

/** Brings what is known of devices up to date; events of one device are in order, and a repeat changes nothing. */
export async function projectPresence(records: DocumentCollection<PresenceRecord>, events: readonly DevicePresence[]): Promise<void> {
  const ids = [...new Set(events.map(({ client, device }) => deviceKey(client, device)))];
  const before = new Map((await records.getMany(systemScope, ids)).map(({ id, body }) => [id, body]));
  const after = new Map(before);
  for (const event of events) {
    const id = deviceKey(event.client, event.device);
    after.set(id, apply(after.get(id), event));
  }
  const changed = [...after].filter(([id, body]) => JSON.stringify(body) !== JSON.stringify(before.get(id)));
  if (changed.length > 0) await records.putMany(systemScope, changed.map(([id, body]) => ({ id, body })));
}

/** Lists devices that were turned away and that nobody knows yet, as waiting: somebody has to see them. */
export async function listRefused(directory: Directory, events: readonly DevicePresence[]): Promise<void> {
  const refused = new Map(events.filter(({ kind }) => kind === "refused").map((event) => [deviceKey(event.client, event.device), event]));
  if (refused.size === 0) return;
  for (const { id } of await directory.devices([...refused.keys()])) refused.delete(id);
  for (const { client, device, receivedAtUs, labels } of refused.values()) await directory.noteWaiting(client, device, { keys: [], labels, atUs: receivedAtUs });
}
