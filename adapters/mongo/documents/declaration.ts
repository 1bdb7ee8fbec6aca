import type { Collection, IndexDescription } from "mongodb";
import { CaudalError, type CollectionSpec, type DeclaredCollection } from "@caudal/core";
import { isDuplicateKey } from "../connection/failure.ts";
import type { MongoConnection } from "../connection/open-mongo.ts";
import { pathOf, type ScopeClients } from "./query.ts";
import type { DocumentRow } from "./row.ts";

/** What all processes know of a collection. */
interface CollectionNote {
  readonly _id: string;
  readonly tenant: boolean;
}

const NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,79}$/;
const IDS_INDEX = "clients";

/** The rows of a collection; under a prefix, for a tier may have the same database. */
export function rowsOf(mongo: MongoConnection, name: string): Collection<DocumentRow> {
  return mongo.database.collection<DocumentRow>(`documents.${name}`);
}

/** Notes the collection and makes its indexes; harmless when they are there. CaudalError "setting" where the database has it otherwise. */
export async function declare(mongo: MongoConnection, spec: CollectionSpec): Promise<void> {
  if (!NAME.test(spec.name)) throw new CaudalError("setting", `"${spec.name}" cannot name a collection: letters, digits, _ and -, at most 80`);
  const noted = await note(mongo, { _id: spec.name, tenant: spec.tenant });
  if (noted.tenant !== spec.tenant) throw new CaudalError("setting", `collection ${spec.name} exists ${spec.tenant ? "without" : "with"} tenants`);
  const wanted = indexesOf(spec);
  if (wanted.length === 0) return;
  await mongo.onceMore(() => rowsOf(mongo, spec.name).createIndexes(wanted)).catch((error: unknown) => {
    if (!(error instanceof CaudalError) || (error.code !== "setting" && error.code !== "duplicate-key")) throw error;
    const why = error.code === "setting" ? "an index of that name has other keys; drop it" : "documents that are there break a unique key that is new; mend them";
    throw new CaudalError("setting", `collection ${spec.name}: ${why} (${error.message})`, { cause: error });
  });
}

/** What was ever declared here, in order of names. */
export async function declaredCollections(mongo: MongoConnection): Promise<readonly DeclaredCollection[]> {
  const notes = await mongo.onceMore(() => mongo.database.collection<CollectionNote>("documents").find().sort({ _id: 1 }).toArray());
  return notes.map(({ _id, tenant }) => ({ name: _id, tenant }));
}

async function note(mongo: MongoConnection, declared: CollectionNote): Promise<CollectionNote> {
  const collections = mongo.database.collection<CollectionNote>("documents");
  return mongo.onceMore(async () => {
    const known = await collections.findOne({ _id: declared._id });
    if (known !== null) return known;
    try {
      await collections.insertOne(declared);
      return declared;
    } catch (error) {
      // Another process was faster, or an attempt whose answer was lost.
      if (!isDuplicateKey(error)) throw error;
      return (await collections.findOne({ _id: declared._id })) ?? declared;
    }
  });
}

/** Names hold all fields, so one name never stands for two lists. */
function indexesOf(spec: CollectionSpec): IndexDescription[] {
  const keyOf = (fields: readonly string[]): Record<string, 1> => Object.fromEntries(fields.map((field) => [pathOf(field), 1]));
  const plain = (spec.indexes ?? []).map((fields) => ({ name: `by:${fields.join("+")}`, key: { ...keyOf(fields), _id: 1 as const } }));
  // A unique key with an absent field is not enforced: partial index. Null is stored as absent.
  const unique = (spec.unique ?? []).map((fields) => ({
    name: `unique:${fields.join("+")}`, key: keyOf(fields), unique: true, partialFilterExpression: Object.fromEntries(fields.map((field) => [pathOf(field), { $exists: true }])),
  }));
  return [...(spec.tenant ? [{ name: IDS_INDEX, key: { client: 1 as const, _id: 1 as const } }] : []), ...plain, ...unique];
}

/** What a scope sees of a collection. "forbidden" for less than all clients where it belongs to the installation. */
export function clientsOf(spec: CollectionSpec, scope: { readonly clients: readonly string[] | "all" }): ScopeClients {
  if (scope.clients === "all") return null;
  if (!spec.tenant) throw new CaudalError("forbidden", `${spec.name} belongs to the installation`);
  return scope.clients;
}
