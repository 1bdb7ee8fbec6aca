import { deviceKey, DIRECTORY_CHANNEL, formatInstant, hasCode, MAX_POINTS_PER_KEY, newestEntry, parseInstant, RefusedChange, type DeviceRecord, type Directory, type DirectoryFeed, type FeedChange, type FeedsSet, type LiveChannel } from "@caudal/core";
import { defineOperation, listOf, listReply, type Operation, pagingQuery, Problem } from "@caudal/runtime";
import { z } from "zod";
import type { AuditTrail } from "../audit/audit-trail.ts";
import { problemOf } from "../points/refusals.ts";

export interface FeedOperationsOptions {
  readonly directory: Directory;
  readonly live: LiveChannel;
  readonly audit: AuditTrail;
  readonly nowUs: () => number;
}

/** Makes digits of instants before 1970 that are in order too. */
const LONG_AGO_US = 4_000_000_000_000_000;

const nameParams = z.object({ client: z.string().min(1).max(128), device: z.string().min(1).max(256) });
const instant = z.string().max(40).nullable().optional();

const feedSchema = z.object({
  key: z.string(), point: z.string(), name: z.string().nullable().describe("Of the point; null where the client has none such any more."), variable: z.string(),
  unit: z.string().describe("Unit that the source's values are in."),
  validFrom: z.string().nullable().describe("null: from the first reading."), validUntil: z.string().nullable().describe("First instant that it holds for no longer; null: it holds on."),
});

const changeSchema = z.strictObject({
  key: z.string().min(1).max(256).describe("A key of the device."),
  point: z.string().min(1).max(64).describe("A point of the same client that the key's samples go to besides the key's own."),
  variable: z.string().max(64).optional().describe("Which variable of that point they are; absent: the key's own."),
  validFrom: instant.describe("RFC 3339 time from which this holds; absent or null: from the first reading."),
  validUntil: instant.describe("RFC 3339 time from which it holds no longer; absent or null: it holds on."),
  removed: z.boolean().optional().describe("true: between these times the key does not feed the point; what it gave there is withdrawn."),
});

const bodySchema = z.strictObject({
  feeds: z.array(changeSchema).min(1).max(MAX_POINTS_PER_KEY),
  dryRun: z.boolean().optional().describe("true: everything is checked and nothing is written."),
});

const doneSchema = z.object({
  client: z.string(), device: z.string(), dryRun: z.boolean(),
  before: z.number().describe("Points that the device's keys fed besides their own."), after: z.number(),
  changed: z.boolean().describe("The device's past is mapped anew for what is otherwise."),
});

/** Points that a device's keys feed besides their own: one barometer for many wells. */
export function feedOperations({ directory, live, audit, nowUs }: FeedOperationsOptions): Operation[] {
  const { devices, points } = directory.collections;
  return [
    defineOperation({
      method: "GET", path: "/api/v1/devices/{client}/{device}/feeds", operationId: "listFeeds", tag: "devices", permission: "read", params: nameParams,
      summary: { en: "Points that the device's keys feed besides their own", es: "Puntos que las claves del dispositivo alimentan además del propio" },
      query: z.object({ key: z.string().max(256).optional(), ...pagingQuery }),
      replies: { 200: { description: "Feeds, by key, point and time", schema: listOf(feedSchema) } },
      handle: async ({ scope, params: { client, device }, query: { key, limit, cursor } }) => {
        const stored = await devices.get(scope, deviceKey(client, device));
        if (stored === undefined) throw new Problem("device-not-found", { field: "params.device", detail: deviceKey(client, device) });
        const rows = (stored.body.feeds ?? []).filter((feed) => key === undefined || feed.key === key);
        const from = cursor === undefined ? 0 : rows.findIndex((feed) => placeOf(feed) > cursor);
        const items = from < 0 ? [] : rows.slice(from, from + limit);
        const names = new Map((await points.getMany(scope, [...new Set(items.map(({ point }) => point))])).map(({ id, body }) => [id, body.name]));
        const last = items.at(-1);
        const next = last !== undefined && from + items.length < rows.length ? { next: placeOf(last) } : {};
        return listReply({ items, ...next }, (feed) => feedView(feed, stored.body, names));
      },
    }),
    defineOperation({
      method: "PUT", path: "/api/v1/devices/{client}/{device}/feeds", operationId: "setFeeds", tag: "devices", permission: "configure", params: nameParams, body: bodySchema,
      summary: { en: "Say which points the device's keys feed besides their own, and when", es: "Define qué puntos alimentan las claves del dispositivo además del propio, y cuándo" },
      replies: { 200: { description: "What came of it; all or nothing", schema: doneSchema } },
      handle: async ({ principal, scope, params: { client, device }, body }) => {
        const id = deviceKey(client, device);
        const dryRun = body.dryRun === true;
        const changes = body.feeds.map(changeOf);
        let done: FeedsSet;
        try {
          done = await directory.setFeeds(client, device, changes, { scope, by: principal.name, atUs: nowUs(), dryRun });
        } catch (error) {
          if (error instanceof RefusedChange) throw problemOf(error, changes, "feeds");
          if (hasCode(error, "not-found")) throw new Problem("device-not-found", { field: "params.device", detail: id, cause: error });
          throw error;
        }
        if (!dryRun && done.changed) {
          await audit.record(principal, { client, action: "device.feeds", target: id, change: body.feeds });
          // A nudge that is lost is made up: mapping looks for changes by itself.
          await live.publish(DIRECTORY_CHANNEL, id).catch(() => undefined);
        }
        const { before, after, changed } = done;
        return { status: 200, body: { client, device, dryRun, before, after, changed } };
      },
    }),
  ];
}

/** Grows along the feeds, which stand by key and point, and within these by time. */
function placeOf({ key, point, validFromUs }: DirectoryFeed): string {
  return `${JSON.stringify([key, point])} ${validFromUs === null ? "" : String(validFromUs + LONG_AGO_US).padStart(17, "0")}`;
}

function feedView(feed: DirectoryFeed, { entries }: DeviceRecord, names: ReadonlyMap<string, string>): z.input<typeof feedSchema> {
  const { key, point, variable, validFromUs, validUntilUs } = feed;
  return {
    key, point, name: names.get(point) ?? null, variable, unit: newestEntry(entries, key)?.unit ?? "",
    validFrom: validFromUs === null ? null : formatInstant(validFromUs), validUntil: validUntilUs === null ? null : formatInstant(validUntilUs),
  };
}

function changeOf({ key, point, variable, validFrom, validUntil, removed }: z.output<typeof changeSchema>, index: number): FeedChange {
  return {
    key, point, ...(variable === undefined ? {} : { variable }), ...(removed === undefined ? {} : { removed }),
    validFromUs: instantOf(validFrom, `body.feeds.${index}.validFrom`), validUntilUs: instantOf(validUntil, `body.feeds.${index}.validUntil`),
  };
}

function instantOf(text: string | null | undefined, field: string): number | null {
  if (text === undefined || text === null) return null;
  const timeUs = parseInstant(text);
  if (timeUs !== undefined) return timeUs;
  const detail = { en: "not an RFC 3339 time", es: "no es una hora RFC 3339" };
  throw new Problem("invalid-body", { field, detail, errors: [{ field, detail }], next: { en: "Send a time such as 2026-03-01T12:00:00Z.", es: "Envíe una hora como 2026-03-01T12:00:00Z." } });
}
