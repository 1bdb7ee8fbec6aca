import type { Scope } from "../access/principal.ts";
import type { CheckedSlice } from "./self-check.ts";

/**
 * Documents: named collections of JSON documents with declared unique keys and indexes.
 *
 * Every write is durable when it resolves and touches one document: one write decides, there are no transactions.
 * `insert` fails with "duplicate-key" when the id or a declared unique key is taken; `replace` and a `remove` with a version
 * compare and set, and fail with "version-conflict" when the document moved on or is gone. A tenant collection's documents carry
 * `client`; a scope sees, changes and finds only its own ("forbidden" on a write outside it).
 */
export interface Documents {
  /** Declares the collection; idempotent, and adds indexes that are new in the spec. */
  collection<T extends object>(spec: CollectionSpec): Promise<DocumentCollection<T>>;
  /** Every collection that was ever declared in this store, by whomever, in order of names; for those who copy the whole. */
  collections(): Promise<readonly DeclaredCollection[]>;
  /** Checks a slice of the store's own files, from the start when `after` is absent. Where a store keeps no files of its own, absent. */
  check?(after?: string): Promise<CheckedSlice>;
  /** Makes all indexes anew from the documents. */
  rebuildIndexes?(): Promise<void>;
  close(): Promise<void>;
}

export interface CollectionSpec {
  readonly name: string;
  /** true: bodies carry `client` and scopes apply to it. false: only a scope of all clients may touch it. */
  readonly tenant: boolean;
  /** Each a list of top-level body fields. */
  readonly unique?: readonly (readonly string[])[];
  /** Top-level body fields that `find` may filter or order by, each list one index; order as used: equality first, then range or order. */
  readonly indexes?: readonly (readonly string[])[];
}

/** What the store knows of a collection without a spec of it. */
export type DeclaredCollection = Pick<CollectionSpec, "name" | "tenant">;

export interface StoredDocument<T> {
  readonly id: string;
  /** Starts at 1, grows by one a write. */
  readonly version: number;
  readonly body: T;
  /** Opaque bytes beside the body, at most 8 MiB. */
  readonly blob?: Uint8Array;
}

export interface NewDocument<T> {
  readonly id: string;
  readonly body: T;
  readonly blob?: Uint8Array;
}

export type Scalar = string | number | boolean | null;

export interface FindQuery {
  /** Equality on top-level fields of a declared index. */
  readonly where?: Readonly<Record<string, Scalar>>;
  /** Half-open range on one field of a declared index: from <= field < to. */
  readonly range?: { readonly field: string; readonly from?: Scalar; readonly to?: Scalar };
  /** A declared field, then id; just id when absent. */
  readonly orderBy?: string;
  readonly descending?: boolean;
  /** 100 when absent, 1000 at most. */
  readonly limit?: number;
  /** `next` of the page before. */
  readonly cursor?: string;
}

export interface Page<T> {
  readonly items: readonly T[];
  /** Undefined on the last page. */
  readonly next?: string;
}

export interface DocumentCollection<T extends object> {
  insert(scope: Scope, document: NewDocument<T>): Promise<StoredDocument<T>>;
  get(scope: Scope, id: string): Promise<StoredDocument<T> | undefined>;
  /** In the order asked; unknown ids are left out. */
  getMany(scope: Scope, ids: readonly string[]): Promise<readonly StoredDocument<T>[]>;
  replace(scope: Scope, document: NewDocument<T>, expectedVersion: number): Promise<StoredDocument<T>>;
  /** Writes whatever is there (for state and projections with one writer); durable together or each on its own, in order. */
  putMany(scope: Scope, documents: readonly NewDocument<T>[]): Promise<void>;
  /** As `putMany`, with each document at exactly its version: for a copy that was read elsewhere and is put back. */
  restoreMany(scope: Scope, documents: readonly StoredDocument<T>[]): Promise<void>;
  /** False when it was not there. */
  remove(scope: Scope, id: string, expectedVersion?: number): Promise<boolean>;
  /** Keyset paging: stable under writes, no document twice. */
  find(scope: Scope, query: FindQuery): Promise<Page<StoredDocument<T>>>;
  count(scope: Scope, where?: Readonly<Record<string, Scalar>>): Promise<number>;
}
