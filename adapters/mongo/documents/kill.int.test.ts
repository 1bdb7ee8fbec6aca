import assert from "node:assert/strict";
import { setTimeout as wait } from "node:timers/promises";
import { after, before, test } from "node:test";
import { systemScope as all } from "@caudal/core";
import type { Engine } from "../../../tools/engines/engine.ts";
import { withEngine } from "../../../tools/engines/for-tests.ts";
import { startEngine } from "../../../tools/engines/start.ts";
import { databaseUrl } from "../test-database.ts";
import { openMongoDocuments } from "./open-documents.ts";

interface Counter {
  readonly writer: number;
  readonly count: number;
}

const WRITERS = 6;
const WRITES_AFTER = 300;
const DEADLINE_MS = 60_000;

/** Of this test, with a server that it may kill. */
withEngine("mongo", () => {
  let engine: Engine;
  before(async () => (engine = await startEngine("mongo")));
  after(() => engine.stop());

  test("mongod is killed and started again amid writes: calls wait and go on, nothing acknowledged is lost, nothing is done twice", { timeout: 120_000 }, async () => {
    const [node] = engine.nodes;
    assert.ok(node);
    const told: string[] = [];
    const documents = await openMongoDocuments({ url: databaseUrl(engine.url, "kill"), tell: (event) => told.push(event), patienceMs: 30_000 });
    const counters = await documents.collection<Counter>({ name: "counters", tenant: false, indexes: [["writer", "count"]] });
    const logged = await documents.collection<Counter>({ name: "logged", tenant: false });
    const acknowledged = Array.from({ length: WRITERS }, () => ({ count: 0, put: 0 }));
    let total = 0;
    let until = Infinity;
    const untilMs = performance.now() + DEADLINE_MS;

    /** Each writer counts by compare and set: a write that is done twice, or called a conflict though it was done, ends it. */
    const write = async (writer: number): Promise<void> => {
      const mine = acknowledged[writer] as { count: number; put: number };
      let { version } = await counters.insert(all, { id: `c${writer}`, body: { writer, count: 0 } });
      while (total < until && performance.now() < untilMs) {
        ({ version } = await counters.replace(all, { id: `c${writer}`, body: { writer, count: mine.count + 1 } }, version));
        mine.count += 1;
        await logged.insert(all, { id: `${writer}/${mine.count}`, body: { writer, count: mine.count } });
        await counters.putMany(all, [{ id: `p${writer}`, body: { writer: -1, count: mine.put + 1 } }]);
        mine.put += 1;
        total += 1;
      }
    };
    const writing = Promise.all(Array.from({ length: WRITERS }, (_, writer) => write(writer)));
    const reached = async (count: number): Promise<void> => {
      while (total < count && performance.now() < untilMs) await wait(10);
    };
    try {
      for (let kills = 0; kills < 2; kills++) {
        await reached(total + 60);
        await node.kill();
        await node.start();
      }
      until = total + WRITES_AFTER;
      await writing;
      assert.ok(total >= until, `only ${total} writes`);
      for (const [writer, { count, put }] of acknowledged.entries()) {
        const [counter, putter] = await counters.getMany(all, [`c${writer}`, `p${writer}`]);
        assert.deepEqual([counter?.body.count, counter?.version], [count, count + 1]);
        assert.deepEqual([putter?.body.count, putter?.version], [put, put]);
        const ids = Array.from({ length: count }, (_, index) => `${writer}/${index + 1}`);
        assert.equal((await logged.getMany(all, ids)).length, count);
      }
      assert.equal(await logged.count(all), total);
      assert.ok(told.includes("mongo.away") && told.at(-1) === "mongo.back", told.join());
    } finally {
      until = 0;
      await writing.catch(() => undefined);
      await documents.close();
    }
  });

  test("a mongod that is silent ends a call as unavailable in time, and serves again when it wakes", { timeout: 60_000 }, async () => {
    const [node] = engine.nodes;
    assert.ok(node);
    const url = `${databaseUrl(engine.url, "silent")}&heartbeatFrequencyMS=500&connectTimeoutMS=500&serverSelectionTimeoutMS=500`;
    const documents = await openMongoDocuments({ url, patienceMs: 1000 });
    const examples = await documents.collection<{ name: string }>({ name: "examples", tenant: false });
    try {
      await examples.insert(all, { id: "1", body: { name: "a" } });
      const startedMs = performance.now();
      await node.pause();
      await assert.rejects(examples.get(all, "1"), { code: "unavailable", retry: "yes" });
      await assert.rejects(examples.insert(all, { id: "2", body: { name: "b" } }), { code: "unavailable" });
      assert.ok(performance.now() - startedMs < 20_000);
      node.resume();
      assert.equal((await examples.get(all, "1"))?.body.name, "a");
      await examples.insert(all, { id: "3", body: { name: "c" } });
    } finally {
      node.resume();
      await documents.close();
    }
  });
});
