import assert from "node:assert/strict";
import { test } from "node:test";
import { schemaRegistrySuite } from "@caudal/contract-tests";
import { Codec, readSchemaFiles, recordTypes } from "@caudal/schemas";
import { openFileRegistry } from "./file-registry.ts";

schemaRegistrySuite("files", async () => ({ open: async () => openFileRegistry(), committed: readSchemaFiles(), registers: false, dispose: async () => undefined }));

test("the codec opens with the committed files, and ids are those of schemas/registry.json", async () => {
  const registry = openFileRegistry();
  await Codec.open(registry);
  assert.deepEqual(readSchemaFiles().map(({ id }) => id).slice(0, recordTypes.length).every((id) => Number.isSafeInteger(id) && id > 0), true);
  for (const { id, json } of readSchemaFiles()) assert.equal(await registry.schemaById(id), json);
});

test("two versions of one subject have each their own id", async () => {
  const [one] = readSchemaFiles();
  assert.ok(one);
  const json = JSON.stringify({ ...(JSON.parse(one.json) as object), doc: "another" });
  const registry = openFileRegistry([one, { ...one, version: 2, id: 77, json }]);
  assert.equal(await registry.idFor(one.subject, one.json), one.id);
  assert.equal(await registry.idFor(one.subject, json), 77);
});
