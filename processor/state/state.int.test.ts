import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { CaudalError, type Assignment, type Documents } from "@caudal/core";
import { openEmbeddedDocuments } from "@caudal/embedded";
import { createHeldClock, residualOf, Tally, type HeldClock } from "@caudal/runtime";
import { headCollection, PartitionHead, type HeadBody } from "./partition-head.ts";
import { Partition } from "./partition.ts";
import { Serial } from "./serial.ts";
import { StateCache, type StateForm } from "./state-cache.ts";

class Counter {
  readonly id: string;
  readonly bytes = 100;
  count: number;
  constructor(id: string, count: number) {
    this.id = id;
    this.count = count;
  }
}
const form: StateForm<Counter, { client: string; count: number }> = {
  toDocument: ({ id, count }) => ({ id, body: { client: "acme", count } }),
  fromDocument: ({ id, body }) => new Counter(id, body.count),
};

async function open(context: TestContext): Promise<Documents> {
  const folder = await mkdtemp(join(tmpdir(), "caudal-state-"));
  const documents = await openEmbeddedDocuments({ directory: folder });
  context.after(async () => {
    await documents.close();
    await rm(folder, { recursive: true, force: true });
  });
  return documents;
}

const counters = (documents: Documents): ReturnType<Documents["collection"]> => documents.collection({ name: "counters", tenant: true });

async function cacheOf(documents: Documents, maxStates = 1000, maxBytes = 1e9): Promise<StateCache<Counter, { client: string; count: number }>> {
  return new StateCache({ collection: await documents.collection<{ client: string; count: number }>({ name: "counters", tenant: true }), form, maxStates, maxBytes });
}

function assignmentOf(generation: number, more: Partial<Assignment> = {}): Assignment & { readonly committed: number[] } {
  const committed: number[] = [];
  return {
    topic: "t", group: "g", partition: 1, generation, signal: new AbortController().signal, heartbeat: async () => undefined,
    commit: async (offset) => void committed.push(offset), committed, ...more,
  };
}

async function partitionOf(documents: Documents, assignment: Assignment, clock: HeldClock): Promise<Partition<Counter, { client: string; count: number }>> {
  const head = await PartitionHead.claim(await documents.collection<HeadBody>(headCollection), assignment, { offset: 0, directoryUs: 7 });
  return new Partition({ assignment, head, clock, states: await cacheOf(documents), pace: { everyMs: 1000, everyRecords: 10 } });
}

const sent = async (): Promise<void> => undefined;

test("states come from documents, are written when they changed, and leave memory the longest unused first", async (context) => {
  const documents = await open(context);
  const cache = await cacheOf(documents, 4);
  for (let at = 0; at < 4; at++) cache.add(new Counter(`c${at}`, at));
  await cache.write();
  cache.turn();
  const kept = cache.get("c0") ?? assert.fail();
  kept.count = 70;
  cache.changed(kept);
  cache.add(new Counter("c4", 4));
  await cache.evict();
  assert.deepEqual([cache.size, cache.get("c0")?.count, cache.get("c1"), cache.get("c4")?.count], [3, 70, undefined, 4]);
  await cache.write();
  const other = await cacheOf(documents);
  await other.load(["c0", "c1", "c4", "nobody"]);
  assert.deepEqual(["c0", "c1", "c4", "nobody"].map((id) => other.get(id)?.count), [70, 1, 4, undefined]);
});

test("what is dirty is stored before it leaves memory, and bytes are a bound too", async (context) => {
  const documents = await open(context);
  const cache = await cacheOf(documents, 1000, 450);
  for (let at = 0; at < 5; at++) cache.add(new Counter(`c${at}`, at));
  await cache.evict();
  assert.equal(cache.size, 3);
  assert.equal(await (await counters(documents)).count({ clients: "all" }), 2);
});

test("outputs, then states, then head, then offset; a new owner starts where the head says", async (context) => {
  const documents = await open(context);
  const clock = createHeldClock();
  const assignment = assignmentOf(1);
  const partition = await partitionOf(documents, assignment, clock);
  assert.deepEqual([partition.handledTo, partition.directoryUs, partition.due], [0, 7, false]);
  const tally = new Tally();
  tally.came(3);
  tally.went("kept", 3);
  await partition.step(() => ({ nextOffset: 3, tally, send: sent }));
  assert.equal(partition.due, false);
  await clock.advance(1000);
  assert.equal(partition.due, true);
  partition.states.add(new Counter("c", 9));
  await partition.snapshot();
  assert.deepEqual(assignment.committed, [3]);
  assert.equal(partition.due, false);
  const next = await partitionOf(documents, assignmentOf(2), clock);
  assert.equal(next.handledTo, 3);
  assert.deepEqual(next.tally().body(), { in: 3, out: { kept: 3 } });
  await next.states.load(["c"]);
  assert.equal(next.states.get("c")?.count, 9);
});

test("a snapshot that took long puts the next one off, one that hung does so no longer than five times the pace", async (context) => {
  const clock = createHeldClock();
  let takesMs = 300;
  const partition = await partitionOf(await open(context), assignmentOf(1, { commit: () => clock.advance(takesMs) }), clock);
  const storeOne = async (nextOffset: number): Promise<void> => {
    await partition.step(() => ({ nextOffset, tally: new Tally(), send: sent }));
    await partition.snapshot();
    partition.touch();
  };
  const dueAfter = async (ms: number): Promise<boolean> => {
    await clock.advance(ms);
    return partition.due;
  };
  await storeOne(1);
  assert.deepEqual([await dueAfter(2999), await dueAfter(1)], [false, true]);
  takesMs = 60_000;
  await storeOne(2);
  assert.deepEqual([await dueAfter(4999), await dueAfter(1)], [false, true]);
});

test("many records are stored before their time", async (context) => {
  const partition = await partitionOf(await open(context), assignmentOf(1), createHeldClock());
  await partition.step(() => ({ nextOffset: 10, tally: new Tally(), send: sent }));
  assert.equal(partition.due, true);
});

test("an owner whose partition was claimed by another cannot move the head", async (context) => {
  const documents = await open(context);
  const clock = createHeldClock();
  const first = await partitionOf(documents, assignmentOf(1), clock);
  const second = await partitionOf(documents, assignmentOf(2), clock);
  await first.step(() => ({ nextOffset: 5, tally: new Tally(), send: sent }));
  await assert.rejects(first.snapshot(), { code: "stale-generation" });
  await second.step(() => ({ nextOffset: 2, tally: new Tally(), send: sent }));
  await second.snapshot();
  assert.equal((await partitionOf(documents, assignmentOf(3), clock)).handledTo, 2);
});

test("outputs that could not be sent are sent before anything else, and are not stored until then", async (context) => {
  const documents = await open(context);
  const clock = createHeldClock();
  const assignment = assignmentOf(1);
  const partition = await partitionOf(documents, assignment, clock);
  let down = true;
  let sends = 0;
  const outputs = { nextOffset: 4, tally: new Tally(), send: async () => { sends++; if (down) throw new CaudalError("unavailable", "the log is down"); } };
  await assert.rejects(partition.step(() => outputs), { code: "unavailable" });
  await clock.advance(5000);
  assert.equal(partition.due, false);
  await partition.snapshot();
  assert.deepEqual([partition.handledTo, assignment.committed], [0, []]);
  down = false;
  await partition.settle();
  assert.deepEqual([partition.handledTo, sends, partition.due], [4, 2, true]);
});

test("a step that throws leaves a partition that does nothing until it is assigned anew", async (context) => {
  const documents = await open(context);
  const clock = createHeldClock();
  const assignment = assignmentOf(1);
  const partition = await partitionOf(documents, assignment, clock);
  assert.throws(() => partition.step(() => { throw new Error("a bug"); }), /a bug/);
  await assert.rejects(partition.settle(), { code: "unavailable", retry: "unknown" });
  partition.touch();
  await clock.advance(5000);
  await partition.snapshot();
  assert.deepEqual([partition.due, assignment.committed], [false, []]);
  assert.equal((await partitionOf(documents, assignmentOf(2), clock)).handledTo, 0);
});

test("a store that is away is tried again at the snapshots' own pace, until too much is not stored", async (context) => {
  const clock = createHeldClock();
  let down = true;
  const partition = await partitionOf(await open(context), assignmentOf(1, { heartbeat: async () => { if (down) throw new CaudalError("unavailable", "away"); } }), clock);
  const handled = async (nextOffset: number): Promise<void> => partition.step(() => ({ nextOffset, tally: new Tally(), send: sent }));
  await handled(12);
  assert.equal(partition.due, true);
  await assert.rejects(partition.snapshot(), { code: "unavailable" });
  assert.equal(partition.due, false);
  await clock.advance(1000);
  assert.equal(partition.due, true);
  await assert.rejects(partition.snapshot(), { code: "unavailable" });
  await handled(100);
  assert.equal(partition.due, true, "ten snapshots behind it has to wait");
  down = false;
  await partition.snapshot();
  assert.equal(partition.due, false);
});

test("turns run one at a time, in order, past those that fail", async () => {
  const turns = new Serial();
  const seen: number[] = [];
  const failing = turns.run(async () => { await new Promise((resolve) => setImmediate(resolve)); seen.push(1); throw new Error("no"); });
  const after = turns.run(async () => seen.push(2));
  await assert.rejects(failing, /no/);
  await after;
  assert.deepEqual(seen, [1, 2]);
});

test("a residual is what came and never went", () => {
  const tally = new Tally({ in: 5, out: { kept: 2 } });
  tally.went("dropped", 2, "duplicate");
  tally.went("nothing", 0);
  assert.deepEqual(tally.body(), { in: 5, out: { kept: 2, "dropped duplicate": 2 } });
  assert.equal(residualOf(tally.body()), 1);
});
