import type { Scope } from "@caudal/core";
import { defineOperation, Problem, type Operation } from "@caudal/runtime";
import { z } from "zod";
import { coverageSchema } from "../history/coverage.ts";
import type { History } from "../history/history.ts";
import { findPoint, zoneOf } from "../history/query.ts";
import type { PointDirectory, PointInfo } from "../points/point-directory.ts";
import { completeness24h, completenessByDay } from "./completeness.ts";
import { latestReply, pointLatestSchema } from "./latest-reply.ts";
import type { LatestValues } from "./latest-values.ts";

export interface LatestParts {
  readonly directory: PointDirectory;
  readonly latest: LatestValues;
  readonly history: History;
}

const MAX_POINTS = 1000;
const MAX_DAYS = 92;
const POINTS_AT_ONCE = 8;

const listQuery = {
  points: z.string().max(65_536).optional().describe("Point ids between commas; all of your scope, in pages, when absent."),
  limit: z.coerce.number().int().min(1).max(MAX_POINTS).default(100).describe("Points a page."),
  cursor: z.string().max(2000).optional().describe("`next` of the page before."),
  lang: z.string().max(16).optional(),
};

const daySchema = coverageSchema.extend({ day: z.string() });
const completenessSchema = z.object({ point: z.string(), days: z.array(daySchema) });
const awaySchema = z.array(z.enum(["hot", "warm", "cold"])).describe("Tiers that could not be read now: a value that only they hold is missing here.");
const listOf = (item: z.ZodType): z.ZodObject => z.object({ items: z.array(item), next: z.string().nullable() });

/** What points say now, and how complete their last days are. */
export function latestOperations(parts: () => Promise<LatestParts>): Operation[] {
  return [
    defineOperation({
      method: "GET", path: "/api/v1/analytics/points/{id}/realtime", operationId: "getRealtime", tag: "analytics", permission: "read",
      summary: { en: "A point's newest values and the completeness of its last 24 hours", es: "Los últimos valores de un punto y qué tan completas están sus últimas 24 horas" },
      params: z.object({ id: z.string().min(1).max(128) }),
      query: z.object({ lang: z.string().max(16).optional() }),
      replies: { 200: { description: "Newest values", schema: pointLatestSchema.extend({ completeness24h: coverageSchema, away: awaySchema }) } },
      handle: async ({ scope, params, receivedAtUs }) => {
        const { directory, latest, history } = await parts();
        const info = await findPoint(directory, scope, params.id);
        const [{ facts, away }, completeness] = await Promise.all([latest.of(scope, [info]), completeness24h(history, info, scope, receivedAtUs)]);
        return { status: 200, body: { ...latestReply(info, facts.get(info.key.point) ?? [], receivedAtUs), completeness24h: completeness, away } };
      },
    }),
    defineOperation({
      method: "GET", path: "/api/v1/analytics/latest", operationId: "listLatest", tag: "analytics", permission: "read",
      summary: { en: "The newest values of many points", es: "Los últimos valores de muchos puntos" },
      query: z.object(listQuery),
      replies: { 200: { description: "Newest values by point", schema: listOf(pointLatestSchema).extend({ away: awaySchema }) } },
      handle: async ({ scope, query, receivedAtUs }) => {
        const { directory, latest } = await parts();
        const { points, next } = await selected(directory, scope, query);
        const { facts, away } = await latest.of(scope, points);
        return { status: 200, body: { items: points.map((info) => latestReply(info, facts.get(info.key.point) ?? [], receivedAtUs)), next, away } };
      },
    }),
    defineOperation({
      method: "GET", path: "/api/v1/analytics/completeness", operationId: "listCompleteness", tag: "analytics", permission: "read",
      summary: { en: "How complete the last days of points are", es: "Qué tan completos están los últimos días de los puntos" },
      query: z.object({
        ...listQuery,
        days: z.coerce.number().int().min(1).max(MAX_DAYS).default(7).describe("Calendar days, today's the last."),
        tz: z.string().max(64).default("UTC").describe("Whose days: IANA zone or fixed offset."),
      }),
      replies: { 200: { description: "Days by point, oldest first", schema: listOf(completenessSchema) } },
      handle: async ({ scope, query, receivedAtUs, signal }) => {
        const zone = zoneOf(query.tz);
        const { directory, history } = await parts();
        const { points, next } = await selected(directory, scope, query);
        const items: z.output<typeof completenessSchema>[] = [];
        for (let i = 0; i < points.length && !signal.aborted; i += POINTS_AT_ONCE) {
          const options = { scope, zone, days: query.days, nowUs: receivedAtUs };
          items.push(...await Promise.all(points.slice(i, i + POINTS_AT_ONCE).map(async (info) => ({ point: info.key.point, days: await completenessByDay(history, info, options) }))));
        }
        return { status: 200, body: { items, next } };
      },
    }),
  ];
}

/** The points that were named, in that order, or a page of all. Problem 404 names one that is not there. */
async function selected(directory: PointDirectory, scope: Scope, query: { readonly points?: string | undefined; readonly limit: number; readonly cursor?: string | undefined }): Promise<{ points: readonly PointInfo[]; next: string | null }> {
  const { limit, cursor } = query;
  if (query.points === undefined) {
    const page = await directory.page(scope, { limit, ...(cursor === undefined ? {} : { cursor }) });
    return { points: page.points, next: page.next ?? null };
  }
  const ids = [...new Set(query.points.split(",").map((id) => id.trim()).filter((id) => id !== ""))];
  if (ids.length > MAX_POINTS) throw new Problem("invalid-parameter", { field: "query.points", detail: { en: `query.points names more than ${MAX_POINTS} points`, es: `query.points nombra más de ${MAX_POINTS} puntos` } });
  const found = await directory.findMany(scope, ids);
  return { points: ids.map((id) => found.get(id) ?? missing(id)), next: null };
}

function missing(point: string): never {
  throw new Problem("point-not-found", { field: "query.points", detail: point });
}
