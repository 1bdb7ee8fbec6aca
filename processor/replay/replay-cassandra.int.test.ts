import assert from "node:assert/strict";
import { test } from "node:test";
import { openCassandraTier } from "@caudal/cassandra";
import { pointIdOf, systemScope } from "@caudal/core";
import { bareClient, dropKeyspace, testKeyspace } from "../../adapters/cassandra/test-keyspace.ts";
import { withEngine } from "../../tools/engines/for-tests.ts";
import { reading } from "../test-station.ts";
import { allFacts, openBench } from "./test-replay.ts";

withEngine("cassandra", (serverUrl) => {
  test("on Cassandra a replay changes nothing, names rows that were deleted by CQL, and brings them back", async (context) => {
    const { url, keyspace } = testKeyspace(serverUrl, "replay");
    const bench = await openBench(() => openCassandraTier({ url, name: "cold" }));
    context.after(async () => {
      await bench.close();
      await dropKeyspace(serverUrl, keyspace);
    });
    const { station } = bench;
    const point = pointIdOf("acme", "well");
    await station.start();
    await station.send(...Array.from({ length: 20 }, (_, at) => reading("well", at * 60, { flow: 1 + at % 7, total: 100 + at })), reading("well", 120, { flow: 9 }));
    await bench.settled();
    const before = await allFacts(bench.cold, "acme", point);
    const nothing = await bench.replay();
    assert.deepEqual([nothing.changes, nothing.compared, nothing.otherRevisions, nothing.digestsEqual], [0, 40, 0, true]);
    const client = await bareClient(serverUrl);
    try {
      const tables = (await client.execute("SELECT table_name FROM system_schema.tables WHERE keyspace_name = ?", [keyspace], { prepare: true })).rows.map((row) => String(row["table_name"]));
      const series = tables.find((name) => name === "facts" || name.endsWith("_facts")) ?? "";
      assert.notEqual(series, "", `the rows' table is among ${tables.join(", ")}`);
      await client.execute(`TRUNCATE ${keyspace}.${series}`);
    } finally {
      await client.shutdown();
    }
    const kept = await allFacts(bench.cold, "acme", point);
    assert.ok(kept.length < before.length);
    assert.equal((await bench.replay()).byReason.lost, before.length - kept.length);
    assert.deepEqual((await bench.replay({ apply: true })).applied, { facts: before.length - kept.length, left: 0 });
    assert.deepEqual(await allFacts(bench.cold, "acme", point), before);
    assert.equal((await bench.cold.digest(systemScope, { client: "acme", point }, 0)).facts, 0);
  });
});
