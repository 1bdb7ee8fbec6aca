import type { Measurement } from "@caudal/schemas";
import { pointKey } from "./point-key.ts";

/** Layout (a): a document a measurement. */
export interface PlainDocument {
  readonly _id: Buffer;
  readonly k: number;
  readonly a: number;
  /** Value and flag by variable; reasons where there are any. */
  readonly [variable: string]: unknown;
}

export function toPlain({ client, point, instantUs, knownAtUs, authority, facts }: Measurement): PlainDocument {
  const variables: Record<string, unknown> = {};
  for (const { variable, value, flag, reasons } of facts) variables[variable] = reasons.length === 0 ? { v: value, f: flag } : { v: value, f: flag, r: reasons };
  return { _id: plainId(client, point, instantUs), k: knownAtUs, a: authority, ...variables };
}

export function plainId(client: string, point: string, instantUs: number): Buffer {
  const id = Buffer.alloc(24);
  pointKey(client, point).copy(id);
  id.writeDoubleBE(instantUs, 16);
  return id;
}
