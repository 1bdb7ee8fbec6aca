import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test, type TestContext } from "node:test";
import { CaudalError, hasCode, systemScope, type SeriesTier } from "@caudal/core";
import type { Measurement } from "@caudal/schemas";
import { openEmbeddedTier } from "./open-tier.ts";

const MINUTE_US = 60_000_000;
const everything = { fromUs: -Infinity, toUs: Infinity };

function minutes(point: string, from: number, to: number, knownAtUs = 0): Measurement[] {
  return Array.from({ length: to - from }, (_, i) => ({
    eventId: "e", client: "c", point, device: "", channel: "", source: "", transport: "", instantUs: (from + i) * MINUTE_US, observedAtUs: null, receivedAtUs: 0,
    authority: 0, knownAtUs, causeId: "", facts: [{ variable: "flow", value: from + i, flag: 1, reasons: [] }], labels: {},
  }));
}

async function rowsIn(tier: SeriesTier, point: string, range = everything): Promise<number> {
  let rows = 0;
  for await (const block of tier.read(systemScope, { client: "c", point, ...range })) rows += block.rows;
  return rows;
}

async function folder(t: TestContext): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "caudal-damage-"));
  t.after(() => rm(directory, { recursive: true }));
  return directory;
}

type Stored = { readonly table: "blocks" | "points" | "incoming"; readonly key: string; readonly column: string; readonly where: string };
const blockOf = (point: string): Stored => ({ table: "blocks", key: "id", column: "data", where: `point_id = (SELECT id FROM points WHERE point = '${point}')` });
const rowOf = (point: string): Stored => ({ table: "points", key: "id", column: "newest", where: `point = '${point}'` });
const firstIncoming: Stored = { table: "incoming", key: "sequence", column: "batch", where: "true" };

/** Flips one bit in the middle of a value. */
function damage(directory: string, { table, key, column, where }: Stored): void {
  const db = new DatabaseSync(join(directory, "cold.sqlite"));
  const row = db.prepare(`SELECT ${key} AS id, ${column} AS data FROM ${table} WHERE ${where} ORDER BY 1 LIMIT 1`).get() as { id: number; data: Uint8Array };
  row.data[row.data.length >> 1]! ^= 4;
  db.prepare(`UPDATE ${table} SET ${column} = ? WHERE ${key} = ?`).run(row.data, row.id);
  db.close();
}

function isDamage(...words: readonly string[]): (error: unknown) => boolean {
  return (error) => error instanceof CaudalError && error.code === "corrupt" && words.every((word) => error.message.includes(word));
}

test("a damaged block fails its point and time alone, and what was acknowledged beside it is kept", async (t) => {
  const directory = await folder(t);
  const open = (maxPendingFacts: number) => openEmbeddedTier({ name: "cold", directory, retentionMs: null, revisions: "all", maxPendingFacts });
  let tier = await open(10);
  // The second write finds the first's facts too many to keep pending and folds them.
  await tier.write([...minutes("sick", 0, 100), ...minutes("well", 0, 100)]);
  await tier.write(minutes("other", 0, 20));
  await tier.eraseClient("nobody");
  await tier.close();
  tier = await open(1000);
  // Pending inside the block that is damaged next: acknowledged, so it must not vanish.
  assert.equal((await tier.write(minutes("sick", 50, 60, 5))).stored, 10);
  await tier.close();
  damage(directory, blockOf("sick"));

  tier = await open(1000);
  const isSick = isDamage("sick", "1970-01-01T00:00:00.000Z", "1970-01-01T01:39:00.000Z");
  await assert.rejects(rowsIn(tier, "sick"), isSick);
  await assert.rejects(tier.digest(systemScope, { client: "c", point: "sick" }, 0), isSick);
  assert.equal(await rowsIn(tier, "well"), 100);
  assert.equal((await tier.latest(systemScope, [{ client: "c", point: "sick" }]))[0]?.instantUs, 99 * MINUTE_US);
  const result = await tier.write([...minutes("well", 40, 41, 7), ...minutes("sick", 40, 41, 7), ...minutes("sick", 100, 110)]);
  assert.deepEqual(result.failed.map(({ index }) => index), [1]);
  assert.ok(isSick(result.failed[0]?.error));
  assert.equal(result.stored, 11);
  assert.equal(await rowsIn(tier, "sick", { fromUs: 100 * MINUTE_US, toUs: Infinity }), 10);
  // Erasing folds everything: the pending facts inside the damaged block are put beside it.
  await tier.eraseClient("nobody");
  assert.equal(await rowsIn(tier, "sick", { fromUs: 100 * MINUTE_US, toUs: Infinity }), 10);
  await assert.rejects(rowsIn(tier, "sick"), isSick);
  await assert.rejects(rowsIn(tier, "sick", { fromUs: 55 * MINUTE_US, toUs: 56 * MINUTE_US }), isDamage("sick", "waits for a damaged block"));
  await tier.close();
  const db = new DatabaseSync(join(directory, "cold.sqlite"), { readOnly: true });
  assert.equal(db.prepare("SELECT sum(facts) AS facts FROM blocks WHERE stranded = 1").get()?.["facts"], 10);
  db.close();
});

test("a damaged row of a point fails that point alone", async (t) => {
  const directory = await folder(t);
  const open = () => openEmbeddedTier({ name: "cold", directory, retentionMs: null, revisions: "all" });
  let tier = await open();
  await tier.write([...minutes("sick", 0, 10), ...minutes("well", 0, 10)]);
  await tier.eraseClient("nobody");
  await tier.close();
  damage(directory, rowOf("sick"));
  tier = await open();
  await assert.rejects(rowsIn(tier, "sick"), isDamage("row of point sick"));
  const result = await tier.write([...minutes("sick", 20, 21), ...minutes("well", 20, 21)]);
  assert.deepEqual([result.stored, result.failed.map(({ index }) => index)], [1, [0]]);
  assert.equal(await rowsIn(tier, "well"), 11);
  await tier.close();
});

test("a damaged incoming batch or file is not opened", async (t) => {
  const directory = await folder(t);
  const open = () => openEmbeddedTier({ name: "cold", directory, retentionMs: null, revisions: "all" });
  const tier = await open();
  await tier.write(minutes("p", 0, 10));
  await tier.close();
  damage(directory, firstIncoming);
  await assert.rejects(open(), isDamage("incoming batch 1"));
  await writeFile(join(directory, "cold.sqlite"), "this is not a database, and never was one; it only pretends to be");
  await assert.rejects(open(), (error) => hasCode(error, "corrupt"));
});

test("a full store refuses and says that it may be tried again, keeps what it has, and takes more when there is room", async (t) => {
  const directory = await folder(t);
  const tier = await openEmbeddedTier({ name: "cold", directory, retentionMs: null, revisions: "all", maxBytes: 400_000, maxPendingFacts: 1000 });
  let written = 0;
  const fill = async (): Promise<unknown> => {
    for (;;) {
      const batch = minutes("p", written, written + 200).map((one, i) => ({ ...one, facts: [{ ...one.facts[0]!, value: Math.sin(written + i) }] }));
      try {
        await tier.write(batch);
      } catch (error) {
        return error;
      }
      written += 200;
    }
  };
  const error = await fill();
  assert.ok(hasCode(error, "storage-full") && error instanceof CaudalError && error.retry === "yes", String(error));
  assert.ok(written >= 2000, `${written} facts`);
  assert.equal(await rowsIn(tier, "p"), written);
  const before = written;
  await tier.raiseFloor(systemScope, { client: "c", point: "p" }, (written - 500) * MINUTE_US);
  assert.ok(hasCode(await fill(), "storage-full"));
  assert.ok(written > before, "there was room again");
  assert.equal(await rowsIn(tier, "p"), written - before + 500);
  await tier.close();
});

test("an erased client's values are nowhere in the files", async (t) => {
  const directory = await folder(t);
  const tier = await openEmbeddedTier({ name: "cold", directory, retentionMs: null, revisions: "all" });
  const needle = Math.PI * 1e10;
  const secret = minutes("p", 0, 50).map((one) => ({ ...one, client: "secretive", facts: [{ ...one.facts[0]!, value: needle }] }));
  await tier.write([...secret, ...minutes("p", 0, 50)]);
  const bytes = Buffer.from(new Float64Array([needle]).buffer);
  const holders = async (): Promise<string[]> => {
    const contents = await Promise.all((await readdir(directory)).map(async (name) => ({ name, content: await readFile(join(directory, name)) })));
    return contents.filter(({ content }) => content.includes(bytes) || content.includes("secretive")).map(({ name }) => name);
  };
  assert.notDeepEqual(await holders(), [], "the search finds what is there");
  assert.deepEqual(await tier.eraseClient("secretive"), { points: 1 });
  assert.deepEqual(await holders(), []);
  await tier.close();
  assert.deepEqual(await holders(), []);
});
