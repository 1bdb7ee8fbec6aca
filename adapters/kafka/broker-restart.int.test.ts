import assert from "node:assert/strict";
import { test } from "node:test";
import { hasCode } from "@caudal/core";
import { withEngine } from "../../tools/engines/for-tests.ts";
import { startEngine } from "../../tools/engines/start.ts";
import { openKafkaLog } from "./open.ts";
import { bytesOf, eventually, mustHold, quickTiming, readAll, textOf } from "./test-harness.ts";

const TOPIC = "restarted";

withEngine("kafka", () => {
  test("a broker that is stopped and killed under load: nothing acknowledged is lost or doubled, and both sides come back", { timeout: 90_000 }, async (t) => {
    const engine = await startEngine("kafka");
    t.after(() => engine.stop());
    const [node] = engine.nodes;
    assert.ok(node);
    const log = await openKafkaLog({ url: engine.url, timing: quickTiming, callWithinMs: 1000 });
    t.after(() => log.close());
    await log.declareTopics([{ name: TOPIC, partitions: 3, retentionMs: null }]);
    const handled = new Set<string>();
    await log.consume({ topic: TOPIC, group: "g", handler: { handle: async ({ records }) => records.forEach(({ value }) => handled.add(textOf(value))) } });
    const acknowledged: string[] = [];
    let going = true;
    const publishing = (async () => {
      for (let i = 0; going; i += 1) {
        const values = Array.from({ length: 20 }, (_, at) => `r${i}.${at}`);
        await log.publish(TOPIC, values.map((value) => ({ key: value, value: bytesOf(value) })));
        acknowledged.push(...values);
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
    })();
    await eventually(() => assert.ok(handled.size > 200));
    for (const how of ["stop", "kill"] as const) {
      await node[how]();
      // Calls fail in their time and say so.
      await assert.rejects(log.bounds(TOPIC), (error) => hasCode(error, "unavailable"));
      await assert.rejects(log.read({ topic: TOPIC, partition: 0, fromOffset: 0 }), (error) => hasCode(error, "unavailable"));
      await node.start();
      const upAtMs = performance.now();
      const before = acknowledged.length;
      await eventually(() => assert.ok(acknowledged.length > before), 20_000);
      const publishedMs = Math.round(performance.now() - upAtMs);
      const seen = handled.size;
      await eventually(() => assert.ok(handled.size > seen + 100), 20_000);
      t.diagnostic(`after ${how} and start: publishing again ${publishedMs} ms after the broker was up, consuming ${Math.round(performance.now() - upAtMs)} ms after`);
    }
    going = false;
    await publishing;
    await eventually(() => mustHold(handled, acknowledged, "handled"));
    const stored = (await readAll(log, TOPIC)).map(({ value }) => textOf(value));
    mustHold(new Set(stored), acknowledged, "stored");
    assert.equal(stored.length, new Set(stored).size, "none is there twice");
  });

  test("opening where nobody listens fails within its time and names the broker, not the password", async () => {
    const opening = openKafkaLog({ url: "kafkas://app:synthetic-secret@127.0.0.1:9", openWithinMs: 300 });
    await assert.rejects(opening, (error) => hasCode(error, "unavailable") && /kafkas:\/\/app:\*\*\*@127\.0\.0\.1:9/.test(String(error)) && !String(error).includes("synthetic-secret"));
  });
});
