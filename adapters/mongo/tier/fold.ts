import type { AnyBulkWriteOperation, ClientSession } from "mongodb";
import { CaudalError, type Words } from "@caudal/core";
import { toMongoError } from "../connection/failure.ts";
import type { BucketPlaces } from "./bucket-places.ts";
import { planFold, type FoldPlan } from "./fold-plan.ts";
import { bucketId, entryId, headId } from "./keys.ts";
import type { KnownPoint } from "./known-point.ts";
import type { BucketDocument, TierStore } from "./tier-store.ts";

/** Points whose buckets change in one transaction. */
const POINTS_AT_ONCE = 256;
/** Points whose buckets are in memory unpacked at once. */
const POINTS_PLANNED = 32;
const COMMITS = 3;

/** The lane as it stands before a fold; `last` is the last entry that the lane's memory holds. */
export interface FoldRequest {
  readonly store: TierStore;
  readonly words: Words;
  readonly places: BucketPlaces;
  readonly lane: number;
  readonly turn: number;
  readonly folded: number;
  readonly last: number;
  readonly points: readonly KnownPoint[];
  /** Clients that the log erases: what the collections still hold of them goes first. */
  readonly erased: ReadonlySet<string>;
}

/**
 * Brings the pending facts of a lane into its buckets and its points' documents, some hundred points a transaction. Merging the same facts twice
 * changes nothing, so a fold that ends in the middle is simply done again; each transaction takes the lane's next turn, so that of two folds
 * at once one fails. Gives the lane's turn afterwards. Fails with "version-conflict" when somebody else took the turn.
 */
export async function fold(request: FoldRequest): Promise<number> {
  const { store, words, places, lane, last, points } = request;
  for (const client of request.erased) await eraseStored(store, lane, client);
  let { turn } = request;
  for (let at = 0; at === 0 || at < points.length; at += POINTS_AT_ONCE) {
    const part = points.slice(at, at + POINTS_AT_ONCE);
    const plans = await planPart(part, places, words);
    const isLast = at + POINTS_AT_ONCE >= points.length;
    await commit(request, plans, { turn, folded: isLast ? last : request.folded });
    turn += 1;
    for (const { point } of plans) point.markFolded();
  }
  await store.connection.onceMore(() => store.log.deleteMany({ _id: { $gte: entryId(lane, 0), $lte: entryId(lane, last) } }));
  return turn;
}

async function planPart(points: readonly KnownPoint[], places: BucketPlaces, words: Words): Promise<FoldPlan[]> {
  const plans: FoldPlan[] = [];
  for (let at = 0; at < points.length; at += POINTS_PLANNED) {
    const some = points.slice(at, at + POINTS_PLANNED);
    await places.fetchLast(some);
    for (const point of some) {
      plans.push(await planFold(point, places, words));
      places.forget(point);
    }
  }
  return plans;
}

/** Tried once: only who reads the lane anew knows whether a transaction that failed was committed. */
async function commit(request: FoldRequest, plans: readonly FoldPlan[], next: { readonly turn: number; readonly folded: number }): Promise<void> {
  const failure = await request.store.connection.onceMore(() => tryCommit(request, plans, next).then(() => undefined, (error: unknown) => ({ error })));
  if (failure !== undefined) throw toMongoError(failure.error, request.store.connection.place);
}

async function tryCommit({ store, lane, words }: FoldRequest, plans: readonly FoldPlan[], { turn, folded }: { readonly turn: number; readonly folded: number }): Promise<void> {
  const session = store.startSession();
  try {
    session.startTransaction({ readConcern: "majority", writeConcern: { w: "majority", journal: true }, readPreference: "primary" });
    const taken = await store.heads.updateOne({ _id: headId(lane), turn }, { $set: { turn: turn + 1, folded } }, { session });
    if (taken.matchedCount === 0) throw new CaudalError("version-conflict", `lane ${lane} was folded by somebody else`);
    for (const { point, lastStartUs } of plans) point.lastStartUs = lastStartUs;
    const changes = plans.flatMap(changesOf);
    if (changes.length > 0) await store.buckets.bulkWrite(changes, { session, ordered: false });
    const documents = plans.map(({ point }) => point.toDocument(lane, words));
    const replacing = documents.map(({ _id, ...replacement }) => ({ replaceOne: { filter: { _id }, replacement, upsert: true } }));
    if (replacing.length > 0) await store.points.bulkWrite(replacing, { session, ordered: false });
    await commitSurely(session);
  } catch (error) {
    if (session.inTransaction()) await session.abortTransaction().catch(() => undefined);
    throw error;
  } finally {
    await session.endSession();
  }
}

/** A commit whose answer was lost may be sent again. */
async function commitSurely(session: ClientSession): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await session.commitTransaction();
    } catch (error) {
      const isUnknown = error instanceof Error && "hasErrorLabel" in error && (error as { hasErrorLabel(label: string): boolean }).hasErrorLabel("UnknownTransactionCommitResult");
      if (!isUnknown || attempt === COMMITS) throw error;
    }
  }
}

function changesOf({ point, replace, remove, removeBeforeUs }: FoldPlan): AnyBulkWriteOperation<BucketDocument>[] {
  const least = bucketId(point.id, -Infinity);
  return [
    ...(removeBeforeUs === undefined || removeBeforeUs === -Infinity ? [] : [{ deleteMany: { filter: { _id: { $gte: least, $lt: bucketId(point.id, removeBeforeUs) } } } }]),
    ...remove.map((startUs) => ({ deleteOne: { filter: { _id: bucketId(point.id, startUs) } } })),
    ...replace.map(({ startUs, bytes }) => ({ replaceOne: { filter: { _id: bucketId(point.id, startUs) }, replacement: { f: bytes }, upsert: true } })),
  ];
}

/** Removes what the collections hold of a client in a lane. Done again when it ends in the middle: the points' documents go last. */
async function eraseStored(store: TierStore, lane: number, client: string): Promise<void> {
  const { connection, points, buckets } = store;
  for (;;) {
    const found = await connection.onceMore(() => points.find({ c: client, l: lane }, { projection: { _id: 1 } }).limit(POINTS_AT_ONCE).toArray());
    if (found.length === 0) return;
    const ids = found.map(({ _id }) => _id);
    const ranges = ids.map((id) => ({ deleteMany: { filter: { _id: { $gte: bucketId(id, -Infinity), $lte: bucketId(id, Infinity) } } } }));
    await connection.onceMore(() => buckets.bulkWrite(ranges, { ordered: false }));
    await connection.onceMore(() => points.deleteMany({ _id: { $in: ids } }));
  }
}
