import { systemScope, type DocumentCollection, type Documents } from "@caudal/core";
import { parkedCollection, type ParkedRecord } from "./parked-record.ts";

/** How many parked events wait for a person's decision. */
export function waitingIn(records: DocumentCollection<ParkedRecord>): Promise<number> {
  return records.count(systemScope, { state: "parked" });
}

/** The same for a process that has the documents alone. */
export async function parkedWaiting(documents: Documents): Promise<number> {
  return waitingIn(await documents.collection<ParkedRecord>(parkedCollection));
}
