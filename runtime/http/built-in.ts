import { z } from "zod";
import type { Metrics } from "../metrics/metrics.ts";
import { textsFor } from "../texts/catalogue.ts";
import { languages } from "../texts/language.ts";
import { contentEtag } from "./etag.ts";
import type { HealthSource } from "./health.ts";
import { openApiDocument } from "./openapi.ts";
import { defineOperation, type Operation } from "./operation.ts";
import { Problem } from "./problem.ts";

export interface BuiltInOptions {
  readonly health: HealthSource;
  readonly metrics: Metrics;
  readonly title: string;
  readonly version: string;
  /** True once the server takes no more work. */
  stopping(): boolean;
  /** The operations to describe. */
  operations(): readonly Operation[];
}

const tag = "server";
const statusSchema = z.object({ status: z.enum(["ok", "degraded", "failing", "stopping"]) });
const readySchema = statusSchema.extend({ failing: z.array(z.string()).optional() });
const healthSchema = statusSchema.extend({
  version: z.string(),
  components: z.array(z.object({ name: z.string(), status: z.string(), detail: z.string().optional() })).optional(),
});

/** What every server of ours answers. */
export function builtInOperations(options: BuiltInOptions): Operation[] {
  return [
    defineOperation({
      method: "GET", path: "/livez", operationId: "getLiveness", tag, permission: "public",
      summary: { en: "Whether the process runs", es: "Si el proceso está en marcha" },
      replies: { 200: { description: "It runs", schema: statusSchema } },
      handle: () => ({ status: 200, body: { status: "ok" } }),
    }),
    defineOperation({
      method: "GET", path: "/readyz", operationId: "getReadiness", tag, permission: "public",
      summary: { en: "Whether it can take work", es: "Si puede recibir trabajo" },
      replies: { 200: { description: "It can", schema: readySchema }, 503: { description: "It cannot; names the parts that fail", schema: readySchema } },
      handle: async () => {
        if (options.stopping()) return { status: 503, body: { status: "stopping" } };
        const { status, components } = await options.health.report();
        if (status !== "failing") return { status: 200, body: { status } };
        return { status: 503, body: { status, failing: components.filter((part) => part.status === "failing").map(({ name }) => name) } };
      },
    }),
    defineOperation({
      method: "GET", path: "/health", operationId: "getHealth", tag, permission: "public",
      summary: { en: "How each part does; the parts are told to whoever may read", es: "Estado de cada parte; las partes se muestran a quien puede leer" },
      replies: { 200: { description: "It works", schema: healthSchema }, 503: { description: "A part fails", schema: healthSchema } },
      handle: async ({ principal }) => {
        const report = await options.health.report();
        const status = options.stopping() ? "stopping" : report.status;
        const parts = principal.name === "anonymous" ? {} : { components: report.components };
        return { status: status === "failing" || status === "stopping" ? 503 : 200, body: { status, version: options.version, ...parts } };
      },
    }),
    defineOperation({
      method: "GET", path: "/metrics", operationId: "getMetrics", tag, permission: "read",
      summary: { en: "Metrics in the Prometheus text format", es: "Métricas en el formato de texto de Prometheus" },
      replies: { 200: { description: "Metrics", contentTypes: ["text/plain"] } },
      handle: async ({ scope }) => {
        if (scope.clients !== "all") throw new Problem("forbidden");
        return { status: 200, body: await options.metrics.text(), headers: { "Content-Type": options.metrics.contentType } };
      },
    }),
    defineOperation({
      method: "GET", path: "/openapi.json", operationId: "getOpenApi", tag, permission: "public",
      summary: { en: "This description", es: "Esta descripción" },
      replies: { 200: { description: "OpenAPI 3.1", schema: z.record(z.string(), z.unknown()) } },
      handle: ({ language }) => {
        const body = JSON.stringify(openApiDocument(options.operations(), { title: options.title, version: options.version, language }));
        return { status: 200, body, headers: { "Content-Type": "application/json; charset=utf-8", ETag: contentEtag(body) } };
      },
    }),
    defineOperation({
      method: "GET", path: "/texts/{language}.json", operationId: "getTexts", tag, permission: "public",
      params: z.object({ language: z.enum(languages) }),
      summary: { en: "Every text of the product in one language", es: "Todos los textos del producto en un idioma" },
      replies: { 200: { description: "Texts by key", schema: z.record(z.string(), z.string()) } },
      handle: ({ params }) => {
        const body = JSON.stringify(textsFor(params.language));
        return { status: 200, body, headers: { "Content-Type": "application/json; charset=utf-8", ETag: contentEtag(body) } };
      },
    }),
  ];
}
