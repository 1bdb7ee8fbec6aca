import type { FlagReason, PointKey, Scope, SeriesTier } from "@caudal/core";
import { defineOperation, type Operation } from "@caudal/runtime";
import { z } from "zod";
import { TimeText } from "../formats/time-text.ts";
import type { PointDirectory } from "../points/point-directory.ts";
import { findPoint, instantOf, zoneOf } from "./query.ts";

const WITHDRAWN: FlagReason = "withdrawn";

export interface RevisionParts {
  readonly directory: PointDirectory;
  readonly cold: SeriesTier;
}

/** What was said of one fact at some time. */
export interface FactRevision {
  readonly variable: string;
  /** 0 computed, 1 a person's correction. */
  readonly authority: number;
  readonly knownAtUs: number;
  /** Null where it had none, or was taken back. */
  readonly value: number | null;
  readonly flag: number;
  readonly reasons: readonly string[];
}

/** Every revision of a point's facts at an instant, by variable and the greatest first: the first is the one that holds. */
export async function revisionsAt(cold: SeriesTier, scope: Scope, key: PointKey, at: { readonly instantUs: number; readonly variable?: string | undefined }): Promise<FactRevision[]> {
  const { instantUs, variable } = at;
  const found: FactRevision[] = [];
  const query = { ...key, fromUs: instantUs, toUs: instantUs + 1, includeWithdrawn: true, allRevisions: true, ...(variable === undefined ? {} : { variables: [variable] }) };
  for await (const { rows, columns } of cold.read(scope, query)) {
    for (let row = 0; row < rows; row++) {
      for (const column of columns) {
        const flag = column.flags[row]!;
        if (flag === 0) continue;
        const value = column.values[row]!;
        found.push({
          variable: column.variable, authority: column.authorities[row]!, knownAtUs: column.knownAtUs[row]!, value: Number.isNaN(value) ? null : value, flag,
          reasons: column.reasons.get(row) ?? [],
        });
      }
    }
  }
  const byName = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
  return found.sort((a, b) => byName(a.variable, b.variable) || b.authority - a.authority || b.knownAtUs - a.knownAtUs);
}

const itemSchema = z.object({
  variable: z.string(), authority: z.int().describe("0 computed, 1 a person's correction; the greater wins, then the later."), knownAt: z.string(),
  value: z.number().nullable(), flag: z.int(), reasons: z.array(z.string()), withdrawn: z.boolean(), holds: z.boolean().describe("True for the one that is shown today."),
});

/** `GET /api/v1/analytics/points/{id}/revisions`: why a number is what it is. */
export function revisionsOperation(parts: () => Promise<RevisionParts>): Operation {
  return defineOperation({
    method: "GET", path: "/api/v1/analytics/points/{id}/revisions", operationId: "listRevisions", tag: "analytics", permission: "read",
    summary: { en: "All that was ever said of one instant of a point", es: "Todo lo que se dijo alguna vez de un instante de un punto" },
    params: z.object({ id: z.string().min(1).max(128) }),
    query: z.object({
      at: z.string().max(64).describe("The instant, RFC 3339; without an offset it is read in tz."),
      variable: z.string().min(1).max(256).optional().describe("All when absent."),
      tz: z.string().max(64).default("UTC"), lang: z.string().max(16).optional(),
    }),
    replies: { 200: { description: "By variable, the one that holds first", schema: z.object({ point: z.string(), at: z.string(), tz: z.string(), items: z.array(itemSchema) }) } },
    handle: async ({ scope, params, query }) => {
      const { directory, cold } = await parts();
      const { key } = await findPoint(directory, scope, params.id);
      const zone = zoneOf(query.tz);
      const instantUs = instantOf(query.at, "at", zone);
      const times = new TimeText(zone);
      const revisions = await revisionsAt(cold, scope, key, { instantUs, variable: query.variable });
      const items = revisions.map(({ knownAtUs, ...rest }, index) => ({
        ...rest, knownAt: times.format(knownAtUs), withdrawn: rest.reasons.includes(WITHDRAWN), holds: revisions[index - 1]?.variable !== rest.variable,
      }));
      return { status: 200, body: { point: key.point, at: times.format(instantUs), tz: zone, items } };
    },
  });
}
