import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { hasCode, parseInstant } from "@caudal/core";
import { readMappingFile, parseMappings } from "./mapping-file.ts";
import { MappingTable } from "./mapping-table.ts";
import { parseTemplate } from "./topic-template.ts";
import { tryMqtt, type TriedMessage } from "./try-mqtt.ts";

const RECEIVED_US = parseInstant("2026-03-01T12:00:05Z") ?? 0;
const shipped = new MappingTable(parseMappings(await readFile(new URL("../../config/mqtt.yaml", import.meta.url), "utf8")));

function tried(topic: string, payload: string | Uint8Array, options: { retained?: boolean; table?: MappingTable } = {}): TriedMessage {
  return tryMqtt(options.table ?? shipped, { topic, payload: Buffer.from(payload), receivedAtUs: RECEIVED_US, retained: options.retained ?? false });
}

const brief = (message: TriedMessage): unknown => message.readings.map(({ client, device, source, time, samples }) => [client, device, source, time, samples.map(({ key, value, unit }) => [key, value, unit])]);

test("a template captures levels and parts of levels", () => {
  const template = parseTemplate("v3/{app}@{tenant}/devices/{device}/up");
  assert.equal(template.filter, "v3/+/devices/+/up");
  assert.deepEqual(template.match("v3/riego@ttn/devices/pozo.1/up"), { app: "riego", tenant: "ttn", device: "pozo.1" });
  for (const topic of ["v3/riego/devices/pozo/up", "v3/riego@ttn/devices/pozo/up/x", "v3/riego@ttn/devices//up", "x/v3/riego@ttn/devices/pozo/up"]) assert.equal(template.match(topic), undefined, topic);
});

test("wildcards: + is one level, # is the rest, and neither is the broker's own", () => {
  assert.deepEqual(parseTemplate("a/+/b").match("a/x.y/b"), {});
  assert.equal(parseTemplate("a/+/b").match("a/x/y/b"), undefined);
  for (const topic of ["a", "a/b", "a/b/c"]) assert.deepEqual(parseTemplate("a/#").match(topic), {}, topic);
  assert.equal(parseTemplate("a/#").match("ab"), undefined);
  assert.deepEqual(parseTemplate("#").match("any/thing"), {});
  assert.equal(parseTemplate("#").match("$SYS/broker/uptime"), undefined);
  assert.equal(parseTemplate("{a}/b").match("$SYS/b"), undefined);
  assert.deepEqual(parseTemplate("a.b/(c)").match("a.b/(c)"), {});
  assert.equal(parseTemplate("a.b").match("axb"), undefined);
});

test("templates that are none say why", () => {
  for (const [text, why] of [["", /levels/], ["a/#/b", /last level/], ["a+/b", /alone/], ["a/b#", /alone/], ["{a}/{a}", /twice/], ["{A}", /capture/], ["{a", /capture/], ["a}", /capture/], [Array(33).fill("a").join("/"), /levels/]] as const) {
    assert.throws(() => parseTemplate(text), why, text);
  }
});

test("of several mappings the priority counts, then the more specific, then the first", () => {
  const table = new MappingTable(parseMappings(`
mappings:
  - { name: all, topic: "#", format: any }
  - { name: captured, topic: "plant/{device}/data", format: any, device: "{device}" }
  - { name: part, topic: "plant/w-{device}/data", format: any, device: "{device}" }
  - { name: literal, topic: "plant/w-7/data", format: any, device: seven }
  - { name: same, topic: "plant/+/data", format: any }
  - { name: urgent, topic: "plant/{device}/alarm", priority: 5, format: any }
  - { name: late, topic: "plant/pump/alarm", format: any }
`));
  const found = (topic: string): string | undefined => table.find(topic)?.mapping.name;
  assert.deepEqual(["plant/w-7/data", "plant/w-8/data", "plant/x/data", "plant/pump/alarm", "other"].map(found), ["literal", "part", "captured", "urgent", "all"]);
  assert.equal(found("plant/w-7/data"), "literal", "remembered as found");
  assert.ok(table.filters().includes("plant/+/data"));
});

test("a mapping file that is wrong says which row and why", async () => {
  for (const [text, why] of [
    ["mappings: [", /not YAML/], ["rows: []", /mappings/], ["mappings:\n  - { name: a, topic: a, format: xml }", /mappings.0.format/],
    ["mappings:\n  - { name: a, topic: 'a/{b', format: any }", /mapping a: a capture/], ["mappings:\n  - { name: a, topic: a, format: any, device: '{x}' }", /\{x\} is not captured/],
    ["mappings:\n  - { name: a, topic: a, format: any, zone: Mars/Base }", /time zone/], ["mappings:\n  - { name: a, topic: a, format: presence }", /presence needs a device/],
    ["mappings:\n  - { name: a, topic: a, format: any, colour: red }", /colour/],
  ] as const) {
    assert.throws(() => parseMappings(text), (error) => hasCode(error, "setting") && why.test(String(error)), text);
  }
  await assert.rejects(readMappingFile("/nowhere/mqtt.yaml"), (error) => hasCode(error, "setting"));
});

test("the shipped mappings give the readings that their sources mean", async () => {
  assert.ok((await readMappingFile(new URL("../../config/mqtt.yaml", import.meta.url).pathname)).length >= 6);
  assert.deepEqual(brief(tried("caudal/acme/W-07/readings", '{"flow":12.5,"ts":1772366400}')), [["acme", "W-07", "mqtt", "2026-03-01T12:00:00Z", [["flow", 12.5, null]]]]);
  assert.deepEqual(brief(tried("caudal/acme/W-07/readings", "12.5")), [["acme", "W-07", "mqtt", null, [["value", 12.5, null]]]]);
  assert.deepEqual(brief(tried("sensores/flujo", '{ "sensor_id": "MED-0042", "flujo": 7.8 }')), [[null, "MED-0042", "water-millimiter", null, [["flujo", 7.8, "L/min"]]]]);
  assert.deepEqual(brief(tried("telemetry/nettra/P1/data", "2026-03-01T12:00:00Z,level,3.5,m")), [[null, "P1", "nettra", "2026-03-01T12:00:00Z", [["level", 3.5, "m"]]]]);
  const uplink = { end_device_ids: { device_id: "pozo" }, received_at: "2026-03-01T12:00:00Z", uplink_message: { decoded_payload: { pulses: 3 } } };
  assert.deepEqual(brief(tried("v3/riego@ttn/devices/pozo/up", JSON.stringify(uplink))), [[null, "pozo", "things-stack", "2026-03-01T12:00:00Z", [["pulses", 3, null]]]]);
  const up = { time: "2026-03-01T12:00:00Z", deviceInfo: { devEui: "24e1" }, object: { pulse: 3 } };
  assert.deepEqual(brief(tried("application/1/device/24e1/event/up", JSON.stringify(up))), [[null, "24e1", "chirpstack", "2026-03-01T12:00:00Z", [["pulse", 3, null]]]]);
});

test("the topic's device counts before the message's own, which is kept as a label", () => {
  const message = tried("caudal/acme/W-07/readings", '{"device_id":"other","flow":1}');
  assert.deepEqual(message.readings.map(({ device, labels }) => [device, labels]), [["W-07", { device_id: "other" }]]);
});

test("a topic that nothing fits has no mapping", () => {
  assert.deepEqual(tried("home/lamp", "on"), { topic: "home/lamp", mapping: null, readings: [], parked: [], dropped: [] });
});

test("will and birth say whether a device is there", () => {
  assert.deepEqual(tried("caudal/acme/W-07/status", " Offline ", { retained: true }).presence, { client: "acme", device: "W-07", is: "offline" });
  assert.deepEqual(tried("caudal/acme/W-07/status", "maybe").parked.map(({ reason }) => reason), ["wrong-type"]);
  assert.deepEqual(tried("caudal/acme/W-07/status", "").parked.map(({ reason }) => reason), ["empty"]);
  assert.deepEqual(tried("caudal/acme/W-07/status", Buffer.from([0xff])).parked.map(({ reason }) => reason), ["invalid-utf8"]);
});

test("a retained message counts by its own time alone", () => {
  const message = tried("caudal/acme/W-07/readings", '[{"flow":1},{"flow":2,"ts":1772366400}]', { retained: true });
  assert.deepEqual([message.readings.length, message.dropped], [1, ["retained-without-time"]]);
});

test("bad input parks with its reason and field", () => {
  const reasons = (payload: string | Uint8Array, topic = "caudal/acme/W-07/readings"): unknown => tried(topic, payload).parked.map(({ reason }) => reason);
  assert.deepEqual(reasons("{"), ["malformed-json"]);
  assert.deepEqual(reasons(Buffer.alloc(1024 * 1024 + 1, "1")), ["too-large"]);
  assert.deepEqual(reasons('{"flow":1}', "sensores/flujo"), ["no-device"]);
  assert.deepEqual(reasons('{"flow":1}', "caudal/ACME Corp/W-07/readings"), ["unknown-client"]);
  assert.deepEqual(reasons('{"flow":1}', "caudal/acme/a\u0001b/readings"), ["wrong-type"]);
  assert.deepEqual(tried("caudal/acme/W-07/readings", '{"flow":[]}').parked[0], { reason: "wrong-type", detail: "a value is a number, a text, true, false or null, not an array", field: "flow" });
});
