import { deviceKey, DIRECTORY_CHANNEL, type DeviceRecord, type Directory, type DocumentCollection, type LiveChannel, type Scope, type StoredDocument } from "@caudal/core";
import { defineOperation, listOf, listReply, type Operation, pagingQuery, Problem, siftPage } from "@caudal/runtime";
import { z } from "zod";
import type { AuditTrail } from "../audit/audit-trail.ts";
import type { ParkedDesk } from "../parked/desk.ts";
import { deviceSchema, deviceView, type DeviceView } from "./device-view.ts";
import type { PresenceRecord } from "./presence-record.ts";

export interface DeviceOperationsOptions {
  readonly directory: Directory;
  readonly presence: DocumentCollection<PresenceRecord>;
  readonly desk: ParkedDesk;
  readonly live: LiveChannel;
  readonly audit: AuditTrail;
  readonly nowUs: () => number;
}

const listQuery = z.object({ client: z.string().max(128).optional(), state: z.enum(["active", "waiting"]).optional(), ...pagingQuery });
const nameParams = z.object({ client: z.string().min(1).max(128), device: z.string().min(1).max(256) });

export function deviceOperations({ directory, presence, desk, live, audit, nowUs }: DeviceOperationsOptions): Operation[] {
  const { devices } = directory.collections;
  const viewed = async (scope: Scope, stored: readonly StoredDocument<DeviceRecord>[]): Promise<DeviceView[]> => {
    const known = new Map((await presence.getMany(scope, stored.map(({ id }) => id))).map(({ id, body }) => [id, body]));
    return Promise.all(stored.map(async ({ id, body }) => deviceView(body, known.get(id), body.state === "waiting" ? await desk.kept(scope, body) : null)));
  };

  return [
    defineOperation({
      method: "GET", path: "/api/v1/devices", operationId: "listDevices", tag: "devices", permission: "read",
      summary: { en: "Devices, those that wait for adoption among them", es: "Dispositivos, también los que esperan adopción" },
      query: listQuery,
      replies: { 200: { description: "Devices", schema: listOf(deviceSchema) } },
      handle: async ({ scope, query: { client, state, ...paging } }) => {
        // The store finds by one of the two; waiting devices are few, so state goes first.
        const where: Record<string, string> = state !== undefined ? { state } : client !== undefined ? { client } : {};
        const fits = state !== undefined && client !== undefined ? ({ body }: StoredDocument<DeviceRecord>): boolean => body.client === client : undefined;
        const page = await siftPage({ ...paging, fits }, (at) => devices.find(scope, { where, ...at }));
        return listReply({ ...page, items: await viewed(scope, page.items) }, (view) => view);
      },
    }),
    defineOperation({
      method: "POST", path: "/api/v1/devices/{client}/{device}/adopt", operationId: "adoptDevice", tag: "devices", permission: "configure", params: nameParams,
      summary: { en: "Take a waiting device in, and process what it has sent", es: "Adopta un dispositivo en espera y procesa lo que ha enviado" },
      replies: { 200: { description: "The device; `replayed` of its readings were handed over", schema: deviceSchema.extend({ replayed: z.number() }) } },
      handle: async ({ principal, scope, params: { client, device }, signal }) => {
        const id = deviceKey(client, device);
        const stored = await devices.get(scope, id);
        if (stored === undefined) throw new Problem("device-not-found", { field: "params.device", detail: id });
        const adopted = await directory.adopt(client, device, { by: "person", keys: [], labels: stored.body.labels, atUs: nowUs() });
        await audit.record(principal, { client, action: "device.adopt", target: id, change: null });
        // A nudge that is lost is made up: mapping reads a device anew that it does not know as active.
        await live.publish(DIRECTORY_CHANNEL, id).catch(() => undefined);
        const { replayed } = await desk.replayAll(principal, { clients: [client] }, { filter: { client, reason: "unknown-device", device }, signal });
        const [view] = await viewed(scope, [adopted]);
        return { status: 200, body: { ...view, replayed } };
      },
    }),
  ];
}
