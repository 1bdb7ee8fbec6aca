import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { systemScope, type Assignment } from "@caudal/core";
import * as embedded from "@caudal/embedded";
import { measurement } from "../test-parts/scene.ts";
import { eventually } from "../test-parts/serve.ts";
import { atStep, noFaults, type FaultPoints } from "./fault-points.ts";
import { faultyDocuments, faultyEventLog, faultySegments, faultyTier } from "./faulty-ports.ts";

async function folderOf(t: TestContext): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "caudal-faults-"));
  t.after(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

/** Lists what is reached; fails where it is told to. */
function recorder(failAt?: string): FaultPoints & { readonly names: string[] } {
  const names: string[] = [];
  return {
    names,
    reach: (name) => {
      names.push(name);
      if (name === failAt) throw new Error(`fault at ${name}`);
    },
  };
}

const topic = "caudal.readings";
const records = [{ key: "k", value: Buffer.from("v") }];

test("a log: publishes, handlers and commits have their points, in order", async (t) => {
  const faults = recorder();
  const inner = await embedded.openEmbeddedLog({ directory: await folderOf(t) });
  const log = faultyEventLog(inner, "processor", faults);
  t.after(() => log.close());
  await log.declareTopics([{ name: topic, partitions: 1, retentionMs: null }]);
  await log.publish(topic, records);
  const seen = new Set<Assignment>();
  const consumption = await log.consume({
    topic, group: "g", commit: "by-handler",
    handler: {
      assigned: async (assignment) => void seen.add(assignment),
      handle: async (batch, assignment) => {
        seen.add(assignment);
        await assignment.heartbeat();
        await assignment.commit(batch.nextOffset);
      },
      revoked: async (assignment) => void seen.add(assignment),
    },
  });
  await eventually(async () => (await log.lag(topic, "g"))[0]?.lag === 0, "all is consumed");
  await consumption.close();
  await log.trimBefore(topic, 0, 1);
  assert.equal(seen.size, 1, "one assignment, however often it is handed over");
  const both = (name: string): string[] => [`processor/${name}/before`, `processor/${name}/after`];
  assert.deepEqual(faults.names, [
    ...both(`log.publish(${topic})`), ...both("consumer.assigned(g)"),
    "processor/consumer.handle(g)/before", ...both("consumer.commit(g)"), "processor/consumer.handle(g)/after",
    ...both("consumer.revoked(g)"), ...both(`log.trimBefore(${topic})`),
  ]);
});

test("a log: a fault before a publish leaves nothing, one after it leaves the records and an error", async (t) => {
  const inner = await embedded.openEmbeddedLog({ directory: await folderOf(t) });
  t.after(() => inner.close());
  await inner.declareTopics([{ name: topic, partitions: 1, retentionMs: null }]);
  const endOf = async (): Promise<number | undefined> => (await inner.bounds(topic))[0]?.endOffset;
  for (const [where, end] of [["before", 0], ["after", 1]] as const) {
    const log = faultyEventLog(inner, "collector", recorder(`collector/log.publish(${topic})/${where}`));
    await assert.rejects(log.publish(topic, records), /fault at/);
    assert.equal(await endOf(), end);
  }
});

test("a tier, documents and segments: each write has its points, reads have none", async (t) => {
  const directory = await folderOf(t);
  const faults = recorder();
  const tier = faultyTier(await embedded.openEmbeddedTier({ name: "cold", directory, retentionMs: null, revisions: "all" }), "archiver", faults);
  const documents = faultyDocuments(await embedded.openEmbeddedDocuments({ directory }), "business", faults);
  const segments = faultySegments(await embedded.openFileSegments(join(directory, "archive")), "archiver", faults);
  const point = { client: "acme", point: "p" };
  await tier.write([measurement("acme", "p", 1_700_000_000_000_000)]);
  await tier.latest(systemScope, [point]);
  await tier.raiseFloor(systemScope, point, 5);
  await tier.eraseClient("acme");
  const things = await documents.collection<{ a: number }>({ name: "things", tenant: false });
  await things.insert(systemScope, { id: "x", body: { a: 1 } });
  assert.equal((await things.get(systemScope, "x"))?.body.a, 1);
  await things.replace(systemScope, { id: "x", body: { a: 2 } }, 1);
  await things.putMany(systemScope, [{ id: "y", body: { a: 3 } }]);
  await things.remove(systemScope, "x");
  await segments.put("a/b", Buffer.from("c"));
  await segments.remove("a/b");
  for (const port of [tier, documents, segments]) await port.close();
  const steps = [
    "archiver/tier.write(cold)", "archiver/tier.raiseFloor(cold)", "archiver/tier.eraseClient(cold)",
    "business/documents.insert(things)", "business/documents.replace(things)", "business/documents.putMany(things)", "business/documents.remove(things)",
    "archiver/segments.put", "archiver/segments.remove",
  ];
  assert.deepEqual(faults.names, steps.flatMap((step) => [`${step}/before`, `${step}/after`]));
  assert.equal(tier.name, "cold");
});

test("a step that fails has no after", async () => {
  const faults = recorder();
  await assert.rejects(atStep(faults, "s/step", () => Promise.reject(new Error("no"))), /no/);
  assert.deepEqual(faults.names, ["s/step/before"]);
  assert.equal(await atStep(noFaults, "s/step", () => 7), 7);
});
