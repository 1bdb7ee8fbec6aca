import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test, type TestContext } from "node:test";
import { parseSegmentName, pointIdOf, topics } from "@caudal/core";
import { createMetrics, silentLogger, systemClock, type Metrics } from "@caudal/runtime";
import { Codec } from "@caudal/schemas";
import { CLIENT, factsIn, folderFor, openEmbedded, portsFor, start, type OpenedPorts } from "../backup/test-installation.ts";
import { createTierWork } from "../tiers/tier-work.ts";
import { viewOf } from "./operations.ts";
import type { RepairLine } from "./repair.ts";
import { createScrub, type Scrub } from "./scrub.ts";

/* An installation that was written by the real services; its files are then damaged by hand, a store after the other. */

const DEVICES = ["w-1", "w-2", "w-3"] as const;
const run = { signal: new AbortController().signal, progress: () => undefined };
const everMs = 3_600_000;

async function written(folder: string): Promise<void> {
  const ports = await openEmbedded(folder);
  const running = await start(ports);
  for (let at = 0; at < 40; at += 1) for (const device of DEVICES) await running.send(device, [at * 60, { flow: at, level: at / 10 }]);
  await running.settled();
  await running.stop();
  // Erasing folds what is pending into blocks.
  for (const tier of [ports.hot, ports.warm, ports.cold]) await tier.eraseClient("nobody");
  await ports.close();
}

async function scrubOf(ports: OpenedPorts, over: { readonly everyMs?: number } = {}): Promise<{ scrub: Scrub; metrics: Metrics }> {
  const { log, documents, hot, warm, cold } = ports;
  const metrics = createMetrics({ process: false });
  const parts = { clock: systemClock, logger: silentLogger, metrics };
  const tierWork = createTierWork({ tiers: { hot, warm, cold }, log, documents, codec: await Codec.open(ports.registry), waitMs: 0, ...parts });
  return { scrub: createScrub({ ports, tierWork, everyMs: everMs, bytesPerS: 1e9, ...parts, ...over }), metrics };
}

function change(folder: string, file: string, sql: string): void {
  const db = new DatabaseSync(join(folder, file), { defensive: false } as object);
  db.exec(sql);
  db.close();
}

/** Flips a bit in the middle of the first block of a point. */
function damageBlock(folder: string, tier: string, device: string): void {
  const db = new DatabaseSync(join(folder, "tiers", `${tier}.sqlite`));
  const row = db.prepare("SELECT id, data FROM blocks WHERE point_id = (SELECT id FROM points WHERE point = ?) ORDER BY id LIMIT 1").get(pointIdOf(CLIENT, device)) as { id: number; data: Uint8Array };
  row.data[row.data.length >> 1]! ^= 4;
  db.prepare("UPDATE blocks SET data = ? WHERE id = ?").run(row.data, row.id);
  db.close();
}

/** Takes a row out of an index alone: the schema forgets the index while the row is written anew. */
function damageIndex(folder: string, file: string, index: string, sql: string): void {
  const path = join(folder, file);
  let db = new DatabaseSync(path, { defensive: false } as object);
  const row = db.prepare("SELECT * FROM sqlite_schema WHERE name = ?").get(index) as { type: string; name: string; tbl_name: string; rootpage: number; sql: string };
  db.exec(`PRAGMA writable_schema=ON; DELETE FROM sqlite_schema WHERE name = '${index}'; PRAGMA writable_schema=RESET`);
  db.close();
  db = new DatabaseSync(path);
  db.exec(sql);
  db.close();
  db = new DatabaseSync(path, { defensive: false } as object);
  db.exec("PRAGMA writable_schema=ON");
  db.prepare("INSERT INTO sqlite_schema (type, name, tbl_name, rootpage, sql) VALUES (?, ?, ?, ?, ?)").run(row.type, row.name, row.tbl_name, row.rootpage, row.sql);
  db.exec("PRAGMA writable_schema=RESET");
  db.close();
}

async function factsOf(ports: OpenedPorts): Promise<unknown> {
  const all: unknown[] = [];
  for (const device of DEVICES) for (const tier of ["hot", "warm", "cold"] as const) all.push(await factsIn(ports[tier], device));
  return all;
}

async function whole(context: TestContext): Promise<{ folder: string; facts: unknown }> {
  const folder = await folderFor(context);
  await written(folder);
  const ports = await openEmbedded(folder);
  const { scrub } = await scrubOf(ports);
  assert.deepEqual((await scrub.scrubber.pass(run)).damages, [], "nothing is damaged yet");
  const facts = await factsOf(ports);
  await ports.close();
  return { folder, facts };
}

const told = (lines: readonly RepairLine[]): string[] => lines.map(({ store, action, outcome, next }) => `${store} ${action} ${outcome} ${next ?? "-"}`).sort();

test("damage in every store is found and named by a pass, and mended from the store that still has it", { timeout: 120_000 }, async (context) => {
  const { folder, facts } = await whole(context);
  for (const tier of ["hot", "cold"]) damageBlock(folder, tier, "w-1");
  // Whose block has the lowest number is left to which partition was handled first.
  const firstBlock = `(SELECT min(b.id) FROM blocks b JOIN points p ON p.id = b.point_id WHERE p.point = '${pointIdOf(CLIENT, "w-1")}')`;
  damageIndex(folder, "tiers/warm.sqlite", "blocks_by_time", `INSERT INTO blocks SELECT NULL, point_id, first_us, last_us, facts, stranded, data FROM blocks WHERE id = ${firstBlock}; DELETE FROM blocks WHERE id = ${firstBlock}`);
  const log = new DatabaseSync(join(folder, "log", "log.db"));
  const tables = log.prepare("SELECT p.id, p.number FROM partitions p JOIN topics t ON t.id = p.topic WHERE t.name = ? ORDER BY p.number").all(topics.readings) as { id: number; number: number }[];
  const readings = tables.find(({ id }) => Number(log.prepare(`SELECT count(*) AS n FROM records_${id}`).get()?.["n"]) > 30)!;
  log.exec(`UPDATE records_${readings.id} SET frame = zeroblob(10) WHERE offset = 3; DELETE FROM records_${readings.id} WHERE offset = 5`);
  log.close();

  let ports = await portsFor(context, folder);
  const segment = (await ports.archive.list("")).map((name) => ({ name, span: parseSegmentName(name)! })).find(({ span }) => span.topic === topics.points)!;
  await ports.close();
  const bytes = await readFile(join(folder, "archive", segment.name));
  bytes[bytes.length >> 1]! ^= 1;
  await writeFile(join(folder, "archive", segment.name), bytes);

  ports = await portsFor(context, folder);
  const { scrub, metrics } = await scrubOf(ports);
  await scrub.scrubber.pass(run);
  const view = await viewOf(scrub.scrubber);
  const places = new Set(view.damages.map(({ store, place }) => `${store} ${place}`));
  const point = pointIdOf(CLIENT, "w-1");
  for (const place of [`hot ${CLIENT}/${point}`, `cold ${CLIENT}/${point}`, "warm blocks_by_time", `warm ${CLIENT}/${point}`, `log ${topics.readings}/${readings.number}@3`, `log ${topics.readings}/${readings.number}@5`, `archive ${segment.name}`]) assert.ok(places.has(place), `${place} in ${[...places].join(", ")}`);
  assert.equal(places.size, 7);
  assert.match(await metrics.text(), /caudal_scrub_damages\{store="log"\} 2/);

  const planned = await scrub.repair({ dryRun: true, skip: false }, run);
  const expected = ["archive write-anew planned -", "cold discard-and-merge planned replay", "hot discard-and-merge planned -", "log put-back planned -", "log put-back planned -", "warm discard-and-merge planned -", "warm rebuild-indexes planned -"];
  assert.deepEqual(told(planned.lines), expected);
  assert.equal((await scrub.scrubber.status()).damages.length, 7, "a dry run changes nothing");
  const repaired = await scrub.repair({ dryRun: false, skip: false }, run);
  assert.deepEqual(told(repaired.lines), expected.map((line) => line.replace("planned", "repaired")));
  assert.deepEqual((await scrub.scrubber.pass(run)).damages, []);
  assert.deepEqual(await factsOf(ports), facts, "what each tier says is what it said");
  assert.match(await metrics.text(), /caudal_scrub_damages\{store="log"\} 0/);
});

test("what stands nowhere else is left with the next step, and a log record is passed over only when a person says so", { timeout: 120_000 }, async (context) => {
  const { folder } = await whole(context);
  const log = new DatabaseSync(join(folder, "log", "log.db"));
  const [row] = log.prepare("SELECT p.id, p.number FROM partitions p JOIN topics t ON t.id = p.topic WHERE t.name = ?").all(topics.measurements).filter(({ id }) => Number(log.prepare(`SELECT count(*) AS n FROM records_${String(id)}`).get()?.["n"]) > 20) as { id: number; number: number }[];
  assert.ok(row);
  log.exec(`UPDATE records_${row.id} SET frame = zeroblob(10) WHERE offset = 2`);
  log.close();
  change(folder, "documents/documents.db", "UPDATE documents_1 SET body = body || ' ' WHERE rowid = (SELECT min(rowid) FROM documents_1)");
  const ports = await portsFor(context, folder);
  const { scrub } = await scrubOf(ports);
  const { damages } = await scrub.scrubber.pass(run);
  assert.deepEqual(damages.map(({ store }) => store).sort(), ["documents", "log"]);
  assert.deepEqual(told((await scrub.repair({ dryRun: false, skip: false }, run)).lines), ["documents none left restore", "log none left skip"]);
  assert.deepEqual(told((await scrub.repair({ dryRun: false, skip: true }, run)).lines), ["documents none left restore", "log pass-over skipped -"]);
  const batch = await ports.log.read({ topic: topics.measurements, partition: row.number, fromOffset: 0 });
  assert.equal(batch.records[2]?.offset, 2);
  assert.deepEqual([batch.records[2]?.value.length, batch.records[2]?.headers["caudal-lost"]], [0, "passed-over"]);
  assert.equal((await scrub.scrubber.pass(run)).damages.length, 1);

  // A store that keeps no files of its own is read through its port alone, collection by collection.
  const { documents } = ports;
  const plain = { ...ports, documents: { collection: documents.collection.bind(documents), collections: () => documents.collections(), close: () => documents.close() } as typeof documents };
  const { scrub: byPort } = await scrubOf(plain);
  const [named] = (await byPort.scrubber.pass(run)).damages;
  assert.ok(named?.store === "documents" && !named.place.includes("/") && named.detail.includes("is not what was written"), JSON.stringify(named));
});

test("the pass in the background remembers its place, and is not begun again before its time", { timeout: 60_000 }, async (context) => {
  const folder = await folderFor(context);
  await written(folder);
  const ports = await portsFor(context, folder);
  const places = await ports.documents.collection<{ beganAtUs: number; walk: string | null; from: string | null; bytes: number; endedAtUs: number | null }>({ name: "scrub", tenant: false });
  const beganAtUs = systemClock.nowUs() - 5_000_000;
  await places.putMany({ clients: "all" }, [{ id: "pass", body: { beganAtUs, walk: "archive", from: null, bytes: 77, endedAtUs: null } }]);
  const { createScrubber } = await import("./scrubber.ts");
  const metrics = createMetrics({ process: false });
  const scrubber = createScrubber({ ports, clock: systemClock, logger: silentLogger, metrics, everyMs: everMs, bytesPerS: 1e9, lookEveryMs: 5 });
  await scrubber.start();
  const deadline = performance.now() + 10_000;
  for (;;) {
    const { endedAt, walk } = await scrubber.status();
    if (endedAt !== null && walk === null) break;
    assert.ok(performance.now() < deadline, "the pass ends");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  await scrubber.stop(1000);
  const status = await scrubber.status();
  assert.equal(status.beganAt, new Date(beganAtUs / 1000).toISOString(), "the pass that was under way");
  const sizes = await Promise.all((await ports.archive.list("")).map(async (name) => (await ports.archive.get(name))!.length));
  assert.equal(status.bytes, 77 + sizes.reduce((sum, size) => sum + size, 0), "nothing but the archive was read");
  assert.match(await metrics.text(), /caudal_scrub_last_pass_timestamp_seconds [1-9]/);
});
