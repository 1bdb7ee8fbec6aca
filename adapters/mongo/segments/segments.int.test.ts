import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test, type TestContext } from "node:test";
import { MongoClient, type Db } from "mongodb";
import { segmentStoreSuite } from "@caudal/contract-tests";
import { hasCode, type SegmentStore } from "@caudal/core";
import { withEngine } from "../../../tools/engines/for-tests.ts";
import { databaseUrl } from "../test-database.ts";
import { openMongoSegments } from "./open-segments.ts";

const DAY_MS = 24 * 3600_000;

async function drop(url: string): Promise<void> {
  const client = await MongoClient.connect(url);
  await client.db().dropDatabase();
  await client.close();
}

withEngine("mongo", (server) => {
  segmentStoreSuite("MongoDB", async () => {
    const url = databaseUrl(server);
    return { open: () => openMongoSegments({ url }), dispose: () => drop(url) };
  });

  /** A store, and its database as a meddler sees it. */
  async function scene(context: TestContext): Promise<{ store: SegmentStore; database: Db; open(nowMs: number): Promise<SegmentStore> }> {
    const url = databaseUrl(server);
    const opened: SegmentStore[] = [];
    const open = async (nowMs: number): Promise<SegmentStore> => {
      const store = await openMongoSegments({ url, now: () => nowMs });
      opened.push(store);
      return store;
    };
    const client = await MongoClient.connect(url);
    context.after(async () => {
      for (const store of opened) await store.close();
      await client.db().dropDatabase();
      await client.close();
    });
    return { store: await open(Date.now()), database: client.db(), open };
  }

  test("a segment larger than a document may be is there byte for byte, and its chunks go with it", async (context) => {
    const { store, database } = await scene(context);
    const large = randomBytes(20 * 1024 * 1024 + 7);
    await store.put("large", large);
    assert.ok(large.equals((await store.get("large")) ?? Buffer.alloc(0)));
    assert.equal(await database.collection("segments.chunks").countDocuments(), 3);
    await store.put("large", large);
    await assert.rejects(store.put("large", large.subarray(1)), { code: "duplicate-key" });
    assert.equal(await database.collection("segments.chunks").countDocuments(), 3);
    await store.remove("large");
    for (const name of ["segments", "segments.chunks", "segments.uploads"]) assert.equal(await database.collection(name).countDocuments(), 0, name);
  });

  test("puts at once of one name with the same bytes all succeed and leave one content", async (context) => {
    const { store, database } = await scene(context);
    await Promise.all(Array.from({ length: 5 }, () => store.put("same", Buffer.from("same"))));
    assert.equal(await database.collection("segments.chunks").countDocuments(), 1);
    assert.equal(await database.collection("segments.uploads").countDocuments(), 0);
  });

  test("bytes that changed, or that are gone, are corrupt", async (context) => {
    const { store, database } = await scene(context);
    const chunks = database.collection<{ _id: string }>("segments.chunks");
    await store.put("a", Buffer.from("whole"));
    for (const data of [Buffer.from("wh0le"), Buffer.from("whol"), Buffer.from("whole and more")]) {
      await chunks.updateOne({}, { $set: { data } });
      await assert.rejects(store.get("a"), (error) => hasCode(error, "corrupt"));
    }
    await chunks.deleteMany({});
    await assert.rejects(store.get("a"), (error) => hasCode(error, "corrupt"));
  });

  test("what a crash left half written or half removed is swept a day later, and nothing else is", async (context) => {
    const { store, database, open } = await scene(context);
    const chunks = database.collection<{ _id: string }>("segments.chunks");
    const uploads = database.collection<{ _id: string }>("segments.uploads");
    await store.put("kept", Buffer.from("kept"));
    await store.put("gone", Buffer.from("gone"));
    const row = (name: string): Promise<{ upload: string } | null> => database.collection<{ _id: string; upload: string }>("segments").findOne({ _id: name });
    const kept = (await row("kept"))?.upload ?? "";
    const gone = (await row("gone"))?.upload ?? "";
    const at = new Date();
    // Died before naming; after naming; and in a removal, before the chunks went.
    await uploads.insertMany([{ _id: "dead", name: "never", at }, { _id: kept, name: "kept", at }, { _id: gone, name: "gone", at }] as never[]);
    await chunks.insertMany([{ _id: "dead/000000", data: Buffer.from("x") }, { _id: "dead/000001", data: Buffer.from("y") }] as never[]);
    await database.collection<{ _id: string }>("segments").deleteOne({ _id: "gone" });
    await open(at.getTime() + DAY_MS - 1000);
    assert.equal(await chunks.countDocuments(), 4);
    await open(at.getTime() + DAY_MS + 1000);
    assert.deepEqual((await chunks.find().toArray()).map(({ _id }) => _id), [`${kept}/000000`]);
    assert.equal(await uploads.countDocuments(), 0);
    assert.equal(Buffer.from((await store.get("kept")) ?? []).toString(), "kept");
  });
});
