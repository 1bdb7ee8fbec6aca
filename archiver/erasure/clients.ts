import { Erasures, hasCode, systemScope, type DocumentCollection, type Documents, type Page, type StoredDocument } from "@caudal/core";

/** A client as it is listed. */
export interface ClientView {
  readonly client: string;
  readonly name: string;
  readonly points: number;
  readonly devices: number;
  /** erased: nothing of it is taken in until it is created again. */
  readonly state: "active" | "erasing" | "erased";
  readonly erasedAt: string | null;
}

interface NamedBody {
  readonly client: string;
  readonly name: string;
}

const PAGE = 500;

/** Clients that there are, and those that were erased, by id. */
export async function listClients(documents: Documents): Promise<readonly ClientView[]> {
  const count = async (name: string, client: string): Promise<number> => (await documents.collection<object>({ name, tenant: true })).count({ clients: [client] });
  const { collection: erasures } = await Erasures.open(documents, () => 0);
  const erased = new Map<string, { readonly state: "erasing" | "erased"; readonly endedAtUs: number | null }>();
  for await (const { id, body } of pages(erasures)) erased.set(id, body);
  const views = new Map<string, ClientView>();
  for await (const { id, body } of pages(await documents.collection<NamedBody>({ name: "clients", tenant: true }))) {
    views.set(id, { client: id, name: body.name, points: await count("points", id), devices: await count("devices", id), state: erased.get(id)?.state ?? "active", erasedAt: null });
  }
  for (const [client, { state, endedAtUs }] of erased) {
    if (!views.has(client)) views.set(client, { client, name: client, points: 0, devices: 0, state, erasedAt: endedAtUs === null ? null : new Date(endedAtUs / 1000).toISOString() });
  }
  return [...views.values()].sort((a, b) => (a.client < b.client ? -1 : 1));
}

/** Lets an erased client in again, or makes one. False when it is there. */
export async function createClient(documents: Documents, { client, name, nowUs }: { readonly client: string; readonly name: string; readonly nowUs: number }): Promise<boolean> {
  const { collection } = await Erasures.open(documents, () => 0);
  const lifted = await collection.remove(systemScope, client);
  try {
    await (await documents.collection<object>({ name: "clients", tenant: true })).insert(systemScope, { id: client, body: { client, name, createdAtUs: nowUs } });
    return true;
  } catch (error) {
    if (!hasCode(error, "duplicate-key")) throw error;
    return lifted;
  }
}

async function* pages<T extends object>(collection: DocumentCollection<T>): AsyncGenerator<StoredDocument<T>> {
  let cursor: string | undefined;
  do {
    const page: Page<StoredDocument<T>> = await collection.find(systemScope, { limit: PAGE, ...(cursor === undefined ? {} : { cursor }) });
    yield* page.items;
    cursor = page.next;
  } while (cursor !== undefined);
}
