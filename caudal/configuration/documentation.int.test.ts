import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { sayIn } from "../commandline/say.ts";
import { readFiles } from "./read-files.ts";

for (const page of ["configuration.md", "configuracion.md"]) {
  test(`the examples of docs/${page} are read without a finding`, async () => {
    const text = await readFile(join(import.meta.dirname, "..", "..", "docs", page), "utf8");
    const examples = [...text.matchAll(/```yaml\n([^]*?)```/g)].map(([, example]) => example ?? "");
    assert.ok(examples.length > 0);
    const folder = await mkdtemp(join(tmpdir(), "caudal-documentation-"));
    try {
      await Promise.all(examples.map((example, index) => writeFile(join(folder, `${index}.yaml`), example)));
      for (const index of examples.keys()) {
        const read = await readFiles([join(folder, `${index}.yaml`)], { say: sayIn("en"), language: "en" });
        assert.deepEqual([read.told, read.clients.length + read.devices.length], [[], 1]);
      }
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
}
