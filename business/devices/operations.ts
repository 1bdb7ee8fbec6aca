import { deviceKey, DIRECTORY_CHANNEL, formatInstant, type DeviceRecord, type Directory, type DocumentCollection, type LiveChannel, type StoredDocument } from "@caudal/core";
import { defineOperation, Problem, type Operation } from "@caudal/runtime";
import { z } from "zod";
import type { AuditTrail } from "../audit/audit-trail.ts";
import { listOf, listReply, pageOf, pagingQuery } from "../list-reply.ts";
import type { ParkedDesk } from "../parked/desk.ts";
import type { PresenceRecord } from "./presence.ts";

export interface DeviceOperationsOptions {
  readonly directory: Directory;
  readonly presence: DocumentCollection<PresenceRecord>;
  readonly desk: ParkedDesk;
  readonly live: LiveChannel;
  readonly audit: AuditTrail;
  readonly nowUs: () => number;
}

const deviceSchema = z.object({
  client: z.string(), device: z.string(), state: z.enum(["active", "waiting"]), transport: z.string(), source: z.string(),
  firstSeen: z.string(), lastSeen: z.string().nullable(), presence: z.enum(["online", "offline", "unknown"]), detail: z.string(),
  keys: z.array(z.object({ key: z.string(), variable: z.string(), unit: z.string(), guessed: z.boolean(), point: z.string() })),
  points: z.array(z.string()), labels: z.record(z.string(), z.string()),
});

function deviceView({ body }: StoredDocument<DeviceRecord>, presence: PresenceRecord | undefined): z.input<typeof deviceSchema> {
  const { client, device, state, entries, keysSeen, labels, firstSeenAtUs } = body;
  const keys = entries.map(({ key, variable, unit, guessed, point }) => ({ key, variable, unit, guessed, point }));
  const waiting = keysSeen.map((key) => ({ key, variable: "", unit: "", guessed: true, point: "" }));
  return {
    client, device, state, transport: presence?.transport ?? "", source: presence?.source ?? "", firstSeen: formatInstant(firstSeenAtUs),
    lastSeen: presence === undefined ? null : formatInstant(presence.lastSeenAtUs), presence: presence?.presence ?? "unknown", detail: presence?.detail ?? "",
    keys: [...keys, ...waiting], points: [...new Set(entries.map((entry) => entry.point))], labels,
  };
}

export function deviceOperations({ directory, presence, desk, live, audit, nowUs }: DeviceOperationsOptions): Operation[] {
  const { devices } = directory.collections;
  return [
    defineOperation({
      method: "GET", path: "/api/v1/devices", operationId: "listDevices", tag: "devices", permission: "read",
      summary: { en: "Devices, those that wait for adoption among them", es: "Dispositivos, también los que esperan adopción" },
      query: z.object({ client: z.string().max(128).optional(), state: z.enum(["active", "waiting"]).optional(), ...pagingQuery }),
      replies: { 200: { description: "Devices", schema: listOf(deviceSchema) } },
      handle: async ({ scope, query }) => {
        const where: Record<string, string> = query.state !== undefined ? { state: query.state } : query.client !== undefined ? { client: query.client } : {};
        const page = await devices.find(scope, { where, ...pageOf(query) });
        const items = page.items.filter(({ body }) => query.client === undefined || body.client === query.client);
        const known = new Map((await presence.getMany(scope, items.map(({ id }) => id))).map(({ id, body }) => [id, body]));
        return listReply({ ...page, items }, (stored) => deviceView(stored, known.get(stored.id)));
      },
    }),
    defineOperation({
      method: "POST", path: "/api/v1/devices/{client}/{device}/adopt", operationId: "adoptDevice", tag: "devices", permission: "configure",
      summary: { en: "Take a waiting device in, and process what it has sent", es: "Adopta un dispositivo en espera y procesa lo que ha enviado" },
      params: z.object({ client: z.string().min(1).max(128), device: z.string().min(1).max(256) }),
      replies: { 200: { description: "The device; `replayed` of its readings were handed over", schema: deviceSchema.extend({ replayed: z.number() }) } },
      handle: async ({ principal, scope, params: { client, device } }) => {
        const id = deviceKey(client, device);
        const stored = await devices.get(scope, id);
        if (stored === undefined) throw new Problem("not-found", { field: "device" });
        const adopted = await directory.adopt(client, device, { by: "person", keys: [], labels: stored.body.labels, atUs: nowUs() });
        await audit.record(principal, { client, action: "device.adopt", target: id, change: null });
        await live.publish(DIRECTORY_CHANNEL, id);
        const { replayed } = await desk.replayAll(principal, { clients: [client] }, { client, reason: "unknown-device", device });
        return { status: 200, body: { ...deviceView(adopted, (await presence.get(scope, id))?.body), replayed } };
      },
    }),
  ];
}
