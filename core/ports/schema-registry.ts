import type { SchemaLookup } from "@caudal/schemas";

/**
 * SchemaRegistry: id for schema, schema for id. Answers are remembered for ever (and on disk where the registry is remote), so an outage
 * stops nothing known. An id that the registry denies is `undefined`; an id that cannot be asked rejects with "unavailable".
 */
export interface SchemaRegistry extends SchemaLookup {
  close(): Promise<void>;
}
