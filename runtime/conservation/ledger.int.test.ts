import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { CaudalError, topics, type Assignment, type RecordBatch } from "@caudal/core";
import { openEmbeddedDocuments, openEmbeddedLog } from "@caudal/embedded";
import { createHeldClock } from "../clock/held-clock.ts";
import { silentLogger } from "../log/logger.ts";
import { counting, LedgerScene, ledgerTests, type LedgerStage } from "../test-parts/ledger-tests.ts";
import { eventually } from "../test-parts/serve.ts";
import { notedErasures, noteErasure } from "./erasures.ts";
import { keepLedger } from "./keep-ledger.ts";
import { openLedgers, PartitionLedger } from "./ledger.ts";
import { Tally } from "./tally.ts";
import { watchOffsets } from "./watch-offsets.ts";

async function open(context: TestContext): Promise<LedgerStage> {
  const directory = await mkdtemp(join(tmpdir(), "caudal-ledger-"));
  const [log, documents] = await Promise.all([openEmbeddedLog({ directory }), openEmbeddedDocuments({ directory })]);
  context.after(async () => {
    await Promise.all([log.close(), documents.close()]);
    await rm(directory, { recursive: true, force: true });
  });
  return { log, documents };
}

ledgerTests("embedded", open);

async function scene(context: TestContext): Promise<LedgerScene> {
  const stage = await open(context);
  await stage.log.declareTopics([{ name: "counted", partitions: 2, retentionMs: null }]);
  return new LedgerScene(context, stage);
}

const assignment: Assignment = { topic: "counted", group: "counting", partition: 0, generation: 1, signal: new AbortController().signal, commit: async () => undefined, heartbeat: async () => undefined };
const batch = (from: number, count: number): RecordBatch => ({
  topic: "counted", partition: 0, nextOffset: from + count, endOffset: from + count,
  records: Array.from({ length: count }, (_, at) => ({ offset: from + at, key: "k", value: Buffer.from(String(from + at)), appendedAtUs: 0, headers: {} })),
});

test("a handler that leaves a record out, and one that loses count, are found at the batch", async (context) => {
  const own = await scene(context);
  const good = counting(own.seen);
  const skips = await own.consume({ handler: { handle: (given, to) => good.handle({ ...given, records: given.records.slice(1) }, to) } });
  await own.publish(1);
  await own.drained(skips);
  await skips.close();
  assert.deepEqual((await own.found()).map(({ check, missing, detail }) => [check, missing, detail]), [["line", 1, "1 records came and 0 were handled"]]);
  const loses = await own.consume({
    handler: {
      handle: async (given, to) => {
        const handled = await good.handle(given, to);
        handled.tally.came(3);
        return handled;
      },
    },
  });
  await own.publish(1);
  await own.drained(loses);
  assert.deepEqual((await own.found()).map(({ missing }) => missing), [3, 1]);
});

test("a ledger is stored at its pace and not with each batch, and again soon after the documents come back", async (context) => {
  const { stage, seen, findings, metrics } = await scene(context);
  const clock = createHeldClock();
  const ledgers = await openLedgers(stage.documents);
  const kept = keepLedger({ group: "counting", handler: counting(seen), log: stage.log, documents: stage.documents, findings, logger: silentLogger, metrics, clock, pace: { everyMs: 2000 } });
  await stage.log.publish("counted", Array.from({ length: 40 }, () => ({ key: "k0", value: Buffer.from("x") })));
  assert.equal(await kept.assigned?.(assignment), 0);
  for (let from = 0; from < 20; from += 5) await kept.handle(batch(from, 5), assignment);
  await kept.tick();
  assert.equal((await ledgers.get({ clients: "all" }, "counting.0"))?.version, 1);
  await clock.advance(2000);
  await kept.tick();
  const stored = await ledgers.get({ clients: "all" }, "counting.0");
  assert.deepEqual([stored?.version, stored?.body.offset, stored?.body.records], [2, 20, 20]);
  await kept.handle(batch(15, 10), assignment);
  await kept.revoked?.(assignment, false);
  const last = await ledgers.get({ clients: "all" }, "counting.0");
  assert.deepEqual([last?.body.offset, last?.body.records, last?.body.tally], [25, 25, { in: 25, out: { stored: 25 } }]);
});

test("an owner whose ledger another claimed can neither store nor go on", async (context) => {
  const { stage, seen, findings, metrics } = await scene(context);
  const clock = createHeldClock();
  await stage.log.publish("counted", Array.from({ length: 40 }, () => ({ key: "k0", value: Buffer.from("x") })));
  const partition = (await stage.log.bounds("counted")).find(({ endOffset }) => endOffset > 0)?.partition ?? 0;
  const mine = { ...assignment, partition };
  const at = (from: number): RecordBatch => ({ ...batch(from, 5), partition });
  const make = () => keepLedger({ group: "counting", handler: counting(seen), log: stage.log, documents: stage.documents, findings, logger: silentLogger, metrics, clock, pace: { everyMs: 100 } });
  const old = make();
  await old.assigned?.(mine);
  await old.handle(at(0), mine);
  const young = make();
  assert.equal(await young.assigned?.({ ...mine, generation: 2 }), 0);
  await clock.advance(100);
  await old.tick();
  await assert.rejects(old.handle(at(5), mine), { code: "stale-generation" });
  await young.handle(at(0), { ...mine, generation: 2 });
  await young.revoked?.({ ...mine, generation: 2 }, false);
  await old.revoked?.(mine, false);
  const { body } = (await (await openLedgers(stage.documents)).get({ clients: "all" }, `counting.${partition}`)) ?? assert.fail();
  assert.deepEqual([body.offset, body.tally.in, body.generation], [5, 5, 2]);
});

test("an owner that claims what it had lost cannot keep it from the one of a newer generation, nor once it knows", async (context) => {
  const { stage } = await scene(context);
  await stage.log.publish("counted", Array.from({ length: 40 }, () => ({ key: "k0", value: Buffer.from("x") })));
  const partition = (await stage.log.bounds("counted")).find(({ endOffset }) => endOffset > 0)?.partition ?? 0;
  const ledgers = await openLedgers(stage.documents);
  const entry = (nextOffset: number) => ({ nextOffset, tally: new Tally(), records: nextOffset, offsets: [], facts: [], unread: [] });
  const young = await PartitionLedger.claim(ledgers, stage.log, { ...assignment, partition, generation: 2 });
  const old = await PartitionLedger.claim(ledgers, stage.log, { ...assignment, partition });
  old.add(entry(10));
  young.add(entry(20));
  await young.store();
  await assert.rejects(old.store(), { code: "stale-generation" });
  assert.equal((await ledgers.get({ clients: "all" }, `counting.${partition}`))?.body.offset, 20);
  const gone = new AbortController();
  gone.abort();
  await assert.rejects(PartitionLedger.claim(ledgers, stage.log, { ...assignment, partition, signal: gone.signal }), { name: "AbortError" });
});

test("a ledger of a log that is gone begins anew, and two who claim at once follow each other", async (context) => {
  const { stage } = await scene(context);
  const ledgers = await openLedgers(stage.documents);
  const tally = new Tally();
  const [first, second] = await Promise.all([1, 2].map(() => PartitionLedger.claim(ledgers, stage.log, assignment)));
  second!.add({ nextOffset: 900, tally, records: 900, offsets: [], facts: [], unread: [] });
  first!.add({ nextOffset: 900, tally, records: 900, offsets: [], facts: [], unread: [] });
  const stored = await Promise.allSettled([first!.store(), second!.store()]);
  assert.deepEqual(stored.map(({ status }) => status).sort(), ["fulfilled", "rejected"]);
  const third = await PartitionLedger.claim(ledgers, stage.log, assignment);
  assert.deepEqual([third.restarted, third.offset], [true, 0]);
});

test("groups with an offset of their own are told of records that did not come", async (context) => {
  const own = await scene(context);
  await own.publish(10);
  const { log } = own.stage;
  const partition = (await log.bounds("counted")).find(({ endOffset }) => endOffset > 3)?.partition ?? 0;
  const end = (await log.bounds("counted"))[partition]?.endOffset ?? 0;
  const whole = await log.read({ topic: "counted", partition, fromOffset: 0 });
  const watched = watchOffsets({ handle: async () => undefined, assigned: async () => 0 }, { log, group: "g", findings: own.findings });
  await watched.assigned?.({ ...assignment, partition });
  await watched.handle({ ...whole, records: whole.records.filter(({ offset }) => offset !== 1 && offset !== 2) }, assignment);
  await watched.handle({ ...whole, records: [], nextOffset: end }, assignment);
  await watched.revoked?.(assignment, false);
  assert.deepEqual((await own.found()).map(({ check, fromOffset, toOffset, missing }) => [check, fromOffset, toOffset, missing]), [["offsets", 1, 3, 2]]);
});

test("an alarm is told once, does not wait for documents that are away, and is closed by a person", async (context) => {
  const own = await scene(context);
  const residual = { check: "agreement", group: "g", topic: topics.measurements, partition: 1, fromOffset: 32, toOffset: 48, missing: 1, detail: "one" } as const;
  await own.findings.report(residual);
  await own.findings.report(residual);
  await own.findings.report({ ...residual, fromOffset: 0, toOffset: 128 });
  assert.equal((await own.findings.open()).length, 1);
  await own.findings.report({ ...residual, fromOffset: 0, toOffset: 128, missing: 2 });
  await own.findings.report({ ...residual, check: "tiers", about: "p" });
  await own.findings.report({ ...residual, check: "tiers", about: "p", fromOffset: 100 });
  const open = await own.findings.open();
  assert.equal(open.length, 3);
  assert.equal(await own.findings.close(open[0]!.id), true);
  assert.deepEqual([(await own.findings.open()).length, await own.findings.close("nothing")], [2, false]);
  assert.equal(await own.metrics.sum("caudal_conservation_residuals_total"), 3);
});

test("a client whose data goes is known until it is gone, and a minute after", async (context) => {
  const { stage: { documents } } = await scene(context);
  const noted = await noteErasure(documents, "acme", 1e12);
  const known = async (atUs: number) => (await notedErasures(documents, atUs)).get("acme");
  assert.deepEqual(await known(1e12 + 600e6), { isOver: false, beforeUs: 1e12 + 60e6 });
  await noted.ended(1e12 + 600e6);
  assert.deepEqual(await known(1e12 + 650e6), { isOver: false, beforeUs: 1e12 + 660e6 });
  assert.deepEqual(await known(1e12 + 700e6), { isOver: true, beforeUs: 1e12 + 660e6 });
});

test("a handler that fails is counted when it succeeds", async (context) => {
  const own = await scene(context);
  const good = counting(own.seen);
  let failures = 3;
  const consumer = await own.consume({
    everyMs: 10,
    handler: { handle: async (given, to) => { if (failures-- > 0) throw new CaudalError("unavailable", "away"); return good.handle(given, to); } },
  });
  await own.publish(25);
  await own.drained(consumer);
  await eventually(async () => (await own.total()).in === 25, "the ledger is stored by itself");
  assert.deepEqual([await own.total(), await own.found()], [{ in: 25, records: 25, residual: 0, trimmed: 0, out: { stored: 25 } }, []]);
});
