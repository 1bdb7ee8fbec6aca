import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { serve } from "../test-parts/serve.ts";
import { textsFor } from "../texts/catalogue.ts";
import { defineOperation } from "./operation.ts";

type Document = { openapi: string; paths: Record<string, Record<string, Record<string, never>>>; components: { schemas: Record<string, unknown> } };

const item = z.object({ id: z.string(), at: z.iso.datetime().optional() }).meta({ id: "Item" });
const list = defineOperation({
  method: "GET", path: "/api/v1/items/{client}", operationId: "listItems", tag: "items", summary: { en: "Items", es: "Cosas" }, permission: "read",
  params: z.object({ client: z.string() }),
  query: z.object({ limit: z.coerce.number().int().default(100).describe("How many"), cursor: z.string() }),
  replies: { 200: { description: "A page", schema: z.object({ items: z.array(item), next: z.string().nullable() }), contentTypes: ["application/json", "text/csv"] }, 204: { description: "None" } },
  handle: () => ({ status: 204 }),
});
const add = defineOperation({
  method: "POST", path: "/api/v1/items/{client}", operationId: "addItem", tag: "items", summary: { en: "Add", es: "Agregar" }, permission: "configure",
  params: z.object({ client: z.string() }), body: z.object({ item, when: z.string().transform((value) => new Date(value)) }), replies: { 201: { description: "Added", schema: item } },
  handle: () => ({ status: 201 }),
});
const upload = defineOperation({
  method: "POST", path: "/api/v1/upload", operationId: "upload", tag: "items", summary: { en: "Upload", es: "Subir" }, permission: "public", bodyOptional: true,
  body: { raw: true, maxBytes: 10, contentTypes: ["text/csv"] }, replies: { 202: { description: "Taken" } },
  handle: () => ({ status: 202 }),
});

test("the description is made from the schemas that validate, in either language", async (t) => {
  const { send } = await serve(t, { operations: [list, add, upload], title: "Test" });
  const answer = await send({ path: "/openapi.json?lang=es" });
  const document = answer.json() as unknown as Document;
  assert.equal(document.openapi, "3.1.0");
  const operation = document.paths["/api/v1/items/{client}"]?.["get"] as unknown as Record<string, unknown>;
  assert.equal(operation["summary"], "Cosas");
  assert.deepEqual(operation["parameters"], [
    { name: "client", in: "path", required: true, schema: { type: "string" } },
    { name: "limit", in: "query", required: false, description: "How many", schema: { default: 100, type: "integer", minimum: -9007199254740991, maximum: 9007199254740991 } },
    { name: "cursor", in: "query", required: true, schema: { type: "string" } },
  ]);
  assert.deepEqual(operation["security"], [{ bearer: [] }, { session: [] }]);
  const responses = operation["responses"] as Record<string, { content?: Record<string, { schema: unknown }> }>;
  assert.match(JSON.stringify(responses["200"]?.content?.["application/json"]), /"\$ref":"#\/components\/schemas\/Item"/);
  assert.deepEqual(responses["200"]?.content?.["text/csv"], { schema: { type: "string" } });
  assert.deepEqual(responses["204"], { description: "None" });
  assert.deepEqual(responses["default"]?.content?.["application/problem+json"], { schema: { $ref: "#/components/schemas/Problem" } });
  assert.deepEqual(Object.keys(document.components.schemas).sort(), ["Item", "Problem"]);
  const uploaded = document.paths["/api/v1/upload"]?.["post"] as unknown as Record<string, unknown>;
  assert.deepEqual([uploaded["requestBody"], uploaded["security"]], [{ required: false, content: { "text/csv": { schema: { type: "string", maxLength: 10 } } } }, []]);
  for (const path of ["/health", "/livez", "/readyz", "/metrics", "/openapi.json", "/texts/{language}.json"]) assert.ok(document.paths[path]?.["get"], path);
  assert.equal(JSON.stringify(document).includes("$defs"), false);
  const again = await send({ path: "/openapi.json?lang=es", headers: { "If-None-Match": String(answer.headers.etag) } });
  assert.deepEqual([again.status, again.text], [304, ""]);
});

test("every reference resolves", async (t) => {
  const { send } = await serve(t, { operations: [list, add] });
  const document = (await send({ path: "/openapi.json" })).json() as unknown as Document;
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)].map((match) => match[1] ?? "");
  assert.ok(references.length > 3);
  for (const name of references) assert.ok(name in document.components.schemas, name);
});

test("the page's texts are served, one language each", async (t) => {
  const { send } = await serve(t);
  assert.deepEqual((await send({ path: "/texts/es.json" })).json(), textsFor("es"));
  assert.equal((await send({ path: "/texts/en.json/" })).status, 200);
  assert.equal((await send({ path: "/texts/fr.json" })).status, 400);
});
