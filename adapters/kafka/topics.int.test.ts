import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { hasCode, type EventLog } from "@caudal/core";
import kafkajs, { Kafka, logLevel, type Admin } from "kafkajs";
import { withEngine } from "../../tools/engines/for-tests.ts";
import { openKafkaLog } from "./open.ts";
import { bytesOf, eventually, ownUrl, quickTiming, textOf } from "./test-harness.ts";
import { apiKey, KafkaProxy } from "./test-proxy.ts";

async function scene(t: TestContext, url: string, more = ""): Promise<{ log: EventLog; admin: Admin; nameOf: (topic: string) => string; own: string }> {
  const own = ownUrl(url);
  const log = await openKafkaLog({ url: `${own}${more}`, timing: quickTiming });
  const admin = new Kafka({ brokers: [new URL(url).host], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  t.after(() => Promise.all([log.close(), admin.disconnect()]));
  return { log, admin, own, nameOf: (topic) => `${new URL(own).searchParams.get("prefix")}${topic}` };
}

async function settings(admin: Admin, name: string): Promise<Map<string, string>> {
  const { resources } = await admin.describeConfigs({ includeSynonyms: false, resources: [{ type: kafkajs.ConfigResourceTypes.TOPIC, name }] });
  return new Map(resources[0]?.configEntries.map(({ configName, configValue }) => [configName, configValue]));
}

withEngine("kafka", (url) => {
  test("a topic gets its settings, a new retention changes it, and what a person set besides stays", async (t) => {
    const { log, admin, nameOf } = await scene(t, url);
    const name = nameOf("t");
    await log.declareTopics([{ name: "t", partitions: 2, retentionMs: 3_600_000 }]);
    const made = await settings(admin, name);
    assert.deepEqual(["retention.ms", "max.message.bytes", "message.timestamp.type", "cleanup.policy"].map((each) => made.get(each)), ["3600000", String(10 * 1024 * 1024), "LogAppendTime", "delete"]);
    const keep = [...made].filter(([key]) => ["retention.ms", "max.message.bytes", "message.timestamp.type"].includes(key)).map(([key, value]) => ({ name: key, value }));
    await admin.alterConfigs({ validateOnly: false, resources: [{ type: kafkajs.ConfigResourceTypes.TOPIC, name, configEntries: [...keep, { name: "flush.messages", value: "1000" }] }] });
    await log.declareTopics([{ name: "t", partitions: 2, retentionMs: null }]);
    await eventually(async () => {
      const changed = await settings(admin, name);
      assert.deepEqual(["retention.ms", "max.message.bytes", "flush.messages"].map((each) => changed.get(each)), ["-1", String(10 * 1024 * 1024), "1000"]);
    });
  });

  test("what a topic or the cluster cannot be is a setting", async (t) => {
    const { log } = await scene(t, url, "&replication=3&minInSync=2");
    const wrong = (name: string, partitions: number, retentionMs: number | null): Promise<void> =>
      assert.rejects(log.declareTopics([{ name, partitions, retentionMs }]), (error) => hasCode(error, "setting"));
    await wrong("two words", 1, null);
    await wrong("t", 0, null);
    await wrong("t", 1, -5);
    await wrong("t", 1, null);
  });

  test("a batch that a topic does not take is too large, and the next one passes", async (t) => {
    const { log, admin, nameOf } = await scene(t, url, "&compression=none");
    await admin.createTopics({ topics: [{ topic: nameOf("small"), numPartitions: 1, configEntries: [{ name: "max.message.bytes", value: "2000" }] }] });
    await assert.rejects(log.publish("small", [{ key: "k", value: new Uint8Array(5000) }]), (error) => hasCode(error, "too-large"));
    await log.publish("small", [{ key: "k", value: new Uint8Array(500) }]);
  });

  test("many readers of a topic share a few connections, and each gets what it asked for", async (t) => {
    const { log } = await scene(t, url);
    await log.declareTopics([{ name: "t", partitions: 6, retentionMs: null }]);
    const abort = new AbortController();
    const tails = [0, 1].flatMap(() => [0, 1, 2, 3, 4, 5].map(async (partition) => {
      const seen: string[] = [];
      let fromOffset = 0;
      while (seen.length < 20) {
        const { records, nextOffset } = await log.read({ topic: "t", partition, fromOffset, waitMs: 30_000, signal: abort.signal });
        seen.push(...records.map(({ value }) => textOf(value)));
        fromOffset = nextOffset;
      }
      return seen;
    }));
    const keys = new Map<number, string>();
    for (let round = 0; round < 20; round += 1) {
      const records = Array.from({ length: 60 }, (_, i) => ({ key: `k${i}`, value: bytesOf(`${i}`) }));
      await log.publish("t", records);
    }
    const found = await Promise.all(tails);
    abort.abort();
    assert.ok(found.every(({ length }) => length >= 20));
    for (const [at, seen] of found.entries()) {
      keys.set(at % 6, keys.get(at % 6) ?? [...seen].slice(0, 20).join());
      assert.equal([...seen].slice(0, 20).join(), keys.get(at % 6), "both readers of a partition see the same");
    }
  });

  test("a batch that is spoilt on its way is not handed over: it is told, and fetched again", async (t) => {
    const { log, own } = await scene(t, url);
    const proxy = await KafkaProxy.before(url);
    const through = await openKafkaLog({ url: own, timing: quickTiming, route: () => proxy.address });
    t.after(async () => {
      await through.close();
      await proxy.close();
    });
    await log.declareTopics([{ name: "t", partitions: 1, retentionMs: null }]);
    await log.publish("t", [{ key: "k", value: bytesOf("whole") }]);
    proxy.fate = (key, nth) => (key === apiKey.fetch && nth === 1 ? "spoil" : "pass");
    const told: unknown[] = [];
    const seen: string[] = [];
    await through.consume({
      topic: "t", group: "g", handler: { handle: async ({ records }) => void seen.push(...records.map(({ value }) => textOf(value))) },
      onHandlerError: (error) => (told.push(error), 5),
    });
    await eventually(() => assert.deepEqual(seen, ["whole"]));
    assert.ok(told.length === 1 && hasCode(told[0], "corrupt"));
  });
});
