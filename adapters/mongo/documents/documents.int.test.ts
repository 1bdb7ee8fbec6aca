import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test, type TestContext } from "node:test";
import { MongoClient } from "mongodb";
import { documentsSuite } from "@caudal/contract-tests";
import { systemScope as all, type Documents, type FindQuery } from "@caudal/core";
import { withEngine } from "../../../tools/engines/for-tests.ts";
import { droppedDatabaseUrl } from "../test-database.ts";
import { openMongoDocuments } from "./open-documents.ts";

withEngine("mongo", (server) => {
  const url = droppedDatabaseUrl(server);
  documentsSuite("MongoDB", async () => ({ open: () => openMongoDocuments({ url }), dispose: async () => undefined }));

  const ownName = (): string => `own-${randomUUID().slice(0, 8)}`;

  async function open(context: TestContext): Promise<Documents> {
    const documents = await openMongoDocuments({ url });
    context.after(() => documents.close());
    return documents;
  }

  test("bodies come back as JSON has them, whatever their members are called", async (context) => {
    const examples = await (await open(context)).collection<Record<string, unknown>>({ name: ownName(), tenant: false, indexes: [["size"]] });
    const body = {
      "a.b": 1, $set: { $ne: null }, "": "empty", "2": "two", "1": "one", "zero\u0000": "\u0000", half: "\ud800", size: 0.1 + 0.2, minus: -0, large: 2 ** 60, date: new Date(0),
      nothing: undefined, infinite: Infinity, list: [undefined, { "x.y": [] }], constructor: "c", text: "$literal",
    };
    await examples.insert(all, { id: "odd", body });
    await examples.putMany(all, [{ id: "put", body }]);
    await examples.insert(all, { id: "replaced", body: {} });
    await examples.replace(all, { id: "replaced", body }, 1);
    const expected = JSON.stringify(body);
    for (const { id, body: stored } of (await examples.find(all, { where: { size: 0.1 + 0.2 } })).items) assert.equal(JSON.stringify(stored), expected, id);
    assert.equal(await examples.count(all, { size: 0.1 + 0.2 }), 3);
  });

  test("an operator in the place of a value is refused, not obeyed", async (context) => {
    const examples = await (await open(context)).collection<{ size?: number }>({ name: ownName(), tenant: false, indexes: [["size"]] });
    await examples.insert(all, { id: "1", body: { size: 1 } });
    const operator = { $ne: 0 } as never;
    for (const query of [{ where: { size: operator } }, { range: { field: "size", from: operator } }, { range: { field: "size", to: operator } }, { where: { size: Number.NaN } }] as FindQuery[]) {
      await assert.rejects(examples.find(all, query), { code: "bad-request" });
    }
    await assert.rejects(examples.count(all, { size: operator }), { code: "bad-request" });
    assert.equal(await examples.get(all, operator), undefined);
    assert.equal(await examples.remove(all, operator), false);
    await assert.rejects(examples.insert(all, { id: operator, body: {} }), { code: "bad-request" });
    await assert.rejects(examples.insert(all, { id: "\ud800", body: {} }), { code: "bad-request" });
  });

  test("numbers, truths and texts in one field page as the embedded engine sorts them", async (context) => {
    const examples = await (await open(context)).collection<{ mixed?: unknown }>({ name: ownName(), tenant: false, indexes: [["mixed"]] });
    const sorted = [undefined, null, {}, -1.5, false, true, 2, "", "Z", "a", "é", "\u{1f4a7}"];
    await examples.putMany(all, sorted.map((mixed, index) => ({ id: `d${String(index).padStart(2, "0")}`, body: { mixed } })));
    const pages = async (query: FindQuery): Promise<string[]> => {
      const ids: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await examples.find(all, { ...query, limit: 1, ...(cursor === undefined ? {} : { cursor }) });
        ids.push(...page.items.map(({ id }) => id));
        cursor = page.next;
      } while (cursor !== undefined);
      return ids;
    };
    const every = sorted.map((_, index) => `d${String(index).padStart(2, "0")}`);
    assert.deepEqual(await pages({ orderBy: "mixed" }), every);
    assert.deepEqual(await pages({ orderBy: "mixed", descending: true }), [...every].reverse());
    assert.deepEqual(await pages({}), every);
    assert.deepEqual(await pages({ descending: true }), [...every].reverse());
    assert.deepEqual(await pages({ orderBy: "mixed", range: { field: "mixed", from: 0 } }), every.slice(4));
    assert.deepEqual(await pages({ orderBy: "mixed", range: { field: "mixed", to: "a" } }), every.slice(3, 9));
    assert.deepEqual(await pages({ orderBy: "mixed", range: { field: "mixed", from: "", to: "a" }, descending: true }), ["d08", "d07"]);
    assert.deepEqual(await pages({ orderBy: "mixed", range: { field: "mixed", from: false, to: 2 } }), ["d04", "d05"]);
    assert.deepEqual(await pages({ orderBy: "mixed", range: { field: "mixed", from: null } }), every);
  });

  test("puts of one id in one call are written in order, and one that is refused stops those after it", async (context) => {
    const examples = await (await open(context)).collection<{ name: string; code?: string }>({ name: ownName(), tenant: false, unique: [["code"]] });
    await examples.putMany(all, ["a", "b", "c", "d", "e", "f"].map((name) => ({ id: "1", body: { name } })));
    assert.deepEqual(await examples.get(all, "1"), { id: "1", version: 6, body: { name: "f" } });
    await examples.insert(all, { id: "2", body: { name: "x", code: "taken" } });
    const puts = [{ id: "3", body: { name: "before" } }, { id: "4", body: { name: "x", code: "taken" } }, { id: "5", body: { name: "after" } }];
    await assert.rejects(examples.putMany(all, puts), { code: "duplicate-key" });
    assert.deepEqual((await examples.getMany(all, ["3", "4", "5"])).map(({ id }) => id), ["3"]);
  });

  test("many who put one id for the first time all get through", async (context) => {
    const examples = await (await open(context)).collection<{ name: string }>({ name: ownName(), tenant: true });
    const body = { client: "c", name: "x" };
    await Promise.all(Array.from({ length: 40 }, () => examples.putMany(all, [{ id: "1", body }, { id: "2", body }])));
    assert.deepEqual((await examples.getMany(all, ["1", "2"])).map(({ version }) => version), [40, 40]);
  });

  test("what the database has otherwise is a setting, in words", async (context) => {
    const documents = await open(context);
    const client = await MongoClient.connect(url);
    context.after(() => client.close());
    const [tenant, meddled, doubled] = [ownName(), ownName(), ownName()];
    await documents.collection({ name: tenant, tenant: true });
    await assert.rejects(documents.collection({ name: tenant, tenant: false }), { code: "setting" });
    await client.db().collection(`documents.${meddled}`).createIndex({ other: 1 }, { name: "by:size" });
    await assert.rejects(documents.collection({ name: meddled, tenant: false, indexes: [["size"]] }), (error) => /an index of that name has other keys/.test(String(error)) && (error as { code?: string }).code === "setting");
    const doubles = await documents.collection({ name: doubled, tenant: false });
    await doubles.putMany(all, [{ id: "1", body: { code: "x" } }, { id: "2", body: { code: "x" } }]);
    await assert.rejects(documents.collection({ name: doubled, tenant: false, unique: [["code"]] }), (error) => /break a unique key/.test(String(error)) && (error as { code?: string }).code === "setting");
    for (const name of ["", "a.b", "$a", "x".repeat(81)]) await assert.rejects(documents.collection({ name, tenant: false }), { code: "setting" }, name);
    await assert.rejects(documents.collection({ name: ownName(), tenant: false, indexes: [["a.b"]] }), { code: "bad-request" });
    await assert.rejects(doubles.insert(all, { id: "3", body: { toJSON: () => "text" } }).then(() => documents.collection({ name: doubled, tenant: true })), { code: "setting" });
  });

  test("a tenant's document names its client", async (context) => {
    const examples = await (await open(context)).collection({ name: ownName(), tenant: true });
    await assert.rejects(examples.insert(all, { id: "1", body: {} }), { code: "bad-request" });
  });

  test("processes that declare at once agree", async (context) => {
    const name = ownName();
    const spec = { name, tenant: true, unique: [["client", "code"]], indexes: [["size"]] };
    const several = await Promise.all(Array.from({ length: 4 }, () => open(context)));
    await Promise.all(several.map((documents) => documents.collection(spec)));
    // A process that declares less still asks by what it declared before.
    const again = await (several[0] as Documents).collection({ name, tenant: true });
    assert.deepEqual((await again.find(all, { orderBy: "size" })).items, []);
  });

  test("nothing works after the close", async () => {
    const documents = await openMongoDocuments({ url });
    const collection = await documents.collection({ name: ownName(), tenant: true });
    await documents.close();
    await documents.close();
    await assert.rejects(collection.get(all, "1"), { code: "closed" });
    await assert.rejects(collection.insert(all, { id: "1", body: { client: "c" } }), { code: "closed" });
    await assert.rejects(collection.putMany(all, [{ id: "1", body: { client: "c" } }]), { code: "closed" });
    await assert.rejects(documents.collection({ name: ownName(), tenant: true }), { code: "closed" });
  });
});
