import type { CollectionSpec, DocumentCollection, Documents } from "@caudal/core";
import type { Metrics } from "./metrics.ts";
import { timed } from "./timed.ts";

/** The same store, with the time and the failures of each collection's calls. */
export function observeDocuments(documents: Documents, metrics: Metrics): Documents {
  return {
    collection: async <T extends object>(spec: CollectionSpec) => observeCollection(await documents.collection<T>(spec), spec.name, metrics),
    collections: () => documents.collections(),
    ...(documents.check === undefined ? {} : { check: (after?: string) => documents.check!(after) }),
    ...(documents.rebuildIndexes === undefined ? {} : { rebuildIndexes: () => documents.rebuildIndexes!() }),
    close: () => documents.close(),
  };
}

function observeCollection<T extends object>(inner: DocumentCollection<T>, collection: string, metrics: Metrics): DocumentCollection<T> {
  const seconds = metrics.histogram("caudal_documents_seconds");
  const errors = metrics.counter("caudal_documents_errors_total");
  const tell = (call: string) => ({
    seconds: (took: number) => seconds.observe({ collection, call }, took),
    failed: (code: string) => errors.inc({ collection, call, code }),
  });
  return {
    insert: (scope, document) => timed(() => inner.insert(scope, document), tell("insert")),
    get: (scope, id) => timed(() => inner.get(scope, id), tell("get")),
    getMany: (scope, ids) => timed(() => inner.getMany(scope, ids), tell("getMany")),
    replace: (scope, document, expectedVersion) => timed(() => inner.replace(scope, document, expectedVersion), tell("replace")),
    restoreMany: (scope, items) => timed(() => inner.restoreMany(scope, items), tell("restoreMany")),
    putMany: (scope, items) => timed(() => inner.putMany(scope, items), tell("putMany")),
    remove: (scope, id, expectedVersion) => timed(() => inner.remove(scope, id, expectedVersion), tell("remove")),
    find: (scope, query) => timed(() => inner.find(scope, query), tell("find")),
    count: (scope, where) => timed(() => inner.count(scope, where), tell("count")),
  };
}
