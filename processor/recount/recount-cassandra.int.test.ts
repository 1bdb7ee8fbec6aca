import assert from "node:assert/strict";
import { test } from "node:test";
import { openCassandraTier } from "@caudal/cassandra";
import { dropKeyspace, testKeyspace } from "../../adapters/cassandra/test-keyspace.ts";
import { withEngine } from "../../tools/engines/for-tests.ts";
import { openBench } from "../replay/test-replay.ts";
import { S, T0 } from "../test-station.ts";
import { counts, FIVE_MIN, say, settle, start, values, whole } from "./test-recounts.ts";

withEngine("cassandra", (serverUrl) => {
  test("a past that comes late, and a word on an old reset, are recounted from Cassandra", async (context) => {
    const { url, keyspace } = testKeyspace(serverUrl, "recount");
    const bench = await openBench(() => openCassandraTier({ url, name: "cold" }));
    context.after(async () => {
      await bench.close();
      await dropKeyspace(serverUrl, keyspace);
    });
    const processor = await start(bench);
    await settle(bench, { pulseFactorL: 1000 });
    await bench.station.send(...counts(0, 200, { at: 5000 }));
    await whole(bench, processor);
    await bench.station.send(...counts(-200 * FIVE_MIN, 200, { reset: 100 }));
    await whole(bench, processor);
    const volumes = await values(bench.cold, "volume");
    assert.deepEqual([volumes.length, volumes.at(-1)?.[1]], [400, 5398 + 198]);
    await say(bench, { variable: "pulses", timeUs: T0 + -100 * FIVE_MIN * S, verdict: "swap", finalCount: 1198, initialCount: 1, author: "Ana", reason: "seen" });
    await whole(bench, processor);
    assert.deepEqual((await values(bench.cold, "volume")).at(-1)?.[1], 5398 + 198 + 999);
    const { changes, digestsEqual } = await bench.replay();
    assert.deepEqual([changes, digestsEqual], [0, true]);
  });
});
