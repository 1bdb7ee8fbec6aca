import { allows, CaudalError, type CollectionSpec, type NewDocument, type Scalar, type Scope, type StoredDocument } from "@caudal/core";

const MAX_BODY_BYTES = 1024 * 1024;
const MAX_BLOB_BYTES = 8 * 1024 * 1024;

/** Names that a spec may declare; any other member of a body is only in its text. */
export const FIELD = /^[A-Za-z][A-Za-z0-9_]*$/;

/** A value as it is indexed and compared: truth as 0 and 1, as the embedded engine has it. */
export type Indexed = string | number;

/** A document as MongoDB keeps it. The body is JSON text, so that dots, dollars, numbers and half surrogate pairs come back as they went in. */
export interface DocumentRow {
  readonly _id: string;
  readonly version: number;
  /** Of the newest writes, newest first, one a version, none older than the newest put: what a lost answer is judged by. */
  readonly tokens: readonly string[];
  /** Of a tenant collection's documents. */
  readonly client?: string;
  /** Top-level members that can be indexed; absent and null are both absent here. */
  readonly fields: Readonly<Record<string, Indexed>>;
  readonly body: string;
  readonly blob?: Uint8Array;
}

/** What one write sets. */
export type Content = Pick<DocumentRow, "client" | "fields" | "body" | "blob">;

/** Fails with "forbidden", "bad-request" or "too-large". The scope must be allowed in the collection. */
export function contentOf<T extends object>(spec: CollectionSpec, scope: Scope, { id, body, blob }: NewDocument<T>): Content {
  if (typeof id !== "string" || !id.isWellFormed()) throw new CaudalError("bad-request", `${spec.name}: an id is well-formed text`);
  const client = spec.tenant ? (body as { client?: unknown }).client : undefined;
  if (spec.tenant && typeof client !== "string") throw new CaudalError("bad-request", `${spec.name}: a document of a tenant names its client`);
  if (typeof client === "string" && !allows(scope, client)) throw new CaudalError("forbidden", `${spec.name}: the scope does not allow client ${client}`);
  const text = JSON.stringify(body);
  if (text.length * 3 > MAX_BODY_BYTES && Buffer.byteLength(text) > MAX_BODY_BYTES) throw new CaudalError("too-large", `${spec.name}: the body of ${id} is over ${MAX_BODY_BYTES} bytes`);
  if (blob !== undefined && blob.length > MAX_BLOB_BYTES) throw new CaudalError("too-large", `${spec.name}: the blob of ${id} is over ${MAX_BLOB_BYTES} bytes`);
  return { fields: fieldsOf(body), body: text, ...(typeof client === "string" ? { client } : {}), ...(blob === undefined ? {} : { blob }) };
}

/** Every scalar, declared or not: an index that a newer spec adds must find the documents of before. */
function fieldsOf(body: object): Record<string, Indexed> {
  const fields: Record<string, Indexed> = {};
  for (const [name, value] of Object.entries(body)) {
    if (isScalar(value) && FIELD.test(name)) fields[name] = indexed(value);
  }
  return fields;
}

function isScalar(value: unknown): value is string | number | boolean {
  return typeof value === "string" || typeof value === "boolean" || (typeof value === "number" && Number.isFinite(value));
}

export function indexed(value: string | number | boolean): Indexed {
  return typeof value === "boolean" ? Number(value) : value;
}

export function storedOf<T extends object>({ _id, version, body, blob }: DocumentRow): StoredDocument<T> {
  const document = { id: _id, version, body: JSON.parse(body) as T };
  return blob === undefined ? document : { ...document, blob };
}

/** What a page that ends with this body goes on from. */
export function orderValueOf(body: object, orderBy: string | undefined): Scalar {
  const value: unknown = orderBy === undefined ? undefined : (body as Record<string, unknown>)[orderBy];
  return isScalar(value) ? indexed(value) : null;
}
