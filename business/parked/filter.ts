import type { StoredDocument } from "@caudal/core";
import type { ParkedRecord } from "./parked-record.ts";

/** Which parked events; absent fields let all through. */
export interface ParkedFilter {
  readonly client?: string | undefined;
  readonly group?: string | undefined;
  readonly reason?: string | undefined;
  readonly device?: string | undefined;
  readonly state?: ParkedRecord["state"] | undefined;
}

/** The fields that a query goes by, of which an index of the collection is made; the rest is sifted. */
export function indexedBy({ client, group, reason, device, state }: ParkedFilter): Record<string, string> {
  if (state === undefined) return client === undefined ? {} : { client };
  if (reason !== undefined && client !== undefined && device !== undefined) return { state, reason, client, device };
  if (client !== undefined) return { state, client };
  if (reason !== undefined) return { state, reason };
  return group === undefined ? { state } : { state, group };
}

/** What the query leaves to be looked at one by one; undefined when it answers the whole filter. */
export function sieveOf(filter: ParkedFilter): ((stored: StoredDocument<ParkedRecord>) => boolean) | undefined {
  const answered = indexedBy(filter);
  const left = (["client", "group", "reason", "device", "state"] as const).filter((field) => filter[field] !== undefined && !(field in answered));
  return left.length === 0 ? undefined : ({ body }) => left.every((field) => body[field] === filter[field]);
}
