import { z } from "zod";
import type { Language } from "../texts/language.ts";
import { isRawBody, type Operation, type ReplyDoc } from "./operation.ts";
import { problemSchema } from "./problem-schema.ts";

type Json = Record<string, unknown>;

export interface OpenApiOptions {
  readonly title: string;
  readonly version: string;
  readonly language: Language;
}

/** OpenAPI 3.1 of the operations, from the very schemas that validate. */
export function openApiDocument(operations: readonly Operation[], options: OpenApiOptions): Json {
  const schemas: Json = { Problem: schemaOf(problemSchema, "output", {}) };
  const paths: Record<string, Json> = {};
  for (const operation of operations) {
    (paths[operation.path] ??= {})[operation.method.toLowerCase()] = operationObject(operation, schemas, options.language);
  }
  return {
    openapi: "3.1.0",
    info: { title: options.title, version: options.version },
    servers: [{ url: "/" }],
    tags: [...new Set(operations.map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    components: {
      schemas,
      securitySchemes: {
        bearer: { type: "http", scheme: "bearer" },
        session: { type: "apiKey", in: "cookie", name: "caudal_session" },
      },
    },
  };
}

function operationObject(operation: Operation, schemas: Json, language: Language): Json {
  const parameters = [
    ...parametersOf(operation.params, "path", schemas),
    ...parametersOf(operation.query, "query", schemas),
  ];
  const replies = Object.entries(operation.replies).map(([status, reply]) => [status, replyObject(reply, schemas)]);
  return {
    operationId: operation.operationId,
    tags: [operation.tag],
    summary: operation.summary[language],
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(operation.body === undefined ? {} : { requestBody: bodyObject(operation, schemas) }),
    security: operation.permission === "public" ? [] : [{ bearer: [] }, { session: [] }],
    ...(operation.permission === "public" ? {} : { "x-permission": operation.permission }),
    responses: {
      ...Object.fromEntries(replies) as Json,
      default: { description: "Problem", content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } } },
    },
  };
}

function parametersOf(schema: z.ZodObject | undefined, place: "path" | "query", schemas: Json): Json[] {
  if (schema === undefined) return [];
  const object = schemaOf(schema, "input", schemas) as { properties?: Record<string, Json>; required?: string[] };
  return Object.entries(object.properties ?? {}).map(([name, { description, ...property }]) => ({
    name,
    in: place,
    required: place === "path" || (object.required ?? []).includes(name),
    ...(description === undefined ? {} : { description }),
    schema: property,
  }));
}

function bodyObject(operation: Operation, schemas: Json): Json {
  const { body } = operation;
  const required = operation.bodyOptional !== true;
  if (body === undefined) return {};
  if (isRawBody(body)) {
    const media = { schema: { type: "string", maxLength: body.maxBytes } };
    return { required, content: Object.fromEntries(body.contentTypes.map((type) => [type, media])) };
  }
  return { required, content: { "application/json": { schema: schemaOf(body, "input", schemas) } } };
}

function replyObject(reply: ReplyDoc, schemas: Json): Json {
  if (reply.schema === undefined && reply.contentTypes === undefined) return { description: reply.description };
  const schema = reply.schema === undefined ? {} : { schema: schemaOf(reply.schema, "output", schemas) };
  const types = reply.contentTypes ?? ["application/json"];
  const content = types.map((type) => [type, type.includes("json") && !type.includes("ndjson") ? schema : { schema: { type: "string" } }]);
  return { description: reply.description, content: Object.fromEntries(content) as Json };
}

/** JSON schema of a zod schema; what it names by id moves to the document's components. */
function schemaOf(schema: z.ZodType, io: "input" | "output", schemas: Json): Json {
  const { $schema: _, $defs, ...json } = z.toJSONSchema(schema, { io, unrepresentable: "any", cycles: "ref" }) as Json & { $defs?: Json };
  for (const [name, definition] of Object.entries($defs ?? {})) schemas[name] ??= moved(definition);
  return moved(json) as Json;
}

function moved(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(moved);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [
    key,
    key === "$ref" && typeof item === "string" ? item.replace(/^#\/\$defs\//, "#/components/schemas/") : moved(item),
  ]));
}
