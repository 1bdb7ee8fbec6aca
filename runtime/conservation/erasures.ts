import { systemScope, type CollectionSpec, type DocumentCollection, type Documents } from "@caudal/core";

interface ErasureBody {
  readonly client: string;
  readonly beganAtUs: number;
  readonly endedAtUs: number | null;
}

const erasureCollection: CollectionSpec = { name: "conservation-erasures", tenant: false, indexes: [["client"]] };
/** Groups that were still reading when it ended are past it by then. */
const AFTER_US = 60_000_000;
/** One that never ended was given up. */
const FORGOTTEN_US = 24 * 3600 * 1_000_000;
const MOST = 1000;

const open = (documents: Documents): Promise<DocumentCollection<ErasureBody>> => documents.collection<ErasureBody>(erasureCollection);

/** Says that what a client has is being removed from the tiers, one after the other: until it ended nobody takes that for a loss. */
export async function noteErasure(documents: Documents, client: string, nowUs: number): Promise<{ ended(nowUs: number): Promise<void> }> {
  const erasures = await open(documents);
  const note = (endedAtUs: number | null) => erasures.putMany(systemScope, [{ id: `erasure.${client}`, body: { client, beganAtUs: nowUs, endedAtUs } }]);
  await note(null);
  return { ended: (endedAtUs) => note(endedAtUs) };
}

/** What is known of a client whose data went: what stood in the log before may stand in no tier. */
export interface NotedErasure {
  readonly isOver: boolean;
  /** Records that were appended before are not looked for. */
  readonly beforeUs: number;
}

/** Clients whose data goes or went, by id. */
export async function notedErasures(documents: Documents, nowUs: number): Promise<ReadonlyMap<string, NotedErasure>> {
  const { items } = await (await open(documents)).find(systemScope, { limit: MOST });
  return new Map(items.map(({ body: { client, beganAtUs, endedAtUs } }) => {
    const isOver = endedAtUs === null ? nowUs >= beganAtUs + FORGOTTEN_US : nowUs >= endedAtUs + AFTER_US;
    return [client, { isOver, beforeUs: (endedAtUs ?? beganAtUs) + AFTER_US }];
  }));
}
