import type { CollectionSpec, FindQuery, Scalar } from "@caudal/core";

/** A document on its way to the storage thread: the body is text already. */
export interface WrittenDocument {
  readonly id: string;
  /** The body's client in a tenant collection; null elsewhere. */
  readonly client: string | null;
  readonly body: string;
  readonly blob: Uint8Array | null;
}

/** A document that is put back as it was. */
export interface RestoredDocument extends WrittenDocument {
  readonly version: number;
}

/** A document as the storage thread hands it back. */
export interface StoredRow {
  readonly id: string;
  readonly version: number;
  readonly body: string;
  readonly blob: Uint8Array | null;
}

/** null sees all clients. */
export type ScopeClients = readonly string[] | null;

/** What the main thread asks of the storage thread; each is one call, and calls that come together share one commit. */
export type DocumentsRequest =
  | { readonly kind: "declare"; readonly spec: CollectionSpec }
  | { readonly kind: "insert"; readonly collection: string; readonly document: WrittenDocument }
  | { readonly kind: "replace"; readonly collection: string; readonly clients: ScopeClients; readonly document: WrittenDocument; readonly expectedVersion: number }
  | { readonly kind: "put"; readonly collection: string; readonly documents: readonly WrittenDocument[] }
  | { readonly kind: "restore"; readonly collection: string; readonly documents: readonly RestoredDocument[] }
  | { readonly kind: "collections" }
  | { readonly kind: "check"; readonly after: string | undefined }
  | { readonly kind: "rebuild-indexes" }
  | { readonly kind: "remove"; readonly collection: string; readonly clients: ScopeClients; readonly id: string; readonly expectedVersion: number | undefined }
  | { readonly kind: "get"; readonly collection: string; readonly clients: ScopeClients; readonly ids: readonly string[] }
  | { readonly kind: "find"; readonly collection: string; readonly clients: ScopeClients; readonly query: FindQuery; readonly after: readonly [Scalar, string] | undefined; readonly limit: number }
  | { readonly kind: "count"; readonly collection: string; readonly clients: ScopeClients; readonly where: Readonly<Record<string, Scalar>> }
  | { readonly kind: "close" };

/** True for requests that change something. */
export function writes({ kind }: DocumentsRequest): boolean {
  return kind === "declare" || kind === "insert" || kind === "replace" || kind === "put" || kind === "restore" || kind === "remove";
}
