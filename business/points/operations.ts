import {
  deviceKey, DIRECTORY_CHANNEL, parseInstant, units, variables,
  type DeviceRecord, type Directory, type KeyChange, type LiveChannel, type Page, type PointChange, type PointRecord, type Scope, type StoredDocument,
} from "@caudal/core";
import { checkIfMatch, defineOperation, Problem, versionEtag, type Operation, type Reply } from "@caudal/runtime";
import { z } from "zod";
import type { AuditTrail } from "../audit/audit-trail.ts";
import { listOf, listReply, pageOf, pagingQuery } from "../list-reply.ts";
import { pointSchema, pointView } from "./point-view.ts";

export interface PointOperationsOptions {
  readonly directory: Directory;
  readonly live: LiveChannel;
  readonly audit: AuditTrail;
  readonly nowUs: () => number;
}

const idParams = z.object({ id: z.string().min(1).max(64) });
const limitChange = z.number().nullable().optional();
const changeSchema = z.strictObject({
  name: z.string().max(200).optional(),
  periodS: z.number().nullable().optional(),
  variables: z.array(z.strictObject({
    key: z.string().min(1).max(256), channel: z.string().max(64).optional(), point: z.string().max(64).optional(), variable: z.string().max(64).optional(), unit: z.string().max(32).optional(),
    ignored: z.boolean().optional(), validFrom: z.string().max(40).nullable().optional(), min: limitChange, max: limitChange, maxRatePerS: limitChange, flatLineS: limitChange,
  })).max(1024).optional(),
});

function given<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as { [K in keyof T]: Exclude<T[K], undefined> };
}

function keyChange({ validFrom, ...change }: NonNullable<z.output<typeof changeSchema>["variables"]>[number], index: number): KeyChange {
  if (validFrom === undefined || validFrom === null) return given({ ...change, validFromUs: validFrom });
  const validFromUs = parseInstant(validFrom);
  if (validFromUs === undefined) throw new Problem("invalid-body", { field: `body.variables.${index}.validFrom`, detail: { en: "not an RFC 3339 time", es: "no es una hora RFC 3339" } });
  return given({ ...change, validFromUs });
}

/** Points with the devices that feed them, in one read a page. */
async function withDevices(directory: Directory, points: readonly StoredDocument<PointRecord>[]): Promise<ReadonlyMap<string, DeviceRecord>> {
  const devices = await directory.devices([...new Set(points.map(({ body }) => deviceKey(body.client, body.device)))]);
  return new Map(devices.map(({ id, body }) => [id, body]));
}

export function pointOperations({ directory, live, audit, nowUs }: PointOperationsOptions): Operation[] {
  const { points } = directory.collections;
  const one = async (scope: Scope, id: string): Promise<Reply> => {
    const stored = await points.get(scope, id);
    if (stored === undefined) throw new Problem("not-found", { field: "id" });
    const device = await directory.device(stored.body.client, stored.body.device);
    return { status: 200, body: pointView(stored, device?.body), headers: { ETag: versionEtag(stored.version) } };
  };
  const search = async (scope: Scope, query: { client?: string | undefined; q?: string | undefined; limit: number; cursor?: string | undefined }): Promise<Page<StoredDocument<PointRecord>>> => {
    const where = query.client === undefined ? {} : { where: { client: query.client } };
    const page = await points.find(scope, { ...where, orderBy: "name", ...pageOf(query) });
    const words = query.q?.toLocaleLowerCase();
    if (words === undefined || words === "") return page;
    const items = page.items.filter(({ id, body }) => [id, body.name, body.device, body.client].some((text) => text.toLocaleLowerCase().includes(words)));
    return page.next === undefined ? { items } : { items, next: page.next };
  };

  return [
    defineOperation({
      method: "GET", path: "/api/v1/points", operationId: "listPoints", tag: "points", permission: "read",
      summary: { en: "Measurement points, by name", es: "Puntos de medición, por nombre" },
      query: z.object({ client: z.string().max(128).optional(), q: z.string().max(200).optional(), ...pagingQuery }),
      replies: { 200: { description: "Points", schema: listOf(pointSchema) } },
      handle: async ({ scope, query }) => {
        const page = await search(scope, query);
        const devices = await withDevices(directory, page.items);
        return listReply(page, (stored) => pointView(stored, devices.get(deviceKey(stored.body.client, stored.body.device))));
      },
    }),
    defineOperation({
      method: "GET", path: "/api/v1/points/{id}", operationId: "getPoint", tag: "points", permission: "read", params: idParams,
      summary: { en: "A measurement point", es: "Un punto de medición" },
      replies: { 200: { description: "The point", schema: pointSchema } },
      handle: ({ scope, params }) => one(scope, params.id),
    }),
    defineOperation({
      method: "PUT", path: "/api/v1/points/{id}/config", operationId: "configurePoint", tag: "points", permission: "configure", params: idParams, body: changeSchema,
      summary: { en: "Rename a point, say what its keys mean, set its limits", es: "Renombra un punto, define qué significan sus claves, fija sus límites" },
      replies: { 200: { description: "The point as it is now", schema: pointSchema }, 412: { description: "The point moved on since If-Match" } },
      handle: async ({ principal, scope, params, body, headers }) => {
        const before = await points.get(scope, params.id);
        if (before === undefined) throw new Problem("not-found", { field: "id" });
        checkIfMatch(headers, before.version);
        const { name, periodS, variables: keys } = body;
        const change: PointChange = given({ name, periodS, variables: keys?.map(keyChange) });
        const expected = headers["if-match"] === undefined ? {} : { expectedVersion: before.version };
        const { point, device, mappingChanged } = await directory.configure(params.id, change, { scope, by: principal.name, atUs: nowUs(), ...expected });
        await audit.record(principal, { client: point.body.client, action: "point.configure", target: point.id, change: body });
        if (mappingChanged) await live.publish(DIRECTORY_CHANNEL, deviceKey(point.body.client, point.body.device));
        return { status: 200, body: pointView(point, device?.body), headers: { ETag: versionEtag(point.version) } };
      },
    }),
    defineOperation({
      method: "GET", path: "/api/v1/variables", operationId: "listVariables", tag: "points", permission: "read",
      summary: { en: "Variables that Caudal knows", es: "Variables que Caudal conoce" },
      replies: { 200: { description: "Variables", schema: z.object({ items: z.array(z.object({ id: z.string(), kind: z.string(), unit: z.string(), name: z.object({ en: z.string(), es: z.string() }) })), next: z.null() }) } },
      handle: () => ({ status: 200, body: { items: variables.map(({ id, kind, unit, name }) => ({ id, kind, unit, name })), next: null } }),
    }),
    defineOperation({
      method: "GET", path: "/api/v1/units", operationId: "listUnits", tag: "points", permission: "read",
      summary: { en: "Units that Caudal converts", es: "Unidades que Caudal convierte" },
      replies: { 200: { description: "Units", schema: z.object({ items: z.array(z.object({ code: z.string(), quantity: z.string() })), next: z.null() }) } },
      handle: () => ({ status: 200, body: { items: units.map(({ code, quantity }) => ({ code, quantity })), next: null } }),
    }),
  ];
}
