import { randomUUID } from "node:crypto";
import { MongoClient, type Collection } from "mongodb";
import { systemScope as all, type CollectionSpec, type DocumentCollection } from "@caudal/core";
import { openMongoDocuments } from "@caudal/mongo";
import { defineBenchmark, type BenchContext } from "../harness/benchmark.ts";
import { deviceRecord, type DeviceRecord } from "./device-record.ts";

const LEAST_RATIO = 0.8;
const IN_FLIGHT = 16;
const PUTS = 500;
const READ_FROM = 5000;
const PAGE = 100;

/** As one would keep it without us: the body as a document, its version beside it. */
interface BareDocument {
  readonly _id: string;
  readonly version: number;
  readonly client: string;
  readonly body: DeviceRecord;
}

interface Sides {
  readonly ours: DocumentCollection<DeviceRecord>;
  readonly bare: Collection<BareDocument>;
}

/** Two collections with the same indexes, in a database that goes with the benchmark. */
async function openSides(context: BenchContext): Promise<Sides> {
  const server = new URL(context.engine("mongo").url);
  server.pathname = `/bench-documents-${randomUUID().slice(0, 8)}`;
  const client = await MongoClient.connect(server.href, { writeConcern: { w: "majority", journal: true }, readConcern: { level: "majority" }, maxPoolSize: IN_FLIGHT, promoteBuffers: true });
  context.closing(() => client.close());
  context.closing(() => client.db().dropDatabase());
  const documents = await openMongoDocuments({ url: server.href });
  context.closing(() => documents.close());
  const spec: CollectionSpec = { name: "devices", tenant: true, unique: [["client", "serial"]], indexes: [["client", "changedAtUs"]] };
  const bare = client.db().collection<BareDocument>("bare");
  await bare.createIndexes([
    { key: { client: 1, _id: 1 } }, { key: { "body.client": 1, "body.changedAtUs": 1, _id: 1 } },
    { key: { "body.client": 1, "body.serial": 1 }, unique: true, partialFilterExpression: { "body.serial": { $exists: true } } },
  ]);
  return { ours: await documents.collection<DeviceRecord>(spec), bare };
}

/** A number no document had, a side each. */
function counter(): () => number {
  let next = 0;
  return () => next++;
}

export const benchmark = defineBenchmark({
  name: "mongo-documents",
  about: "Documents on MongoDB against the bare driver with the same records, indexes, write concern (majority, journal) and read concern; ours compares versions, keeps scopes, and knows a write again whose answer was lost.",
  needs: ["mongo"],
  async run(context) {
    const { ours, bare } = await openSides(context);
    const [oursNext, bareNext] = [counter(), counter()];

    await context.compare({
      name: `insert, ${IN_FLIGHT} at once`, unit: "documents", leastRatio: LEAST_RATIO,
      ours: { name: "ours", inFlight: IN_FLIGHT, async batch() {
        const body = deviceRecord(oursNext());
        await ours.insert(all, { id: body.device, body });
        return 1;
      } },
      baseline: { name: "bare insertOne", inFlight: IN_FLIGHT, async batch() {
        const body = deviceRecord(bareNext());
        await bare.insertOne({ _id: body.device, version: 1, client: body.client, body });
        return 1;
      } },
    });

    const [oursTurn, bareTurn] = [counter(), counter()];
    await context.compare({
      name: `put over what is there, ${PUTS} a call`, unit: "documents", leastRatio: LEAST_RATIO,
      ours: { name: "ours", async batch() {
        const turn = oursTurn();
        await ours.putMany(all, Array.from({ length: PUTS }, (_, index) => deviceRecord(index, turn)).map((body) => ({ id: body.device, body })));
        return PUTS;
      } },
      baseline: { name: "bare bulkWrite", async batch() {
        const turn = bareTurn();
        const bodies = Array.from({ length: PUTS }, (_, index) => deviceRecord(index, turn));
        await bare.bulkWrite(bodies.map((body) => ({ updateOne: { filter: { _id: body.device, client: body.client }, update: { $set: { body }, $inc: { version: 1 } }, upsert: true } })), { ordered: true });
        return PUTS;
      } },
    });

    for (const [side, next] of [["ours", oursNext], ["bare", bareNext]] as const) {
      for (let number = next(); number < READ_FROM; number = next()) {
        const body = deviceRecord(number);
        if (side === "ours") await ours.putMany(all, [{ id: body.device, body }]);
        else await bare.insertOne({ _id: body.device, version: 1, client: body.client, body });
      }
    }

    let cursor: string | undefined;
    let after: { changedAtUs: number; id: string } | undefined;
    await context.compare({
      name: `find, pages of ${PAGE} by client and time`, unit: "documents", leastRatio: LEAST_RATIO,
      ours: { name: "ours", async batch() {
        const page = await ours.find({ clients: ["client-1"] }, { where: { client: "client-1" }, orderBy: "changedAtUs", limit: PAGE, ...(cursor === undefined ? {} : { cursor }) });
        cursor = page.next;
        return page.items.length;
      } },
      baseline: { name: "bare find", async batch() {
        const client = { "body.client": "client-1", client: "client-1" };
        const filter = after === undefined ? client : { $or: [{ ...client, "body.changedAtUs": after.changedAtUs, _id: { $gt: after.id } }, { ...client, "body.changedAtUs": { $gt: after.changedAtUs } }] };
        const found = await bare.find(filter, { sort: { "body.changedAtUs": 1, _id: 1 }, limit: PAGE + 1, batchSize: PAGE + 2 }).toArray();
        const last = found.length > PAGE ? found[PAGE - 1] : undefined;
        after = last === undefined ? undefined : { changedAtUs: last.body.changedAtUs, id: last._id };
        return Math.min(PAGE, found.length);
      } },
    });

    const [oursRead, bareRead] = [counter(), counter()];
    await context.compare({
      name: "get by id, 8 at once", unit: "documents", leastRatio: LEAST_RATIO,
      ours: { name: "ours", inFlight: 8, batch: async () => ((await ours.get(all, deviceRecord(oursRead() % READ_FROM).device)) === undefined ? 0 : 1) },
      baseline: { name: "bare findOne", inFlight: 8, batch: async () => ((await bare.findOne({ _id: deviceRecord(bareRead() % READ_FROM).device })) === null ? 0 : 1) },
    });
    context.note("The record is a device's: 12 members, one a list of objects, about 600 bytes as JSON. Ours keeps the body as JSON text beside its scalar members; the bare side keeps it as a BSON document.");
  },
});
