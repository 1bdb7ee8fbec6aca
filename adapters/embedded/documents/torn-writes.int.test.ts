import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, before, suite, test } from "node:test";
import { hasCode, systemScope } from "@caudal/core";
import fc from "fast-check";
import { fileProblems } from "../sqlite/file-problems.ts";
import type { Call } from "../worker/answer-calls.ts";
import { anyDamage, damageFile } from "../test-parts/damage.ts";
import { killedWriter, type KilledWriter } from "../test-parts/killed-writer.ts";
import { documentsOf, PER_COMMIT } from "../test-parts/torn-stores.ts";
import { DocumentFile } from "./document-file.ts";
import { openEmbeddedDocuments } from "./open-documents.ts";
import type { DocumentsRequest, StoredRow } from "./requests.ts";

/* The documents' real file after a kill -9, torn at drawn places: what is read is what was written, or a refusal by name. */

const COMMITS = 120;
const PLACES = Number(process.env["CAUDAL_TORN_PLACES"] ?? 50);
const spec = { name: "torn", tenant: false, indexes: [["n"]] };

function ask<T>(file: DocumentFile, body: DocumentsRequest): T {
  const settled: { value?: unknown; error?: unknown } = {};
  const call: Call<DocumentsRequest> = { body, answer: (value) => (settled.value = value), fail: (error) => (settled.error = error) };
  file.handle([call]);
  if ("error" in settled) throw settled.error;
  return settled.value as T;
}

/** Documents by commit as they are read back by their ids, the ids of the refused, or "refused" at open. Fails on a body that nobody wrote. */
function readBack(directory: string): { readonly counts: ReadonlyMap<number, number>; readonly refused: number; readonly found: number } | "refused" {
  let file: DocumentFile | undefined;
  let declared = false;
  const counts = new Map<number, number>();
  let [refused, found] = [0, 0];
  try {
    file = new DocumentFile(join(directory, "documents.db"));
    ask(file, { kind: "declare", spec });
    declared = true;
    const written = new Map(Array.from({ length: COMMITS + 30 }, (_, n) => documentsOf(n)).flat().map((document) => [document.id, JSON.stringify(document.body)]));
    for (const id of written.keys()) {
      try {
        const [row]: StoredRow[] = ask<StoredRow[]>(file, { kind: "get", collection: "torn", clients: null, ids: [id] });
        if (row === undefined) continue;
        assert.deepEqual([row.id, row.body], [id, written.get(id)]);
        const n = Number(id.split("-")[1]);
        counts.set(n, (counts.get(n) ?? 0) + 1);
        found += 1;
      } catch (error) {
        if (!hasCode(error, "corrupt")) throw error;
        refused += 1;
      }
    }
    return { counts, refused, found };
  } catch (error) {
    // A header or a list of collections that says something else is refused by name too.
    if (!(hasCode(error, "corrupt") || hasCode(error, "setting")) || declared) throw error;
    return "refused";
  } finally {
    if (file !== undefined) try { ask(file, { kind: "close" }); } catch { /* what is damaged may also not be folded in */ }
  }
}

suite("torn writes of the documents", () => {
  let written: KilledWriter;
  before(async () => {
    written = await killedWriter("documents", COMMITS);
  });
  after(() => written?.remove());

  test("a torn write-ahead log: all commits before the place, and no part of one", () => {
    fc.assert(fc.property(anyDamage, (damage) => {
      const directory = written.copy();
      const place = damageFile(join(directory, "documents.db-wal"), damage);
      const found = readBack(directory);
      assert.ok(found !== "refused" && found.refused === 0, "the checksums of the write-ahead log find the place");
      const whole = [...found.counts.values()].filter((count) => count === PER_COMMIT).length;
      assert.equal(whole, found.counts.size, "no part of a commit");
      assert.equal(Math.max(-1, ...found.counts.keys()), whole - 1, "a commit and all before it");
      const least = written.walBytes.filter((bytes) => bytes <= place).length;
      assert.ok(whole >= least, `${whole} commits where ${least} were acknowledged before byte ${place}`);
      rmSync(directory, { recursive: true });
    }), { numRuns: PLACES });
  });

  test("a torn file: what is read is what was written, or it is refused by name", () => {
    const settled = written.copy();
    const all = readBack(settled);
    assert.ok(all !== "refused" && all.found >= COMMITS * PER_COMMIT);
    const seen = { refused: 0, partly: 0, whole: 0, gone: 0 };
    fc.assert(fc.property(anyDamage, (damage) => {
      const directory = written.copy(settled);
      damageFile(join(directory, "documents.db"), damage);
      const found = readBack(directory);
      const isFound = fileProblems(join(directory, "documents.db")).length > 0;
      if (found === "refused") seen.refused += 1;
      else if (found.refused > 0) seen.partly += 1;
      else if (found.found === all.found) seen.whole += 1;
      else {
        // An index that leads past a row: no checksum of ours tells, SQLite's own check of the file does.
        assert.ok(isFound, `${found.found} documents of ${all.found}, and nobody says so`);
        seen.gone += 1;
      }
      rmSync(directory, { recursive: true });
    }), { numRuns: PLACES });
    assert.ok(seen.refused + seen.partly > 0, JSON.stringify(seen));
  });

  test("a body whose bytes changed is named; a row of an older release has no checksum, and passes", async () => {
    const directory = written.copy();
    const db = new DatabaseSync(join(directory, "documents.db"));
    db.exec("UPDATE documents_1 SET body = replace(body, '7:1', '9:1') WHERE id = 'd-7-1'; UPDATE documents_1 SET body = '{\"n\":8,\"text\":\"old\"}', crc = NULL WHERE id = 'd-8-0'");
    db.close();
    const documents = await openEmbeddedDocuments({ directory });
    const collection = await documents.collection<{ n: number; text: string }>(spec);
    const settled = await Promise.allSettled([
      collection.get(systemScope, "d-7-1"), collection.find(systemScope, { where: { n: 7 } }), collection.get(systemScope, "d-8-0"), collection.putMany(systemScope, [{ id: "beside", body: { n: 1, text: "b" } }]),
    ]);
    assert.deepEqual(settled.map(({ status }) => status), ["rejected", "rejected", "fulfilled", "fulfilled"]);
    const first = settled[0];
    assert.ok(first?.status === "rejected" && hasCode(first.reason, "corrupt") && String(first.reason).includes("torn: document d-7-1"));
    assert.equal((await collection.get(systemScope, "beside"))?.version, 1);
    await collection.putMany(systemScope, [{ id: "d-7-1", body: { n: 7, text: "anew" } }]);
    assert.equal((await collection.get(systemScope, "d-7-1"))?.body.text, "anew", "what is written anew is whole again");
    await documents.close();
  });

  test("a table of an older release gets the column", async () => {
    const directory = written.copy();
    const db = new DatabaseSync(join(directory, "documents.db"));
    db.exec("ALTER TABLE documents_1 DROP COLUMN crc");
    db.close();
    const documents = await openEmbeddedDocuments({ directory });
    const collection = await documents.collection<{ n: number; text: string }>(spec);
    const one = await collection.get(systemScope, "d-3-0");
    assert.deepEqual(one?.body, documentsOf(3)[0]?.body);
    await collection.replace(systemScope, { id: "d-3-0", body: { n: 3, text: "more" } }, 1);
    assert.equal((await collection.get(systemScope, "d-3-0"))?.body.text, "more");
    await documents.close();
  });
});
