import { newestEntry, systemScope, type Documents } from "@caudal/core";
import { openCollections } from "../../../core/directory/collections.ts";
import type { DirectoryRow, PointRef } from "../auditor/evidence.ts";

const PAGE = 500;

/** What every key of every active device means, the newest meaning of each. */
export async function* directoryRows(documents: Documents): AsyncGenerator<DirectoryRow> {
  const { devices } = await openCollections(documents);
  let cursor: string | undefined;
  do {
    const page = await devices.find(systemScope, { limit: PAGE, ...(cursor === undefined ? {} : { cursor }) });
    for (const { body: { client, device, entries } } of page.items) {
      for (const entry of entries) {
        const { key, point, variable, unit, ignored } = entry;
        if (newestEntry(entries, key) === entry) yield { client, device, key, point, variable, unit, ignored: ignored === true };
      }
    }
    cursor = page.next;
  } while (cursor !== undefined);
}

/** Every point that the directory lists. */
export async function* directoryPoints(documents: Documents): AsyncGenerator<PointRef> {
  const { points } = await openCollections(documents);
  let cursor: string | undefined;
  do {
    const page = await points.find(systemScope, { limit: PAGE, ...(cursor === undefined ? {} : { cursor }) });
    for (const { body: { client, point } } of page.items) yield { client, point };
    cursor = page.next;
  } while (cursor !== undefined);
}
