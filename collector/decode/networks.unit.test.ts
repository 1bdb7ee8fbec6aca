import assert from "node:assert/strict";
import { test } from "node:test";
import { parseInstant } from "@caudal/core";
import fc from "fast-check";
import { liveContext } from "./decode-context.ts";
import type { FormatOptions, MessageOutcome } from "./decoded.ts";
import { formatNames, formats, type FormatName } from "./formats.ts";

const at = (text: string): number => parseInstant(text) ?? assert.fail(text);
const NOON_US = at("2026-03-01T12:00:00Z");
const RECEIVED_US = NOON_US + 6_000_000;

function read(format: FormatName, message: unknown, options: FormatOptions = {}, zone = "UTC"): MessageOutcome {
  const [row, ...others] = formats[format](Buffer.from(typeof message === "string" ? message : JSON.stringify(message)), liveContext(RECEIVED_US, zone, options));
  assert.equal(others.length, 0);
  return row ?? assert.fail("no row");
}

function values(format: FormatName, message: unknown, options: FormatOptions = {}, zone = "UTC"): unknown {
  const row = read(format, message, options, zone);
  if (row.kind !== "reading") return row.kind === "park" ? row.refusal.why : { [row.word]: row.device, observedAtUs: row.observedAtUs };
  return { device: row.device, samples: row.samples.map(({ key, value, unit, timeUs }) => [key, value, unit, timeUs]) };
}

const v3 = {
  applicationID: "4", applicationName: "riego", deviceName: "pozo-norte-01", devEUI: "cLPVftABAQI=", fCnt: 812, fPort: 85, data: "AXVcBcgAAQAA",
  rxInfo: [{ gatewayID: "AwMDAwMDAwM=", time: null, rssi: -48 }, { gatewayID: "AwMDAwMDAwQ=", time: "2026-03-01T12:00:00.048445Z", rssi: -60 }], txInfo: { frequency: 916800000 },
  objectJSON: '{"pulse":482137,"battery":92,"history":[{"timestamp":1772359200,"pulse":482000}]}',
};

test("ChirpStack v3: an EUI in base64, a decoded object in a text, the time of the first gateway that has one", () => {
  const time = at("2026-03-01T12:00:00.048445Z");
  for (const format of ["chirpstack", "chirpstack-v3", "json", "any"] as const) {
    assert.deepEqual(values(format, v3), { device: "70b3d57ed0010102", samples: [["pulse", 482_137, null, time], ["battery", 92, null, time], ["pulse", 482_000, null, at("2026-03-01T10:00:00Z")]] });
  }
  assert.equal((values("chirpstack", { ...v3, devEUI: "70B3D57ED0010102" }) as { device: string }).device, "70b3d57ed0010102", "hex, where it is so configured");
  assert.deepEqual(values("chirpstack", { ...v3, rxInfo: [], objectJSON: '{"pulse":1}' }), { device: "70b3d57ed0010102", samples: [["pulse", 1, null, null]] });
});

test("ChirpStack v3 without a codec: no object, and a decoder of ours where the mapping names one", () => {
  const raw = { ...v3, objectJSON: "" };
  assert.equal(values("chirpstack", raw), "no-samples");
  const time = at("2026-03-01T12:00:00.048445Z");
  const decoded = { device: "70b3d57ed0010102", samples: [["battery", 92, "%", time], ["pulse", 256, "pulse", time]] };
  assert.deepEqual(values("chirpstack", raw, { decoder: "em300-di" }), decoded);
  assert.deepEqual(values("chirpstack", raw, { ports: { "85": "em300-di" } }), decoded);
  assert.deepEqual(values("chirpstack", { ...raw, deviceProfileName: "EM300-DI" }), decoded, "a profile of the same name chooses");
  assert.deepEqual(values("chirpstack", { ...raw, deviceProfileName: "contador" }, { profiles: { contador: "em300-di" }, decoder: "smartico" }), decoded, "the profile before all");
  assert.deepEqual(values("chirpstack", v3, { decoder: "em300-di" }), decoded, "what a person names counts before the network's codec");
});

test("ChirpStack v3 that cannot be read", () => {
  assert.equal(values("chirpstack", { ...v3, objectJSON: "{" }), "malformed-json");
  assert.equal(values("chirpstack", { ...v3, objectJSON: 3 }), "wrong-type");
  assert.equal(values("chirpstack", { ...v3, devEUI: "AQ==" }), "unsupported-format");
  assert.equal(values("chirpstack", { ...v3, rxInfo: [{ time: "yesterday" }] }), "wrong-type");
  assert.equal(values("chirpstack", { ...v3, objectJSON: "", data: "!!" }, { decoder: "em300-di" }), "malformed-binary");
  assert.equal(values("chirpstack-v4", v3), "unsupported-format");
  assert.equal(values("chirpstack-v3", { deviceInfo: { devEui: "24e1" }, object: { a: 1 } }), "unsupported-format");
});

const info = { deviceInfo: { deviceName: "pozo", devEui: "24e124fffe000001", deviceProfileName: "Qalcosonic W1" }, time: "2026-03-01T12:00:00Z" };

test("status of ChirpStack is margin and battery, a join is a word of presence", () => {
  assert.deepEqual(values("chirpstack", { ...info, margin: 7, externalPowerSource: false, batteryLevelUnavailable: false, batteryLevel: 88.5 }), { device: "24e124fffe000001", samples: [["margin", 7, "dB", NOON_US], ["batteryLevel", 88.5, "%", NOON_US]] });
  assert.deepEqual(values("chirpstack", { ...info, margin: 7, externalPowerSource: true, batteryLevel: 0 }), { device: "24e124fffe000001", samples: [["margin", 7, "dB", NOON_US]] }, "a device on mains has no battery");
  assert.deepEqual(values("chirpstack", { ...info, devAddr: "01020304" }), { online: "24e124fffe000001", observedAtUs: NOON_US });
  assert.deepEqual(values("chirpstack", { applicationID: "1", devEUI: "24e124fffe000001", devAddr: "AQIDBA==" }), { online: "24e124fffe000001", observedAtUs: null });
});

test("trap 19: Qalcosonic W1 by the name of its profile, through ChirpStack and The Things Stack", () => {
  const data = Buffer.from("402aa4693047fe1b00200ea469e2fc1b009600cf00", "hex").toString("base64");
  const volumes = [["volume", 1_834_210, "L", at("2026-03-01T10:00:00Z")], ["volume", 1_834_360, "L", at("2026-03-01T11:00:00Z")], ["volume", 1_834_567, "L", NOON_US], ["status", 48, null, NOON_US]];
  assert.deepEqual(values("chirpstack", { ...info, fPort: 100, fCnt: 1, data }), { device: "24e124fffe000001", samples: volumes });
  const uplink = { end_device_ids: { device_id: "meter-1" }, received_at: "2026-03-01T12:00:05Z", uplink_message: { f_port: 100, frm_payload: data, version_ids: { brand_id: "axioma", model_id: "qalcosonic-w1" } } };
  assert.deepEqual(values("things-stack-v3", uplink), { device: "meter-1", samples: volumes });
});

test("trap 13: a Things Stack that omits zeros, and its stream with blank lines and a line of error", () => {
  const line = (value: unknown): string => JSON.stringify({ result: { end_device_ids: { device_id: "pozo" }, received_at: "2026-03-01T12:00:00Z", uplink_message: { decoded_payload: { pulses: value } } } });
  const rows = formats["things-stack-v3"](Buffer.from(`${line(3)}\n\n{"error":{"code":8,"message":"rate"}}\n${line(0)}\n`), liveContext(RECEIVED_US));
  assert.deepEqual(rows.map((row) => (row.kind === "reading" ? [row.labels["f_cnt"], row.samples[0]?.value] : row.kind === "park" ? row.refusal.why : row.kind)), [["0", 3], "wrong-type", ["0", 0]]);
});

const novus = { n_channels: 4, timestamp: 46082.5, battery: 5.71, value_channels: [12.34, 0, null, 4.2], alarms: [0, 1, 0, 0], buzzer_state: 0 };

test("trap 18: days since 1899-12-30 and Unix seconds of a NOVUS logger are told apart by size", () => {
  const samples = (timeUs: number): unknown => [["ch1", 12.34, null, timeUs], ["ch2", 0, null, timeUs], ["ch3", null, null, timeUs], ["ch4", 4.2, null, timeUs], ["battery", 5.71, "V", timeUs]];
  for (const format of ["novus", "json", "any"] as const) assert.deepEqual(values(format, novus), { device: null, samples: samples(NOON_US) });
  assert.deepEqual(values("novus", { ...novus, timestamp: 1772366400 }), { device: null, samples: samples(NOON_US) });
  assert.deepEqual(values("novus", { ...novus, timestamp: 46082.375 }, {}, "America/Santiago"), { device: null, samples: samples(NOON_US) }, "a day count has the mapping's zone");
  assert.equal(values("novus", { ...novus, timestamp: 99_999 }), "implausible-time", "a hundred years ahead");
  assert.equal(values("novus", { ...novus, timestamp: 12 }), "implausible-time");
});

test("NOVUS: alarms are labels; an event without channels has its battery; names and units come from the mapping", () => {
  const row = read("novus", novus, { keys: { ch1: "level" }, units: { ch1: "m" } });
  assert.ok(row.kind === "reading");
  assert.deepEqual(row.labels, { n_channels: "4", alarms: "0,1,0,0", buzzer_state: "0" });
  assert.deepEqual([row.samples[0]?.key, row.samples[0]?.unit], ["level", "m"]);
  assert.deepEqual(values("novus", { timestamp: 46082.5, battery: 5.5, event: "power" }), { device: null, samples: [["battery", 5.5, "V", NOON_US]] });
  assert.equal(values("novus", { timestamp: 46082.5, event: "power" }), "no-samples");
  assert.equal(values("novus", { ...novus, value_channels: "1,2" }), "wrong-type");
  assert.equal(values("novus", { ...novus, value_channels: [{}] }), "wrong-type");
});

test("wM-Bus as wmbusmeters writes it: the meter's id and not its receiver's, units by the names' ends, status as a label", () => {
  const telegram = {
    media: "cold water", meter: "multical21", name: "Casa", id: "76348799", total_m3: 6.408, target_m3: 6.4, max_flow_m3h: 0.12, flow_temperature_c: 11, current_status: "DRY",
    time_dry: "22-31 days", timestamp: "2026-03-01T12:00:00Z", device: "rtlwmbus[00000001]", rssi_dbm: -97,
  };
  for (const format of ["wmbus", "json"] as const) {
    assert.deepEqual(values(format, telegram), { device: "76348799", samples: [
      ["total_m3", 6.408, "m3", NOON_US], ["target_m3", 6.4, "m3", NOON_US], ["max_flow_m3h", 0.12, "m3/h", NOON_US], ["flow_temperature_c", 11, "Cel", NOON_US], ["rssi_dbm", -97, "dBm", NOON_US],
    ] });
  }
  const row = read("wmbus", telegram);
  assert.deepEqual(row.kind === "reading" && row.labels, { media: "cold water", meter: "multical21", name: "Casa", current_status: "DRY", time_dry: "22-31 days", receiver: "rtlwmbus[00000001]" });
  assert.equal(values("wmbus", { ...telegram, total_m3: [] }), "wrong-type");
  assert.equal(values("wmbus", { ...telegram, timestamp: "soon" }), "wrong-type");
});

test("thethings.io: values with names and times of their own, alone or in a list", () => {
  const list = { values: [{ key: "caudal", value: 17.3, datetime: "2026-03-01T12:00:00.000Z" }, { key: "LWT", value: "gone" }, { key: "nivel", value: "3.5", unit: "m", datetime: "20260301110000" }] };
  const row = read("thethings-io", { values: list.values.slice(0, 2) });
  assert.ok(row.kind === "reading");
  assert.deepEqual([row.samples.map(({ key, value, timeUs }) => [key, value, timeUs]), row.labels], [[["caudal", 17.3, NOON_US]], { LWT: "gone" }]);
  assert.deepEqual(values("json", { values: [list.values[0]] }), { device: null, samples: [["caudal", 17.3, null, NOON_US]] });
  const rows = formats["thethings-io"](Buffer.from(JSON.stringify([list.values[0], { key: "caudal", value: 16.9, datetime: "2026-03-01T11:00:00Z" }])), liveContext(RECEIVED_US));
  assert.deepEqual(rows.map((one) => one.kind === "reading" && one.observedAtUs), [NOON_US, NOON_US - 3_600_000_000]);
  assert.equal(values("thethings-io", { values: [3] }), "wrong-type");
  assert.equal(values("thethings-io", { values: [{ value: 3 }] }), "wrong-type");
  assert.equal(values("thethings-io", { values: [] }), "no-samples");
});

test("Tasmota's tree: names joined by dots, its clock in the mapping's zone, texts as labels", () => {
  const sensor = { Time: "2026-03-01T09:00:00", COUNTER: { C1: 4711 }, DS18B20: { Id: "0308", Temperature: 14.2 }, TempUnit: "C" };
  assert.deepEqual(values("tree", sensor, { units: { "COUNTER.C1": "pulse" } }, "America/Santiago"), { device: null, samples: [["COUNTER.C1", 4711, "pulse", NOON_US], ["DS18B20.Id", "0308", null, NOON_US], ["DS18B20.Temperature", 14.2, null, NOON_US]] });
});

test("Modbus registers as JSON, by name, by place and in a container", () => {
  const registers = [{ key: "flow", word: "REG4", type: "float", order: "CDAB", factor: 1, offset: 0, unit: "L/s" }, { key: "level", word: "AI23", type: "int16", order: "ABCD", factor: 0.01, offset: 1 }] as const;
  const row = { serial: "P-1", ts: 1772366400, REG4: 0xe979, REG5: 0x42f6, AI23: "65436" };
  assert.deepEqual(values("registers", row, { registers }), { device: "P-1", samples: [["flow", 123.456, "L/s", NOON_US], ["level", 0, null, NOON_US]] });
  assert.deepEqual(values("registers", { words: [1, 4464] }, { registers: [{ key: "n", word: "0", type: "uint32", order: "ABCD", factor: 1, offset: 0 }] }), { device: null, samples: [["n", 70_000, null, null]] });
  assert.equal(values("registers", { ...row, REG5: undefined }, { registers }), "malformed-binary");
  assert.equal(values("registers", { ...row, REG5: 1.5 }, { registers }), "malformed-binary");
  assert.equal(values("registers", row), "unsupported-format");
});

test("a frame alone, raw, in hex or in base64", () => {
  const pulses = { device: null, samples: [["pulse_1", 33_028, "pulse", null], ["pulse_2", 9, "pulse", null]] };
  assert.deepEqual(values("frame", "YgASAACBBAAAAAk=", { decoder: "smartico", encoding: "base64" }), pulses);
  assert.deepEqual(values("frame", "62 00 12 00008104 00000009\n", { decoder: "smartico", encoding: "hex" }), pulses);
  const [raw] = formats.frame(Buffer.from("6200120000810400000009", "hex"), liveContext(RECEIVED_US, "UTC", { decoder: "smartico" }));
  assert.equal(raw?.kind, "reading");
  assert.equal(values("frame", "xyz", { decoder: "smartico", encoding: "hex" }), "malformed-binary");
  assert.equal(values("frame", "x", { decoder: "smartico", encoding: "base64" }), "malformed-binary");
  assert.equal(values("frame", "62", { encoding: "hex" }), "unsupported-format");
  assert.equal(values("frame", "", { decoder: "smartico" }), "empty");
});

const seeds = [v3, { ...info, object: { pulse: 1 }, fPort: 1, data: "AQ==" }, { ...info, margin: 1 }, novus, { media: "water", meter: "a", id: "1", timestamp: 1772366400, total_m3: 1 }, { values: [{ key: "a", value: 1 }] }];
const anything = fc.oneof(fc.constant(undefined), fc.anything({ maxDepth: 3 }));

test("no shape of these messages makes a format throw, and every sample was in its message", () => {
  const damaged = fc.constantFrom(...seeds).chain((seed) => fc.tuple(fc.constantFrom(...Object.keys(seed)), anything).map(([key, value]) => ({ ...seed, [key]: value })));
  fc.assert(fc.property(fc.oneof(damaged, fc.dictionary(fc.string(), anything)), fc.constantFrom(...formatNames), (message, format) => {
    const text = JSON.stringify(message, (_, value: unknown) => (typeof value === "bigint" ? String(value) : value));
    for (const row of formats[format](Buffer.from(text), liveContext(RECEIVED_US, "UTC", { decoder: "em300-di", registers: [{ key: "x", word: "0", type: "uint16", order: "ABCD", factor: 1, offset: 0 }] }))) {
      if (row.kind !== "reading") continue;
      assert.ok(row.samples.length > 0);
      for (const { value } of row.samples) assert.ok(value === null || typeof value !== "number" || Number.isFinite(value));
    }
  }), { numRuns: 3000 });
  fc.assert(fc.property(fc.uint8Array({ maxLength: 100 }), fc.constantFrom(...formatNames), (bytes, format) => {
    for (const row of formats[format](bytes, liveContext(RECEIVED_US, "UTC", { decoder: "qalcosonic-w1" }))) assert.ok(["reading", "park", "presence"].includes(row.kind));
  }), { numRuns: 3000 });
});
