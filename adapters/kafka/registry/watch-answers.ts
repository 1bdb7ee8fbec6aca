import type { SchemaRegistry as ConfluentClient } from "@kafkajs/confluent-schema-registry";

type Middleware = NonNullable<ConstructorParameters<typeof ConfluentClient>[0]["middlewares"]>[number];

/** What the registry said of an id, as it said it: the client itself gives only what its parser made of it. */
export type FetchedSchemas = Map<number, { readonly type: string; readonly schema: string }>;

const PATH = /\/schemas\/ids\/(\d+)$/;

/** Middleware of the registry's client: sets the deadline that its requests lack, and notes the schemas that they bring. */
export function watchAnswers(fetched: FetchedSchemas, requestMs: number): Middleware {
  return () => ({
    prepareRequest: async (next) => (await next()).enhance({ timeout: requestMs }),
    response: async (next) => {
      const response = await next();
      const id = PATH.exec(response.request().path())?.[1];
      const { schema, schemaType = "AVRO" } = response.data<{ schema?: unknown; schemaType?: unknown }>();
      if (id !== undefined && typeof schema === "string") fetched.set(Number(id), { type: String(schemaType), schema });
      return response;
    },
  });
}
