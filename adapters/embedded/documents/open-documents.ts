import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { CaudalError, type CheckedSlice, type CollectionSpec, type DeclaredCollection, type DocumentCollection, type Documents } from "@caudal/core";
import { WorkerCalls } from "../worker/worker-calls.ts";
import { EmbeddedCollection } from "./embedded-collection.ts";
import type { DocumentsRequest } from "./requests.ts";

export interface EmbeddedDocumentsOptions {
  /** Made when it is missing; the file is `documents.db` in it. One process at a time: hold its lock (`lockDataFolder`). */
  readonly directory: string;
  /** Bytes that the file may grow to; a write beyond fails with "storage-full". No limit when absent. */
  readonly maxFileBytes?: number;
}

/** Opens the documents of a data folder: one SQLite file, written by a thread of its own. */
export async function openEmbeddedDocuments(options: EmbeddedDocumentsOptions): Promise<Documents> {
  await mkdir(options.directory, { recursive: true });
  const path = join(options.directory, "documents.db");
  return new EmbeddedDocuments(new WorkerCalls(new URL("./documents-worker.ts", import.meta.url), { path, maxFileBytes: options.maxFileBytes }));
}

class EmbeddedDocuments implements Documents {
  readonly #calls: WorkerCalls;
  #closed = false;

  constructor(calls: WorkerCalls) {
    this.#calls = calls;
  }

  async collection<T extends object>(spec: CollectionSpec): Promise<DocumentCollection<T>> {
    if (this.#closed) throw new CaudalError("closed", "the documents are closed");
    const declare: DocumentsRequest = { kind: "declare", spec };
    await this.#calls.call(declare);
    return new EmbeddedCollection<T>(this.#calls, spec, () => this.#closed);
  }

  async collections(): Promise<readonly DeclaredCollection[]> {
    if (this.#closed) throw new CaudalError("closed", "the documents are closed");
    const ask: DocumentsRequest = { kind: "collections" };
    return this.#calls.call<DeclaredCollection[]>(ask);
  }

  async check(after?: string): Promise<CheckedSlice> {
    if (this.#closed) throw new CaudalError("closed", "the documents are closed");
    return this.#calls.call<CheckedSlice>({ kind: "check", after } satisfies DocumentsRequest);
  }

  async rebuildIndexes(): Promise<void> {
    if (this.#closed) throw new CaudalError("closed", "the documents are closed");
    await this.#calls.call({ kind: "rebuild-indexes" } satisfies DocumentsRequest);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    const close: DocumentsRequest = { kind: "close" };
    await this.#calls.call(close);
    await this.#calls.terminate();
  }
}
