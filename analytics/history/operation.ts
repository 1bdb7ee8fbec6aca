import { unitSlug } from "@caudal/core";
import { defineOperation, Problem, writeStream, type CounterOf, type Operation } from "@caudal/runtime";
import { z } from "zod";
import { inChunks } from "../formats/chunks.ts";
import { TimeText } from "../formats/time-text.ts";
import type { PointDirectory } from "../points/point-directory.ts";
import { coverageSchema } from "./coverage.ts";
import { csvDocument, jsonDocument, ndjsonDocument } from "./document.ts";
import type { History, PlannedHistory } from "./history.ts";
import { contentTypes, findPoint, formatOf, historyQuerySchema, parseHistoryQuery, type Format } from "./query.ts";

export interface HistoryParts {
  readonly history: History;
  readonly directory: PointDirectory;
}

const cellSchema = z.union([
  z.object({ value: z.number().nullable(), flag: z.int(), reasons: z.array(z.string()).optional() }),
  z.object({
    min: z.number().nullable(), max: z.number().nullable(), mean: z.number().nullable(), first: z.number().nullable(), last: z.number().nullable(),
    consumption: z.number().nullable(), count: z.int(), coverage: z.number().nullable(), flagged: z.int(),
    revised: z.object({ at: z.string(), late: z.int(), corrected: z.int() }).optional().describe("Present when late or corrected facts changed the stored bucket after it had settled: when it was last recomputed, how many facts came late, how many times some were corrected."),
  }),
]);

const historySchema = z.object({
  point: z.string(), from: z.string(), to: z.string(), resolution: z.string(), tz: z.string(),
  asOf: z.string().optional().describe("Present when it was asked: what was known at that time."),
  columns: z.array(z.object({ variable: z.string(), unit: z.string(), column: z.string() })),
  coverage: coverageSchema,
  items: z.array(z.object({ time: z.string() }).catchall(cellSchema)),
  served: z.array(z.object({ tier: z.string().optional(), rollup: z.string().optional(), from: z.string(), to: z.string() })),
  next: z.string().nullable(),
});

/** `GET /api/v1/analytics/points/{id}/history`, in three formats. */
export function historyOperation(parts: () => Promise<HistoryParts>, rows: CounterOf<"caudal_history_rows_total">): Operation {
  return defineOperation({
    method: "GET", path: "/api/v1/analytics/points/{id}/history", operationId: "getHistory", tag: "analytics", permission: "read",
    summary: { en: "A point's history: any range, any resolution", es: "El historial de un punto: cualquier rango y resolución" },
    params: z.object({ id: z.string().min(1).max(128) }),
    query: historyQuerySchema,
    replies: { 200: { description: "Rows in time order", schema: historySchema, contentTypes: ["application/json", "text/csv", "application/x-ndjson"] } },
    handle: async (request) => {
      const { scope, params, query, headers, signal } = request;
      const { res } = request.express;
      const { history, directory } = await parts();
      const info = await findPoint(directory, scope, params.id);
      const format = formatOf(query.format, headers.accept);
      if (query.rounding !== "none" && format !== "csv") throw roundedElsewhere(format);
      const parsed = await parseHistoryQuery(request, info, history);
      const planned = await history.plan(parsed.query);
      const count = (written: number): void => rows.inc({ format }, written);
      const page = { cursor: parsed.cursor, limit: query.limit };
      const text: AsyncGenerator<string | Uint8Array> = format === "csv" ? csvDocument(planned, { rounded: query.rounding === "catalogue" }, count) : format === "ndjson" ? ndjsonDocument(planned, count) : jsonDocument(planned, page, count);
      res.setHeader("Content-Type", contentTypes[format]);
      res.setHeader("Cache-Control", "no-store");
      if (format !== "json") res.setHeader("Content-Disposition", `attachment; filename="${fileName(planned, format)}"`);
      await writeStream(res, await begun(inChunks(text)), signal);
      return { streamed: true };
    },
  });
}

function roundedElsewhere(format: Format): Problem {
  return new Problem("invalid-parameter", {
    field: "query.rounding", detail: { en: `query.rounding: ${format} holds every digit that is stored; only CSV is rounded`, es: `query.rounding: ${format} lleva todos los dígitos guardados; solo CSV se redondea` },
  });
}

/** `caudal-pozo-norte-1h-20260301-20260401.csv`: letters and digits only, whatever the point is called. */
function fileName({ info, resolution, span, zone, asOfUs }: PlannedHistory, format: Format): string {
  const times = new TimeText(zone);
  const day = (timeUs: number): string => times.format(timeUs).slice(0, 10).replaceAll("-", "");
  const name = unitSlug(info.record.name.normalize("NFD").replace(/[\u0300-\u036f]/g, "")).replaceAll("_", "-").slice(0, 60);
  return `caudal-${name === "" ? info.key.point : name}-${resolution}-${day(span.fromUs)}-${day(span.toUs - 1)}${asOfUs === undefined ? "" : `-as-of-${day(asOfUs)}`}.${format}`;
}

/** The same chunks, the first of them read already: what fails before it is answered as a problem. */
async function begun<Chunk>(chunks: AsyncGenerator<Chunk>): Promise<AsyncGenerator<Chunk>> {
  const first = await chunks.next();
  return (async function* () {
    if (first.done === true) return;
    try {
      yield first.value;
      yield* chunks;
    } finally {
      await chunks.return(undefined);
    }
  })();
}
