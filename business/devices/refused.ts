import { deviceKey, formatInstant, systemScope, type CollectionSpec, type Directory, type DocumentCollection } from "@caudal/core";
import { defineOperation, listOf, listReply, type Operation, pagingQuery } from "@caudal/runtime";
import type { DevicePresence } from "@caudal/schemas";
import { z } from "zod";

/** A device that an edge turned away, and why the last time. Document id: `deviceKey(client, device)`. */
export interface RefusedRecord {
  readonly client: string;
  readonly device: string;
  readonly reason: RefusedReason;
  readonly detail: string;
  readonly source: string;
  readonly transport: string;
  readonly firstAtUs: number;
  readonly lastAtUs: number;
}

const reasons = ["too-large", "identity", "quota"] as const;
type RefusedReason = (typeof reasons)[number];

export const refusedCollection: CollectionSpec = { name: "refused-devices", tenant: true, indexes: [["client", "lastAtUs"], ["lastAtUs"]] };

const KEPT_US = 30 * 24 * 3600 * 1_000_000;
const MAX_KEPT = 10_000;
const PAGE = 500;

/** Why an event says that a device was turned away; before there were several reasons it was always the size of a message. */
export function reasonOf({ labels }: DevicePresence): RefusedReason {
  return reasons.find((reason) => reason === labels["reason"]) ?? "too-large";
}

/** Notes who was turned away. A repeat changes nothing. */
export async function projectRefused(records: DocumentCollection<RefusedRecord>, events: readonly DevicePresence[]): Promise<void> {
  const refused = events.filter(({ kind }) => kind === "refused");
  if (refused.length === 0) return;
  const ids = [...new Set(refused.map(({ client, device }) => deviceKey(client, device)))];
  const known = new Map((await records.getMany(systemScope, ids)).map(({ id, body }) => [id, body]));
  for (const event of refused) {
    const { client, device, detail, source, transport, receivedAtUs } = event;
    const before = known.get(deviceKey(client, device));
    if (before !== undefined && before.lastAtUs >= receivedAtUs) continue;
    known.set(deviceKey(client, device), { client, device, reason: reasonOf(event), detail, source, transport, firstAtUs: before?.firstAtUs ?? receivedAtUs, lastAtUs: receivedAtUs });
  }
  await records.putMany(systemScope, [...known].map(([id, body]) => ({ id, body })));
}

/**
 * Lists devices whose message was too large and that nobody knows yet, as waiting: somebody has to see them. Those that are one too many, or
 * spoke for others, are in the list of the refused alone: the directory is what the quota keeps them out of.
 */
export async function listRefused(directory: Directory, events: readonly DevicePresence[]): Promise<void> {
  const refused = new Map(events.filter((event) => event.kind === "refused" && reasonOf(event) === "too-large").map((event) => [deviceKey(event.client, event.device), event]));
  if (refused.size === 0) return;
  for (const { id } of await directory.devices([...refused.keys()])) refused.delete(id);
  for (const { client, device, receivedAtUs } of refused.values()) await directory.noteWaiting(client, device, { keys: [], labels: {}, atUs: receivedAtUs });
}

/** Forgets those that were last turned away a month ago, and the oldest of too many. */
export async function trimRefused(records: DocumentCollection<RefusedRecord>, nowUs: number): Promise<void> {
  for (;;) {
    const surplus = (await records.count(systemScope)) - MAX_KEPT;
    const { items } = await records.find(systemScope, { orderBy: "lastAtUs", limit: PAGE });
    const going = items.filter(({ body }, at) => at < surplus || body.lastAtUs < nowUs - KEPT_US);
    for (const { id } of going) await records.remove(systemScope, id);
    if (going.length < PAGE) return;
  }
}

const refusedSchema = z.object({
  client: z.string(), device: z.string(), reason: z.enum(reasons).describe("too-large: a message; identity: it spoke for another device; quota: one device too many that nobody knows."),
  detail: z.string(), source: z.string(), transport: z.string(), first: z.string(), last: z.string(),
});

export function refusedOperation(records: DocumentCollection<RefusedRecord>): Operation {
  return defineOperation({
    method: "GET", path: "/api/v1/devices/refused", operationId: "listRefusedDevices", tag: "devices", permission: "read",
    summary: { en: "Devices that an edge turned away, newest first; of very many, some of each hour", es: "Dispositivos que un borde rechazó, los más recientes primero; si son muchísimos, algunos de cada hora" },
    query: z.object({ client: z.string().max(128).optional(), ...pagingQuery }),
    replies: { 200: { description: "Devices, each with why it was last turned away", schema: listOf(refusedSchema) } },
    handle: async ({ scope, query: { client, ...paging } }) => {
      const page = await records.find(scope, { ...(client === undefined ? {} : { where: { client } }), orderBy: "lastAtUs", descending: true, ...definedOnly(paging) });
      return listReply(page, ({ body: { firstAtUs, lastAtUs, ...shown } }) => ({ ...shown, first: formatInstant(firstAtUs), last: formatInstant(lastAtUs) }));
    },
  });
}

function definedOnly({ limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined }): { limit: number; cursor?: string } {
  return cursor === undefined ? { limit } : { limit, cursor };
}
