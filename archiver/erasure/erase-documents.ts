import { systemScope, type DocumentCollection, type Documents, type Page, type Scope, type StoredDocument } from "@caudal/core";

const PAGE = 200;
/** Which points and works were the client's has to be known until all else is gone: a crash makes the erasure run again. */
const LAST = "points";
const WORKS = "obras";
/** Evidence of what was sent to regulators: of the installation, so no erasure removes it. */
const LEDGER = "ledger";
const TOKENS = { name: "tokens", tenant: false } as const;

interface TokenBody {
  readonly clients: "all" | readonly string[];
}

/** Ids of a client's points. */
export async function pointsOf(documents: Documents, client: string): Promise<ReadonlySet<string>> {
  const points = await documents.collection<object>({ name: LAST, tenant: true });
  const ids = new Set<string>();
  for await (const { id } of all(points, { clients: [client] })) ids.add(id);
  return ids;
}

/** Works of the client that have entries in the ledger of submissions, in order. */
export async function submissionsOf(documents: Documents, client: string): Promise<readonly string[]> {
  const ledger = await documents.collection<{ readonly work: string; readonly seq: number }>({ name: LEDGER, tenant: false, indexes: [["work", "seq"]] });
  const works: string[] = [];
  for await (const { id } of all(await documents.collection<object>({ name: WORKS, tenant: true }), { clients: [client] })) {
    if ((await ledger.find(systemScope, { where: { work: id }, limit: 1 })).items.length > 0) works.push(id);
  }
  return works.sort();
}

/** Documents of the client by collection, tokens that name it among them; whichever collections there are. */
export async function countDocuments(documents: Documents, client: string): Promise<Readonly<Record<string, number>>> {
  const counts: Record<string, number> = {};
  for (const { name, tenant } of await documents.collections()) {
    if (!tenant) continue;
    const count = await (await documents.collection<object>({ name, tenant })).count({ clients: [client] });
    if (count > 0) counts[name] = count;
  }
  let tokens = 0;
  for await (const { body } of all(await documents.collection<TokenBody>(TOKENS), systemScope)) if (body.clients !== "all" && body.clients.includes(client)) tokens += 1;
  return tokens === 0 ? counts : { ...counts, tokens };
}

/** Removes every document of the client; a token for it alone goes, one for others too loses it. Resolves with the counts by collection. */
export async function eraseDocuments(documents: Documents, client: string, signal: AbortSignal): Promise<Readonly<Record<string, number>>> {
  const counts: Record<string, number> = {};
  const collections = (await documents.collections()).filter(({ tenant }) => tenant).sort((a, b) => rank(a.name) - rank(b.name));
  const tokens = await eraseTokens(documents, client);
  if (tokens > 0) counts["tokens"] = tokens;
  for (const { name } of collections) {
    const collection = await documents.collection<object>({ name, tenant: true });
    for (let removed = await removePage(collection, client); removed > 0; removed = await removePage(collection, client)) {
      signal.throwIfAborted();
      counts[name] = (counts[name] ?? 0) + removed;
    }
  }
  return counts;
}

function rank(name: string): number {
  return name === LAST ? 2 : name === WORKS ? 1 : 0;
}

async function removePage(collection: DocumentCollection<object>, client: string): Promise<number> {
  const scope = { clients: [client] };
  const { items } = await collection.find(scope, { limit: PAGE });
  await Promise.all(items.map(({ id }) => collection.remove(scope, id)));
  return items.length;
}

async function eraseTokens(documents: Documents, client: string): Promise<number> {
  const tokens = await documents.collection<TokenBody>(TOKENS);
  let changed = 0;
  for await (const { id, version, body } of all(tokens, systemScope)) {
    if (body.clients === "all" || !body.clients.includes(client)) continue;
    const clients = body.clients.filter((other) => other !== client);
    if (clients.length === 0) await tokens.remove(systemScope, id);
    else await tokens.replace(systemScope, { id, body: { ...body, clients } }, version);
    changed += 1;
  }
  return changed;
}

async function* all<T extends object>(collection: DocumentCollection<T>, scope: Scope): AsyncGenerator<StoredDocument<T>> {
  let cursor: string | undefined;
  do {
    const page: Page<StoredDocument<T>> = await collection.find(scope, { limit: PAGE, ...(cursor === undefined ? {} : { cursor }) });
    yield* page.items;
    cursor = page.next;
  } while (cursor !== undefined);
}
