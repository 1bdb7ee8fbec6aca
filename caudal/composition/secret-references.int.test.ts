import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { secretOf } from "./secret-references.ts";

test("a reference stands for a variable or a file's text; one that is not there for nothing", async () => {
  const folder = await mkdtemp(join(tmpdir(), "caudal-secrets-"));
  try {
    await writeFile(join(folder, "one"), "from a file\n");
    const env = (): Record<string, string | undefined> => ({ ONE: "from the environment" });
    assert.equal(await secretOf("env:ONE", env), "from the environment");
    assert.equal(await secretOf("env:NO_VARIABLE_OF_THIS_NAME"), undefined);
    assert.equal(await secretOf(`file:${join(folder, "one")}`, env), "from a file");
    assert.equal(await secretOf(`file:${join(folder, "two")}`, env), undefined);
    assert.equal(await secretOf("from the file itself", env), undefined, "a secret never stands in the file");
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
