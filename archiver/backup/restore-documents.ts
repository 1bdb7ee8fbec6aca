import { groups, systemScope, topics, type DocumentCollection, type Documents, type StoredDocument } from "@caudal/core";
import { ledgerCollection, type LedgerBody } from "@caudal/runtime";
import type { BackupRun } from "./backup-ports.ts";
import type { DocumentFrame } from "./copy-documents.ts";
import type { Manifest } from "./manifest.ts";
import { readPart } from "./part-file.ts";

/** Puts every document back at its version. Resolves with their number. */
export async function restoreDocuments(documents: Documents, directory: string, manifest: Manifest, run: BackupRun): Promise<number> {
  const collections = new Map<string, DocumentCollection<object>>();
  for (const { name, tenant } of manifest.collections) collections.set(name, await documents.collection<object>({ name, tenant }));
  const total = manifest.collections.reduce((sum, collection) => sum + collection.documents, 0);
  const ledgers: StoredDocument<LedgerBody>[] = [];
  let done = 0;
  for await (const { header, body } of readPart(directory, manifest.documents)) {
    run.signal.throwIfAborted();
    const frame = header as DocumentFrame;
    let at = 0;
    const stored = frame.documents.map(([id, version, content, blobBytes]) => {
      if (blobBytes < 0) return { id, version, body: content };
      const blob = body.subarray(at, (at += blobBytes));
      return { id, version, body: content, blob };
    });
    if (frame.collection === ledgerCollection.name) ledgers.push(...(stored as StoredDocument<LedgerBody>[]));
    else await collections.get(frame.collection)?.restoreMany(systemScope, stored);
    done += stored.length;
    run.progress({ done, total, unit: "documents" });
  }
  await collections.get(ledgerCollection.name)?.restoreMany(systemScope, thoseThatHold(ledgers, manifest));
  return done;
}

/**
 * Hot and warm are rebuilt from what cold holds: a ledger of theirs that is ahead of cold's would make them go on behind facts that they lack. Without it
 * they begin where their groups are put, which is no later than cold.
 */
function thoseThatHold(ledgers: readonly StoredDocument<LedgerBody>[], { topics: copied }: Manifest): readonly StoredDocument<LedgerBody>[] {
  const committed = copied.find(({ topic }) => topic === topics.measurements)?.groups[groups.cold];
  const cold = new Map(ledgers.filter(({ body }) => body.group === groups.cold).map(({ body }) => [body.partition, body.offset]));
  return ledgers.filter(({ body: { group, partition, offset } }) => (group !== groups.hot && group !== groups.warm) || offset <= (cold.get(partition) ?? committed?.[partition] ?? -1));
}
