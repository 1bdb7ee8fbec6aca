import { MongoServerError, type ClientSession, type Collection, type CreateCollectionOptions, type Document } from "mongodb";
import { CaudalError, type TierName } from "@caudal/core";
import { isDuplicateKey } from "../connection/failure.ts";
import type { MongoConnection } from "../connection/open-mongo.ts";
import { headId } from "./keys.ts";

/** One batch of facts of a lane, as it came; see log-entry.ts. */
export interface EntryDocument {
  readonly _id: number;
  /** Who wrote it, and which of that one's entries it is: how a writer knows its own again after an answer was lost. */
  readonly w: Buffer;
  readonly n: number;
  /** Points as "client NUL point", each followed by a NUL. */
  readonly k: string;
  /** Three numbers a floor: index of the point, floor, 1 where the point begins with it. */
  readonly b?: readonly number[];
  readonly r?: Buffer;
  readonly f?: Buffer;
  /** A client that is erased at this place of the log; then the entry says nothing else. */
  readonly e?: string;
}

/** How far a lane is folded. It stands in the log, behind the lane's entries, so that one query finds both, in this order. */
export interface HeadDocument {
  readonly _id: number;
  /** Entries up to this one are in the buckets, and may be gone from the log. */
  readonly folded: number;
  /** Grows with every change of the lane's points and buckets. */
  readonly turn: number;
}

export interface PointDocument {
  readonly _id: Buffer;
  readonly c: string;
  readonly p: string;
  readonly l: number;
  readonly floor: number;
  readonly begun: boolean;
  /** Start of the last bucket; null without any. */
  readonly last: number | null;
  /** Newest fact of each variable, packed. */
  readonly n: Buffer;
  /** Variables whose newest instant is not that of their newest fact: name, instant, 1 where the newest fact is to be looked up. */
  readonly u: readonly (readonly [string, number, number])[];
}

export interface BucketDocument {
  readonly _id: Buffer;
  readonly f: Buffer;
}

/** Stands in the log before everything else. */
interface LayoutDocument {
  readonly _id: typeof LAYOUT_ID;
  readonly format: number;
  readonly lanes: number;
}

/** The collections of one tier. */
export interface TierStore {
  readonly connection: MongoConnection;
  readonly log: Collection<EntryDocument>;
  /** The same collection as the log. */
  readonly heads: Collection<HeadDocument>;
  readonly points: Collection<PointDocument>;
  readonly buckets: Collection<BucketDocument>;
  /** How many lanes the tier was made with. */
  readonly laneCount: number;
  startSession(): ClientSession;
}

const FORMAT = 1;
const LAYOUT_ID = -1;
const NAMESPACE_EXISTS = 48;
/** The first long-lived release with clustered collections. */
const LEAST_MAJOR = 6;
const zstd: CreateCollectionOptions = { storageEngine: { wiredTiger: { configString: "block_compressor=zstd" } } };
const clustered: CreateCollectionOptions = { ...zstd, clusteredIndex: { key: { _id: 1 }, unique: true } };

/** Collections (after the tier's name) and how each is made. */
const specs: Readonly<Record<string, CreateCollectionOptions>> = { log: clustered, points: zstd, buckets: clustered };

/**
 * The tier's collections, made where they are missing. Fails with "setting" where the server is too old, a collection exists that was made otherwise, has an
 * index of ours with other keys, or holds a layout that this version does not know.
 */
export async function openTierStore(connection: MongoConnection, name: TierName, lanes: number): Promise<TierStore> {
  const { database, place } = connection;
  return connection.onceMore(async () => {
    const { version } = await database.admin().command({ buildInfo: 1 });
    if (Number.parseInt(String(version)) < LEAST_MAJOR) throw new CaudalError("setting", `${place}: MongoDB ${version} has no clustered collections; the tier needs ${LEAST_MAJOR}.0 or later`);
    const existing = new Map((await database.listCollections().toArray()).map((info) => [info.name, info as Document]));
    for (const [suffix, options] of Object.entries(specs)) {
      const info = existing.get(`${name}_${suffix}`);
      if (info === undefined) await database.createCollection(`${name}_${suffix}`, options).catch(ignoreExisting);
      else if (options.clusteredIndex !== undefined && (info["options"] as Document)["clusteredIndex"] === undefined) {
        throw new CaudalError("setting", `${place}: the collection ${name}_${suffix} exists and is not clustered by _id; drop it, or name another database`);
      }
    }
    const points = database.collection<PointDocument>(`${name}_points`);
    await points.createIndex({ c: 1, l: 1 }, { name: "client" });
    const laneCount = await settleLayout(database.collection<LayoutDocument>(`${name}_log`), lanes, `${place}: the ${name} tier`);
    const heads = database.collection<HeadDocument>(`${name}_log`);
    const making = Array.from({ length: laneCount }, (_, lane) => ({ updateOne: { filter: { _id: headId(lane) }, update: { $setOnInsert: { folded: 0, turn: 0 } }, upsert: true } }));
    // Of several that make a lane's head at once one succeeds and the others are told; a second look finds all of them there.
    await heads.bulkWrite(making, { ordered: false }).catch((error: unknown) => (isDuplicateKey(error) ? heads.bulkWrite(making, { ordered: false }) : Promise.reject(error)));
    return {
      connection, points, laneCount, heads, log: database.collection<EntryDocument>(`${name}_log`),
      buckets: database.collection<BucketDocument>(`${name}_buckets`), startSession: () => database.client.startSession(),
    };
  });
}

/** How many lanes there are was settled by who opened the tier first, for ever: a point's lane follows from it. */
async function settleLayout(collection: Collection<LayoutDocument>, lanes: number, what: string): Promise<number> {
  const layout = await collection.findOneAndUpdate({ _id: LAYOUT_ID }, { $setOnInsert: { format: FORMAT, lanes } }, { upsert: true, returnDocument: "after" });
  if (layout?.format === FORMAT) return layout.lanes;
  throw new CaudalError("setting", `${what} was written in format ${layout?.format}, and this version knows ${FORMAT}`);
}

function ignoreExisting(error: unknown): void {
  if (!(error instanceof MongoServerError && error.code === NAMESPACE_EXISTS)) throw error;
}
