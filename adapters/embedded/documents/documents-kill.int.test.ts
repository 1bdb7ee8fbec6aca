import assert from "node:assert/strict";
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { systemScope, type CollectionSpec } from "@caudal/core";
import { openEmbeddedDocuments } from "./open-documents.ts";

const spec: CollectionSpec = { name: "kills", tenant: false, unique: [["code"]], indexes: [["code"]] };
interface Body {
  readonly code: number;
  readonly writes: number;
}

const [role, directory, first] = process.argv.slice(2);
if (role === "writer") await writeUntilKilled(directory!, Number(first));
else test("keeps every acknowledged write through SIGKILL", { timeout: 60_000 }, killAndCheck);

/** Each lane inserts a document and replaces it once, then tells the parent. */
async function writeUntilKilled(into: string, from: number): Promise<void> {
  const collection = await (await openEmbeddedDocuments({ directory: into })).collection<Body>(spec);
  let next = from;
  const lane = async (): Promise<void> => {
    for (;;) {
      const code = next++;
      await collection.insert(systemScope, { id: `d${code}`, body: { code, writes: 1 } });
      await collection.replace(systemScope, { id: `d${code}`, body: { code, writes: 2 }, blob: Uint8Array.of(code % 256) }, 1);
      process.send?.(code);
    }
  };
  await Promise.all(Array.from({ length: 8 }, lane));
}

async function killAndCheck(): Promise<void> {
  const into = await mkdtemp(join(tmpdir(), "caudal-documents-kill-"));
  try {
    const acknowledged = new Set<number>();
    for (const writes of [5, 90, 41]) {
      const from = Math.max(-1, ...acknowledged) + 100;
      const child = fork(fileURLToPath(import.meta.url), ["writer", into, String(from)], { stdio: ["ignore", "ignore", "inherit", "ipc"] });
      let count = 0;
      child.on("message", (code: number) => {
        acknowledged.add(code);
        if (++count === writes) child.kill("SIGKILL");
      });
      const [, signal] = await once(child, "close");
      assert.equal(signal, "SIGKILL");
      await check(into, acknowledged);
    }
  } finally {
    await rm(into, { recursive: true });
  }
}

async function check(into: string, acknowledged: ReadonlySet<number>): Promise<void> {
  const documents = await openEmbeddedDocuments({ directory: into });
  const collection = await documents.collection<Body>(spec);
  const stored = await collection.getMany(systemScope, Array.from(acknowledged, (code) => `d${code}`));
  assert.equal(stored.length, acknowledged.size);
  for (const { version, body, blob } of stored) assert.deepEqual([version, body.writes, blob?.[0]], [2, 2, body.code % 256]);
  for (const code of acknowledged) assert.equal((await collection.find(systemScope, { where: { code } })).items.length, 1, `the index knows ${code}`);
  await documents.close();
}
