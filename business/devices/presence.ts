import { deviceKey, systemScope, type CollectionSpec, type DocumentCollection } from "@caudal/core";
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

function apply(before: PresenceRecord | undefined, event: DevicePresence): PresenceRecord {
  const { client, device, source, transport, kind, detail } = event;
  const lastSeenAtUs = Math.max(before?.lastSeenAtUs ?? 0, event.receivedAtUs);
  const base = { client, device, source, transport, lastSeenAtUs };
  if (kind === "online") return { ...base, presence: "online", detail: "" };
  if (kind === "offline" || kind === "refused") return { ...base, presence: kind === "offline" ? "offline" : (before?.presence ?? "unknown"), detail };
  return { ...base, presence: before?.presence ?? "unknown", detail: "" };
}

/** Brings what is known of devices up to date; events of one device are in order, and a repeat changes nothing. */
export async function projectPresence(records: DocumentCollection<PresenceRecord>, events: readonly DevicePresence[]): Promise<void> {
  const ids = [...new Set(events.map(({ client, device }) => deviceKey(client, device)))];
  const known = new Map((await records.getMany(systemScope, ids)).map(({ id, body }) => [id, body]));
  for (const event of events) {
    const id = deviceKey(event.client, event.device);
    known.set(id, apply(known.get(id), event));
  }
  await records.putMany(systemScope, ids.flatMap((id) => {
    const body = known.get(id);
    return body === undefined ? [] : [{ id, body }];
  }));
}
