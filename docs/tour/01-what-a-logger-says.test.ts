/*
 * 1. What a logger says
 *
 * A logger publishes a few bytes on a topic. The collector's first duty is to keep them as they are; its second is to say what they hold, without
 * judging it. Which topics carry readings, and in what format, stands in config/mqtt.yaml.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { MappingTable, readMappingFile, shippedMappingFile, tryMqtt, type TriedMessage } from "@caudal/collector";

const receivedAtUs = Date.parse("2026-03-01T12:00:05Z") * 1000;

async function say(topic: string, text: string): Promise<TriedMessage> {
  const mappings = new MappingTable(await readMappingFile(shippedMappingFile));
  return tryMqtt(mappings, { topic, payload: Buffer.from(text), receivedAtUs, retained: false });
}

test("the simplest message is one number a key; client and device come from the topic", async () => {
  const { readings } = await say("caudal/apr-norte/pozo-1/readings", '{"flow": 12.5, "ts": 1772366400}');
  assert.deepEqual([readings[0]?.client, readings[0]?.device, readings[0]?.time], ["apr-norte", "pozo-1", "2026-03-01T12:00:00Z"]);
  assert.deepEqual(readings[0]?.samples, [{ key: "flow", value: 12.5, unit: null, time: "2026-03-01T12:00:00Z" }]);
});

test("seconds and milliseconds are told apart by their size", async () => {
  const [seconds, milliseconds] = await Promise.all([1772366400, 1772366400000].map((ts) => say("caudal/c/d/readings", JSON.stringify({ flow: 1, ts }))));
  assert.equal(seconds?.readings[0]?.time, milliseconds?.readings[0]?.time);
});

test("a logger that was offline sends its backlog in one message: one sample an instant", async () => {
  const backlog = [{ ts: 1772362800000, values: { pulses: 481900 } }, { ts: 1772366400000, values: { pulses: 482137 } }];
  const { readings } = await say("caudal/c/d/readings", JSON.stringify(backlog));
  const samples = readings.flatMap((reading) => reading.samples);
  assert.deepEqual(samples.map(({ value, time }) => [value, time]), [[481900, "2026-03-01T11:00:00Z"], [482137, "2026-03-01T12:00:00Z"]]);
});

test("a message without a time has none: the edge's clock is only used later, and then it says so", async () => {
  const { readings } = await say("caudal/c/d/readings", '{"level": 12.34}');
  assert.equal(readings[0]?.samples[0]?.time, null);
});

test("what cannot be decoded is not thrown away: it is parked whole, with a reason from a closed list", async () => {
  const { readings, parked } = await say("caudal/c/d/readings", '{"flow":');
  assert.deepEqual([readings.length, parked[0]?.reason], [0, "malformed-json"]);
});

test("a clock that stands in another decade is not believed", async () => {
  const { parked } = await say("caudal/c/d/readings", '{"flow": 1, "ts": 86400}');
  assert.equal(parked[0]?.reason, "implausible-time");
});
