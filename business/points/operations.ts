import {
  DIRECTORY_CHANNEL, feedingDevices, hasCode, RefusedChange,
  type ChangeBy, type Configured, type DeviceRecord, type Directory, type DocumentCollection, type LiveChannel, type PointRecord, type RecountRecord, type Scope, type StoredDocument,
} from "@caudal/core";
import { checkIfMatch, contentEtag, defineOperation, listOf, listReply, type Operation, pagingQuery, Problem, siftPage } from "@caudal/runtime";
import { z } from "zod";
import type { AuditTrail } from "../audit/audit-trail.ts";
import { catalogueOperations } from "./catalogue.ts";
import { pointChangesOperation } from "./changes.ts";
import { changeOf, changeSchema, type ChangeBody } from "./change-body.ts";
import { pointSchema, pointView, recomputingOf, type PointView } from "./point-view.ts";
import { problemOf } from "./refusals.ts";

export interface PointOperationsOptions {
  readonly directory: Directory;
  /** What waits to be computed again, by point. */
  readonly recounts: DocumentCollection<RecountRecord>;
  readonly live: LiveChannel;
  readonly audit: AuditTrail;
  readonly nowUs: () => number;
}

const idParams = z.object({ id: z.string().min(1).max(64) });
const listQuery = z.object({
  client: z.string().max(128).optional(), q: z.string().trim().max(200).optional().describe("Part of name, device, client or id; case and accents do not matter."), ...pagingQuery,
});

/** Letters as people compare them: small, without accents. */
function folded(text: string): string {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}

function searched(words: string | undefined): ((stored: StoredDocument<PointRecord>) => boolean) | undefined {
  if (words === undefined || words === "") return undefined;
  const wanted = folded(words);
  return ({ id, body }) => [id, body.name, body.device, body.client].some((text) => folded(text).includes(wanted));
}

/** The tag of the whole view: the point's version alone would not tell that its device sends a new key. */
function answerOf(view: PointView): { status: 200; body: PointView; headers: { ETag: string } } {
  return { status: 200, body: view, headers: { ETag: contentEtag(JSON.stringify(view)) } };
}

const bodies = (stored: readonly StoredDocument<DeviceRecord>[]): ReadonlyMap<string, DeviceRecord> => new Map(stored.map(({ id, body }) => [id, body]));

export function pointOperations({ directory, recounts, live, audit, nowUs }: PointOperationsOptions): Operation[] {
  const { points } = directory.collections;
  const whole = async (scope: Scope, view: PointView): Promise<PointView> => ({ ...view, recomputing: recomputingOf(await recounts.get(scope, view.id)) });
  const found = async (scope: Scope, id: string): Promise<{ stored: StoredDocument<PointRecord>; view: PointView }> => {
    const stored = await points.get(scope, id);
    if (stored === undefined) throw new Problem("point-not-found", { field: "params.id", detail: id });
    const view = pointView(stored, bodies(await directory.devices(feedingDevices(stored.body))), nowUs());
    return { stored, view: await whole(scope, view) };
  };
  const configured = async (id: string, body: ChangeBody, by: ChangeBy): Promise<Configured> => {
    const change = changeOf(body);
    try {
      return await directory.configure(id, change, by);
    } catch (error) {
      if (error instanceof RefusedChange) throw problemOf(error, change.variables ?? []);
      if (hasCode(error, "version-conflict")) throw new Problem("precondition-failed", { field: "If-Match", cause: error });
      throw error;
    }
  };

  return [
    defineOperation({
      method: "GET", path: "/api/v1/points", operationId: "listPoints", tag: "points", permission: "read",
      summary: { en: "Measurement points, by name", es: "Puntos de medición, por nombre" },
      query: listQuery,
      replies: { 200: { description: "Points", schema: listOf(pointSchema) } },
      handle: async ({ scope, query: { client, q, ...paging } }) => {
        const where = client === undefined ? {} : { where: { client } };
        const page = await siftPage({ ...paging, fits: searched(q) }, (at) => points.find(scope, { ...where, orderBy: "name", ...at }));
        const devices = bodies(await directory.devices([...new Set(page.items.flatMap(({ body }) => feedingDevices(body)))]));
        return listReply(page, (stored) => pointView(stored, devices, nowUs()));
      },
    }),
    defineOperation({
      method: "GET", path: "/api/v1/points/{id}", operationId: "getPoint", tag: "points", permission: "read", params: idParams,
      summary: { en: "A measurement point", es: "Un punto de medición" },
      replies: { 200: { description: "The point", schema: pointSchema } },
      handle: async ({ scope, params }) => answerOf((await found(scope, params.id)).view),
    }),
    defineOperation({
      method: "PUT", path: "/api/v1/points/{id}/config", operationId: "configurePoint", tag: "points", permission: "configure", params: idParams, body: changeSchema,
      summary: { en: "Rename a point, say what its keys mean, set its limits", es: "Renombra un punto, define qué significan sus claves, fija sus límites" },
      replies: { 200: { description: "The point as it is now", schema: pointSchema }, 412: { description: "If-Match names neither its version nor its ETag" } },
      handle: async ({ principal, scope, params, body, headers }) => {
        const { stored: { body: { client, revision } }, view } = await found(scope, params.id);
        checkIfMatch(headers, revision, contentEtag(JSON.stringify(view)));
        const expected = headers["if-match"] === undefined ? {} : { expectedRevision: revision };
        const { point, devices, remapped } = await configured(params.id, body, { scope, by: principal.name, atUs: nowUs(), ...expected });
        await audit.record(principal, { client, action: "point.configure", target: point.id, change: body });
        // A nudge that is lost is made up: mapping looks for changes by itself.
        for (const id of remapped) await live.publish(DIRECTORY_CHANNEL, id).catch(() => undefined);
        return answerOf(await whole(scope, pointView(point, bodies(devices), nowUs())));
      },
    }),
    pointChangesOperation({ audit, found }),
    ...catalogueOperations(),
  ];
}
