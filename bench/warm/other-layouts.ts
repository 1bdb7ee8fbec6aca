import type { Collection, Db } from "mongodb";
import { encodeBucket, FactList, mergeRuns, Words, type FactRun } from "@caudal/core";
import type { Measurement } from "@caudal/schemas";
import { makeCollection } from "./database.ts";
import { pointKey } from "./point-key.ts";

const HOUR_US = 3_600_000_000;
/** Rows after which a packed bucket is full. */
const BUCKET_FACTS = 2048;

/** One way to keep facts, as far as its writes go: measurements that are new. */
export interface Layout {
  readonly name: string;
  write(batch: readonly Measurement[]): Promise<void>;
}

/** Layout (b): a document a point and hour, each instant a slot that is set where its revision is greater. */
export async function slotBuckets(database: Db): Promise<Layout> {
  const buckets = await makeCollection<{ _id: Buffer }>(database, "slots");
  return {
    name: "hour buckets, $cond a slot",
    async write(batch) {
      const sets = new Map<string, { readonly _id: Buffer; readonly slots: Record<string, unknown> }>();
      for (const { client, point, instantUs, knownAtUs, authority, facts } of batch) {
        const hour = Math.floor(instantUs / HOUR_US);
        const at = `${point} ${hour}`;
        const bucket = sets.get(at) ?? { _id: withNumber(pointKey(client, point), hour), slots: {} };
        sets.set(at, bucket);
        const slot = { k: knownAtUs, a: authority, f: facts.map(({ value, flag }) => [value, flag]) };
        const path = `s${instantUs - hour * HOUR_US}`;
        bucket.slots[path] = { $cond: [{ $gt: [knownAtUs, `$${path}.k`] }, slot, `$${path}`] };
      }
      await buckets.bulkWrite([...sets.values()].map(({ _id, slots }) => ({ updateOne: { filter: { _id }, update: [{ $set: slots }], upsert: true } })), { ordered: false });
    },
  };
}

interface PackedBucket {
  readonly _id: Buffer;
  readonly v: number;
  readonly f: Buffer;
}

/** Layout (c): packed buckets that are merged here and replaced under their version; what was written last is remembered, so that nothing is read. */
export async function packedBuckets(database: Db): Promise<Layout> {
  const buckets: Collection<PackedBucket> = await makeCollection<PackedBucket>(database, "packed");
  const words = new Words();
  const known = new Map<string, { number: number; version: number; run: FactRun }>();
  return {
    name: "packed buckets, compare and set",
    async write(batch) {
      const operations = [];
      for (const [point, run] of runsByPoint(batch, words)) {
        const before = known.get(point) ?? { number: 0, version: 0, run: { facts: new FactList(0), start: 0, end: 0 } };
        const isFull = before.run.end >= BUCKET_FACTS;
        const bucket = isFull ? { number: before.number + 1, version: 1, run } : { number: before.number, version: before.version + 1, run: mergeRuns(before.run, run, false) };
        known.set(point, bucket);
        const filter = { _id: withNumber(Buffer.from(point, "latin1"), bucket.number), v: bucket.version - 1 };
        operations.push({ replaceOne: { filter, replacement: { v: bucket.version, f: encodeBucket(bucket.run, words) }, upsert: true } });
      }
      await buckets.bulkWrite(operations, { ordered: false });
    },
  };
}

/** Layout (d), one document a batch and point: a log a point. Folding it into buckets and removing it comes on top. */
export async function pointChunks(database: Db): Promise<Layout> {
  const chunks = await makeCollection<{ _id: Buffer; f: Buffer }>(database, "chunks");
  const words = new Words();
  let sequence = 0;
  return {
    name: "packed chunk a batch and point",
    async write(batch) {
      sequence += 1;
      const documents = Array.from(runsByPoint(batch, words), ([point, run]) => ({ _id: withNumber(Buffer.from(point, "latin1"), sequence), f: encodeBucket(run, words) }));
      await chunks.insertMany(documents, { ordered: false });
    },
  };
}

function runsByPoint(batch: readonly Measurement[], words: Words): Map<string, FactRun> {
  const lists = new Map<string, FactList>();
  const one = new FactList(1);
  for (const { client, point, instantUs, knownAtUs, authority, facts } of batch) {
    const key = pointKey(client, point).toString("latin1");
    const list = lists.get(key) ?? new FactList(4);
    lists.set(key, list);
    one.instants[0] = instantUs;
    one.knownAts[0] = knownAtUs;
    one.authorities[0] = authority;
    for (const { variable, value, flag, reasons } of facts) {
      one.variables[0] = words.idOf(variable);
      one.values[0] = value ?? NaN;
      one.flags[0] = flag;
      one.reasons[0] = words.idOfReasons(reasons);
      list.add(one, 0);
    }
  }
  return new Map(Array.from(lists, ([key, facts]) => [key, { facts, start: 0, end: facts.length }]));
}

function withNumber(point: Buffer, number: number): Buffer {
  const id = Buffer.alloc(24);
  point.copy(id);
  id.writeDoubleBE(number, 16);
  return id;
}
