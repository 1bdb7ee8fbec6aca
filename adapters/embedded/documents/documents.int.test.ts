import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { documentsSuite } from "@caudal/contract-tests";
import { systemScope } from "@caudal/core";
import { openEmbeddedDocuments } from "./open-documents.ts";

async function folder(): Promise<string> {
  return mkdtemp(join(tmpdir(), "caudal-documents-"));
}

documentsSuite("the embedded engine", async () => {
  const directory = await folder();
  return { open: () => openEmbeddedDocuments({ directory }), dispose: () => rm(directory, { recursive: true }) };
});

test("a full disk is said so, takes nothing that was there, and ends when there is room", async (context) => {
  const directory = await folder();
  context.after(() => rm(directory, { recursive: true }));
  const body = { client: "a", name: "x".repeat(100_000) };
  const small = await openEmbeddedDocuments({ directory, maxFileBytes: 1_000_000 });
  const full = await small.collection<typeof body>({ name: "d", tenant: true });
  let kept = 0;
  await assert.rejects(async () => {
    for (; kept < 100; kept++) await full.insert(systemScope, { id: String(kept), body });
  }, { code: "storage-full", retry: "yes" });
  assert.ok(kept > 0);
  await small.close();
  const roomy = await openEmbeddedDocuments({ directory });
  const again = await roomy.collection<typeof body>({ name: "d", tenant: true });
  assert.equal(await again.count(systemScope), kept);
  await again.insert(systemScope, { id: "more", body });
  await roomy.close();
});

test("a tenant collection cannot be declared again without tenants, and nothing works after the close", async (context) => {
  const directory = await folder();
  context.after(() => rm(directory, { recursive: true }));
  const documents = await openEmbeddedDocuments({ directory });
  const collection = await documents.collection({ name: "d", tenant: true });
  await documents.close();
  await documents.close();
  await assert.rejects(collection.get(systemScope, "1"), { code: "closed" });
  await assert.rejects(documents.collection({ name: "d", tenant: true }), { code: "closed" });
  const again = await openEmbeddedDocuments({ directory });
  await assert.rejects(again.collection({ name: "d", tenant: false }), { code: "setting" });
  await again.close();
});

test("what is asked while the store closes is refused as closed, not as a fault", async (context) => {
  const directory = await folder();
  context.after(() => rm(directory, { recursive: true }));
  const documents = await openEmbeddedDocuments({ directory });
  const collection = await documents.collection({ name: "d", tenant: true, indexes: [["name"]] });
  const closing = documents.close();
  await assert.rejects(collection.find(systemScope, {}), { code: "closed" });
  await closing;
});
