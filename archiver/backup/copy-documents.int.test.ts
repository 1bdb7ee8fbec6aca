import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { systemScope } from "@caudal/core";
import { openEmbeddedDocuments } from "@caudal/embedded";
import { copyDocuments } from "./copy-documents.ts";

test("what says how far others are is copied before them: a root of the ledger's, signed meanwhile, never names an entry that the copy has not got", async (context) => {
  const directory = await mkdtemp(join(tmpdir(), "caudal-copy-"));
  const documents = await openEmbeddedDocuments({ directory: join(directory, "documents") });
  context.after(async () => {
    await documents.close();
    await rm(directory, { recursive: true });
  });
  for (const name of ["devices", "ledger", "ledger_roots", "processor-heads", "processor-states"]) await (await documents.collection<object>({ name, tenant: false })).insert(systemScope, { id: "1", body: {} });
  const { collections } = await copyDocuments(documents, directory, new AbortController().signal);
  const at = (name: string): number => collections.findIndex((each) => each.name === name);
  assert.ok(at("ledger_roots") < at("ledger") && at("processor-heads") < at("processor-states"), collections.map(({ name }) => name).join());
  assert.equal(collections.reduce((sum, each) => sum + each.documents, 0), 5);
});
