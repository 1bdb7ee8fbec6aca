import { systemScope, type DeclaredCollection, type Documents, type Page, type StoredDocument } from "@caudal/core";
import type { Manifest } from "./manifest.ts";
import { PartWriter } from "./part-file.ts";

/** Of a document frame: id, version, body and bytes of the blob in the body, -1 without one. */
export interface DocumentFrame {
  readonly collection: string;
  readonly documents: readonly (readonly [id: string, version: number, body: object, blobBytes: number])[];
}

/**
 * Read before all others, in this order, since what is read earlier must not claim more than what is read later. A ledger says how far its tier is, and a
 * head how far its states are, so they come before those; a state names shelves and directory versions, so it comes before those; a device names points
 * and its client; a mark says which rollups are old, so it comes before them; a daily root says where the ledger's chains stood.
 */
const firstCollections: readonly string[] = ["ledger_roots", "conservation-ledgers", "processor-heads", "rollup-marks", "mapping-devices", "judging-points", "mapping-shelves", "devices"];

/** At most 8 MiB and a bit each: what is in memory at once. */
const PAGE = 40;

/** Copies every collection, a page at a time. Resolves with what there was of each. */
export async function copyDocuments(documents: Documents, directory: string, signal: AbortSignal): Promise<Pick<Manifest, "documents" | "collections">> {
  const part = new PartWriter(directory, "documents.zst");
  try {
    const collections: Manifest["collections"] = [];
    for (const declared of inOrder(await documents.collections())) {
      let count = 0;
      for await (const page of pagesOf(documents, declared)) {
        signal.throwIfAborted();
        const frame: DocumentFrame = { collection: declared.name, documents: page.map(({ id, version, body, blob }) => [id, version, body, blob?.length ?? -1]) };
        await part.add(frame, page.flatMap(({ blob }) => (blob === undefined ? [] : [blob])));
        count += page.length;
      }
      collections.push({ name: declared.name, tenant: declared.tenant, documents: count });
    }
    return { documents: await part.close(), collections };
  } catch (error) {
    await part.abandon();
    throw error;
  }
}

/** All documents of a collection, in order of ids. */
export async function* pagesOf(documents: Documents, { name, tenant }: DeclaredCollection): AsyncGenerator<readonly StoredDocument<object>[]> {
  const collection = await documents.collection<object>({ name, tenant });
  let cursor: string | undefined;
  do {
    const page: Page<StoredDocument<object>> = await collection.find(systemScope, { limit: PAGE, ...(cursor === undefined ? {} : { cursor }) });
    if (page.items.length > 0) yield page.items;
    cursor = page.next;
  } while (cursor !== undefined);
}

function inOrder(collections: readonly DeclaredCollection[]): readonly DeclaredCollection[] {
  const rank = ({ name }: DeclaredCollection): number => (firstCollections.includes(name) ? firstCollections.indexOf(name) : firstCollections.length);
  return [...collections].sort((a, b) => rank(a) - rank(b) || (a.name < b.name ? -1 : 1));
}
