import type { CollectionSpec, DeclaredCollection, DocumentCollection, Documents, Tell } from "@caudal/core";
import { CaudalError } from "@caudal/core";
import { openMongo, type MongoConnection } from "../connection/open-mongo.ts";
import { declare, declaredCollections } from "./declaration.ts";
import { MongoCollection } from "./mongo-collection.ts";
import { WriteTokens } from "./write-token.ts";

export interface MongoDocumentsOptions {
  /** `mongodb://[user:pass@]host:port[,host:port…]/database?replicaSet=rs0`. */
  readonly url: string;
  readonly tell?: Tell;
  /** How long one call asks again while the server is away, before it fails with "unavailable". 10 s when absent. */
  readonly patienceMs?: number;
}

/** Opens the documents of a database; many processes may. Fails with "unavailable" or "setting", naming the server without secrets. */
export async function openMongoDocuments(options: MongoDocumentsOptions): Promise<Documents> {
  return new MongoDocuments(await openMongo(options));
}

class MongoDocuments implements Documents {
  readonly #mongo: MongoConnection;
  readonly #tokens = new WriteTokens();
  /** What this process declared of each collection, all specs of a name together. */
  readonly #specs = new Map<string, CollectionSpec>();
  #closed = false;

  constructor(mongo: MongoConnection) {
    this.#mongo = mongo;
  }

  async collection<T extends object>(spec: CollectionSpec): Promise<DocumentCollection<T>> {
    if (this.#closed) throw new CaudalError("closed", "the documents are closed");
    await declare(this.#mongo, spec);
    const known = this.#specs.get(spec.name);
    this.#specs.set(spec.name, { ...spec, indexes: [...(known?.indexes ?? []), ...(spec.indexes ?? [])], unique: [...(known?.unique ?? []), ...(spec.unique ?? [])] });
    return new MongoCollection<T>(this.#mongo, () => this.#specs.get(spec.name) ?? spec, this.#tokens);
  }

  async collections(): Promise<readonly DeclaredCollection[]> {
    if (this.#closed) throw new CaudalError("closed", "the documents are closed");
    return declaredCollections(this.#mongo);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#mongo.close();
  }
}
