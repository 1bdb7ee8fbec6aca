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

test("the shipped mappings read binary formats, loggers and gateways too", () => {
  const birth = Buffer.from("08809494caca3312120a05626453657118809494caca3320085807121d0a07666c6f775f6c73100118809494caca33200a6900000000000029401800", "hex");
  const born = tried("spBv1.0/g/NBIRTH/n1", birth);
  assert.deepEqual([brief(born), born.said], [[[null, "n1", "sparkplug", "2026-03-01T12:00:00Z", [["flow_ls", 12.5, null]]]], [{ client: null, device: "n1", is: "online" }]]);
  assert.deepEqual(tried("spBv1.0/g/NDATA/n1", Buffer.from("08e0e897caca331214100118e0e897caca33200a6900000000008029401801", "hex")).parked.map(({ reason }) => reason), ["awaits-birth"], "one message alone has no birth");
  assert.deepEqual(tried("spBv1.0/g/NDEATH/n1", Buffer.alloc(0)).said, [{ client: null, device: "n1", is: "offline" }]);
  assert.deepEqual(tried("spBv1.0/g/NCMD/n1", birth), { topic: "spBv1.0/g/NCMD/n1", mapping: "sparkplug node", readings: [], parked: [], dropped: [] }, "a command is not ours");
  assert.deepEqual(brief(tried("caudal/acme/W-07/readings", Buffer.from("a362696464572d30376274731a69a42a4064666c6f77f94a40", "hex"))), [["acme", "W-07", "mqtt", "2026-03-01T12:00:00Z", [["flow", 12.5, null]]]]);
  assert.deepEqual(brief(tried("novus/1234/log/channels", '{"timestamp":46082.5,"battery":5.7,"value_channels":[1.5]}')), [[null, "1234", "novus", "2026-03-01T12:00:00Z", [["ch1", 1.5, null], ["battery", 5.7, "V"]]]]);
  assert.deepEqual(brief(tried("wmbusmeters/casa", '{"media":"water","meter":"multical21","id":"76348799","total_m3":6.4,"timestamp":"2026-03-01T12:00:00Z"}')), [[null, "76348799", "wmbus", "2026-03-01T12:00:00Z", [["total_m3", 6.4, "m3"]]]]);
  assert.deepEqual(brief(tried("tele/plug/SENSOR", '{"Time":"2026-03-01T09:00:00","COUNTER":{"C1":3}}')), [[null, "plug", "tasmota", "2026-03-01T12:00:00Z", [["COUNTER.C1", 3, null]]]]);
  assert.deepEqual(["Online", "Offline"].map((word) => tried("tele/plug/LWT", word, { retained: true }).presence?.is), ["online", "offline"]);
  assert.deepEqual(["init", "ready", "sleeping", "alert", "disconnected", "lost"].map((word) => tried("homie/plug/$state", word, { retained: true }).presence?.is), ["online", "online", "online", "online", "offline", "offline"]);
  const join = { time: "2026-03-01T12:00:00Z", deviceInfo: { devEui: "24e1" }, devAddr: "01020304" };
  assert.deepEqual(tried("application/1/device/24e1/event/join", JSON.stringify(join)).said, [{ client: null, device: "24e1", is: "online" }]);
});

test("trap 23: a token that is a topic is shown and kept as a part of its hash, and read again as such", () => {
  const message = tried("v2/things/zt0kenOfAWell0042", '{"values":[{"key":"caudal","value":1}]}');
  assert.match(message.topic, /^v2\/things\/~[0-9a-f]{12}$/);
  assert.match(message.readings[0]?.device ?? "", /^thing~[0-9a-f]{12}$/);
  assert.ok(!JSON.stringify(message).includes("zt0ken"));
  assert.deepEqual(tried(message.topic, '{"values":[{"key":"caudal","value":1}]}'), message, "what is masked already stays");
  assert.ok(!JSON.stringify(tried("v2/things/zt0kenOfAWell0042", "{")).includes("zt0ken"));
});

test("trap 16: of retained messages only those with a time of their own are readings", () => {
  const retained = (payload: string): unknown => tried("caudal/acme/W-07/readings", payload, { retained: true });
  assert.deepEqual([brief(retained('{"flow":1}') as TriedMessage), (retained('{"flow":1}') as TriedMessage).dropped], [[], ["retained-without-time"]]);
  assert.equal((retained('{"flow":1,"ts":1772366400}') as TriedMessage).readings.length, 1);
});

test("trap 22: what a mapping says is text and never code", () => {
  const table = new MappingTable(parseMappings("mappings:\n  - { name: a, topic: 'x/{device}', format: number, device: '{device}', key: 'process.exit(1)', source: '`id`', units: { 'process.exit(1)': '$(id)' } }"));
  assert.deepEqual(brief(tried("x/${1+1}", "3", { table })), [[null, "${1+1}", "`id`", null, [["process.exit(1)", 3, "$(id)"]]]]);
});

test("a row may name decoders, registers, and the captures that name a number", () => {
  const table = new MappingTable(parseMappings(`
mappings:
  - { name: plc, topic: "plc/{device}", format: registers, device: "{device}", registers: [{ key: flow, word: 0, type: float, order: CDAB, unit: L/s }] }
  - { name: raw, topic: "raw/{device}", format: frame, device: "{device}", decoder: Qalcosonic W1, port: 100, encoding: hex }
  - { name: homie, topic: "homie/{device}/{node}/{property}", format: number, device: "{device}", key: "{node}.{property}", units: { pump.flow: L/s } }
`));
  assert.deepEqual(brief(tried("plc/P", '{"registers":[59769,17142]}', { table })), [[null, "P", "mqtt", null, [["flow", 123.456, "L/s"]]]]);
  assert.equal(tried("raw/M", "402aa4693047fe1b00200ea469e2fc1b009600cf00", { table }).readings[0]?.samples.length, 4);
  assert.deepEqual(brief(tried("homie/h/pump/flow", "3.5", { table })), [[null, "h", "mqtt", null, [["pump.flow", 3.5, "L/s"]]]]);
  for (const [row, why] of [
    ["{ name: a, topic: a, format: frame }", /needs a decoder/], ["{ name: a, topic: a, format: frame, decoder: none }", /no decoder/], ["{ name: a, topic: a, format: registers }", /registers/],
    ["{ name: a, topic: a, format: sparkplug-b }", /spBv1.0/], ["{ name: a, topic: a, format: json, secrets: [x] }", /\{x\} is not captured/], ["{ name: a, topic: a, format: number, key: '{x}' }", /\{x\} is not captured/],
  ] as const) assert.throws(() => parseMappings(`mappings:\n  - ${row}`), why, row);
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
