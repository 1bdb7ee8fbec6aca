import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test, type TestContext } from "node:test";
import { CaudalError, systemScope as all, type DocumentCollection } from "@caudal/core";
import { withEngine } from "../../../tools/engines/for-tests.ts";
import { droppedDatabaseUrl } from "../test-database.ts";
import { startLosingGate, type LosingGate } from "../test-gate.ts";
import { openMongoDocuments } from "./open-documents.ts";

interface Example {
  readonly name: string;
  readonly code?: string;
}

/** The driver sends a write twice by itself, and the server knows it again; the third is ours. */
const BEYOND_THE_DRIVER = 2;

withEngine("mongo", (server) => {
  const database = new URL(droppedDatabaseUrl(server)).pathname.slice(1);

  async function scene(context: TestContext, patienceMs?: number): Promise<{ gate: LosingGate; examples: DocumentCollection<Example> }> {
    const gate = await startLosingGate(server);
    const documents = await openMongoDocuments({ url: gate.url(database), ...(patienceMs === undefined ? {} : { patienceMs }) });
    context.after(async () => {
      await documents.close();
      await gate.close();
    });
    return { gate, examples: await documents.collection<Example>({ name: `examples-${randomUUID().slice(0, 8)}`, tenant: false, unique: [["code"]] }) };
  }

  test("an insert whose answer is lost is known to be ours, and another's is not", async (context) => {
    const { gate, examples } = await scene(context);
    gate.lose("insert", BEYOND_THE_DRIVER);
    assert.equal((await examples.insert(all, { id: "1", body: { name: "a", code: "x" } })).version, 1);
    assert.equal(gate.left(), 0);
    assert.deepEqual(await examples.get(all, "1"), { id: "1", version: 1, body: { name: "a", code: "x" } });
    gate.lose("insert", BEYOND_THE_DRIVER);
    await assert.rejects(examples.insert(all, { id: "1", body: { name: "b" } }), { code: "duplicate-key" });
    gate.lose("insert", BEYOND_THE_DRIVER);
    await assert.rejects(examples.insert(all, { id: "2", body: { name: "b", code: "x" } }), { code: "timeout", retry: "unknown" });
    assert.equal(await examples.count(all), 1);
  });

  test("a replace whose answer is lost is known to be ours, and another's is a conflict", async (context) => {
    const { gate, examples } = await scene(context);
    await examples.insert(all, { id: "1", body: { name: "a" } });
    gate.lose("update", BEYOND_THE_DRIVER);
    assert.equal((await examples.replace(all, { id: "1", body: { name: "b" } }, 1)).version, 2);
    assert.deepEqual(await examples.get(all, "1"), { id: "1", version: 2, body: { name: "b" } });
    gate.lose("update", BEYOND_THE_DRIVER);
    await assert.rejects(examples.replace(all, { id: "1", body: { name: "c" } }, 1), { code: "version-conflict" });
    gate.lose("update", BEYOND_THE_DRIVER);
    await assert.rejects(examples.replace(all, { id: "gone", body: { name: "c" } }, 1), { code: "timeout", retry: "unknown" });
  });

  test("puts whose answers are lost are counted once", async (context) => {
    const { gate, examples } = await scene(context);
    const puts = Array.from({ length: 20 }, (_, index) => ({ id: `p${index}`, body: { name: "a" } }));
    gate.lose("update", BEYOND_THE_DRIVER);
    await examples.putMany(all, puts);
    gate.lose("update", BEYOND_THE_DRIVER);
    await examples.putMany(all, puts.map(({ id }) => ({ id, body: { name: "b" } })));
    const stored = await examples.getMany(all, puts.map(({ id }) => id));
    assert.deepEqual(stored.map(({ version, body }) => [version, body.name]), puts.map(() => [2, "b"]));
  });

  test("a remove whose answer is lost is done; whether a version was removed by us, nobody knows", async (context) => {
    const { gate, examples } = await scene(context);
    await examples.putMany(all, ["1", "2", "3"].map((id) => ({ id, body: { name: "a" } })));
    gate.lose("delete", BEYOND_THE_DRIVER);
    assert.equal(await examples.remove(all, "1"), true);
    gate.lose("delete", BEYOND_THE_DRIVER);
    await assert.rejects(examples.remove(all, "2", 1), { code: "timeout", retry: "unknown" });
    gate.lose("delete", 1);
    assert.equal(await examples.remove(all, "3", 1), true);
    assert.equal(await examples.count(all), 0);
  });

  test("reads whose answers are lost are asked again", async (context) => {
    const { gate, examples } = await scene(context);
    await examples.insert(all, { id: "1", body: { name: "a" } });
    gate.lose("find", BEYOND_THE_DRIVER);
    assert.equal((await examples.get(all, "1"))?.body.name, "a");
    gate.lose("aggregate", BEYOND_THE_DRIVER);
    assert.equal(await examples.count(all), 1);
  });

  test("when patience ends, a write that may have been done is not called simply to be repeated", async (context) => {
    const { gate, examples } = await scene(context, 1);
    gate.lose("insert", 1000);
    await assert.rejects(examples.insert(all, { id: "1", body: { name: "a" } }), (error) => error instanceof CaudalError && error.code === "unavailable" && error.retry === "unknown");
    gate.lose("find", 1000);
    await assert.rejects(examples.get(all, "1"), (error) => error instanceof CaudalError && error.code === "unavailable" && error.retry === "yes");
    gate.lose("", 0);
  });
});
