import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import { after, before, test } from "node:test";
import { MongoClient } from "mongodb";
import type { Engine } from "../../../tools/engines/engine.ts";
import { withEngine } from "../../../tools/engines/for-tests.ts";
import { startEngine } from "../../../tools/engines/start.ts";
import { databaseUrl, droppedDatabaseUrl } from "../test-database.ts";
import { startLosingGate } from "../test-gate.ts";
import { openMongoSegments } from "./open-segments.ts";

const DEADLINE_MS = 60_000;

withEngine("mongo", (server) => {
  test("answers that are lost make no duplicate of a chunk, a name or a removal", async (context) => {
    const url = droppedDatabaseUrl(server);
    const gate = await startLosingGate(server);
    const segments = await openMongoSegments({ url: gate.url(new URL(url).pathname.slice(1)) });
    const client = await MongoClient.connect(url);
    context.after(async () => {
      await segments.close();
      await client.close();
      await gate.close();
    });
    gate.lose("insert", 2);
    await segments.put("chunk", Buffer.from("chunk"));
    // An empty one has no chunks: its first insert is its name.
    gate.lose("insert", 2);
    await segments.put("name", new Uint8Array());
    assert.equal(gate.left(), 0);
    assert.equal(Buffer.from((await segments.get("chunk")) ?? []).toString(), "chunk");
    gate.lose("insert", 2);
    await assert.rejects(segments.put("name", Buffer.from("other")), { code: "duplicate-key" });
    gate.lose("", 0);
    gate.lose("delete", 2);
    await segments.remove("chunk");
    assert.deepEqual(await segments.list(""), ["name"]);
    for (const name of ["segments.chunks", "segments.uploads"]) assert.equal(await client.db().collection(name).countDocuments(), 0, name);
  });

  let engine: Engine;
  before(async () => (engine = await startEngine("mongo")));
  after(() => engine.stop());

  test("mongod is killed amid puts: they wait and go on, and every segment that was acknowledged is whole", { timeout: 120_000 }, async () => {
    const [node] = engine.nodes;
    assert.ok(node);
    const segments = await openMongoSegments({ url: databaseUrl(engine.url, "kill"), patienceMs: 30_000 });
    const put = new Map<string, Buffer>();
    const untilMs = performance.now() + DEADLINE_MS;
    let ended = false;
    const putting = Promise.all([0, 1, 2].map(async (writer) => {
      for (let number = 0; !ended && performance.now() < untilMs; number++) {
        const bytes = randomBytes(200_000);
        await segments.put(`w${writer}/${number}`, bytes);
        put.set(`w${writer}/${number}`, bytes);
      }
    }));
    const reached = async (count: number): Promise<void> => {
      while (put.size < count && performance.now() < untilMs) await wait(10);
    };
    try {
      await reached(15);
      await node.kill();
      await node.start();
      await reached(put.size + 30);
      ended = true;
      await putting;
      assert.ok(put.size >= 45);
      assert.deepEqual(await segments.list(""), [...put.keys()].sort());
      for (const [name, bytes] of put) assert.ok(bytes.equals((await segments.get(name)) ?? Buffer.alloc(0)), name);
    } finally {
      ended = true;
      await putting.catch(() => undefined);
      await segments.close();
    }
  });
});
