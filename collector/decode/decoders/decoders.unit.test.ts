import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { parseInstant } from "@caudal/core";
import fc from "fast-check";
import { liveContext } from "../decode-context.ts";
import type { RegisterRow } from "../decoded.ts";
import { floatAsWritten } from "../float-text.ts";
import { findDecoder, frameDecoders } from "./decoders.ts";
import type { Frame, FrameContent } from "./frame-decoder.ts";

const at = (text: string): number => parseInstant(text) ?? assert.fail(text);
const NOON_US = at("2026-03-01T12:00:00Z");
const context = liveContext(NOON_US + 5_000_000);

function frame(hex: string, fPort: number | null, more: Partial<Frame> = {}): Frame {
  return { bytes: Buffer.from(hex.replaceAll(" ", ""), "hex"), fPort, settings: {}, registers: [], context, ...more };
}

function read(name: string, hex: string, fPort: number | null, more: Partial<Frame> = {}): FrameContent {
  const content = findDecoder(name)?.decode(frame(hex, fPort, more)) ?? assert.fail(name);
  return content.ok ? content.value : assert.fail(content.refusal.detail);
}

function why(name: string, hex: string, fPort: number | null, more: Partial<Frame> = {}): string {
  const content = findDecoder(name)?.decode(frame(hex, fPort, more)) ?? assert.fail(name);
  return content.ok ? assert.fail("it was read") : content.refusal.why;
}

const values = ({ samples }: FrameContent): unknown => samples.map(({ key, value, unit, timeUs }) => [key, value, unit, ...(timeUs === null ? [] : [timeUs])]);

const QALCOSONIC = "402aa469 30 47fe1b00 200ea469 e2fc1b00 9600 cf00";

test("trap 19: the status of a Qalcosonic W1 is a number of bits, never decimal text, and its hours have times of their own", () => {
  const content = read("qalcosonic-w1", QALCOSONIC, 100);
  assert.deepEqual(values(content), [
    ["volume", 1_834_210, "L", at("2026-03-01T10:00:00Z")], ["volume", 1_834_360, "L", at("2026-03-01T11:00:00Z")], ["volume", 1_834_567, "L", NOON_US], ["status", 0x30, null, NOON_US],
  ]);
  assert.deepEqual(content.labels, { alarms: "leak" });
  const alarmOf = (status: string): string | undefined => read("qalcosonic-w1", `402aa469${status}`, 103).labels["alarms"];
  // Read as decimal text, 0x10 would be ten and 0xb0 no number at all.
  assert.deepEqual(["00", "04", "08", "10", "30", "70", "90", "b0", "d0", "34", "20"].map(alarmOf), ["none", "battery-low", "permanent-error", "dry", "leak", "backflow", "low-temperature", "burst", "manipulation", "battery-low,leak", "alarm-0x20"]);
});

test("a Qalcosonic W1 whose log does not fit its total keeps what it states and makes nothing up", () => {
  const later = read("qalcosonic-w1", "402aa469 00 47fe1b00 200ea469 e2fc1b00 9600 cf00 0100", 100);
  assert.deepEqual(values(later), [["volume", 1_834_210, "L", at("2026-03-01T10:00:00Z")], ["volume", 1_834_567, "L", NOON_US], ["status", 0, null, NOON_US]]);
  assert.equal(later.labels["log"], "does not fit the total");
  const more = read("qalcosonic-w1", "402aa469 00 47fe1b00 200ea469 e2fc1b00 ffff", 100);
  assert.equal(more.labels["log"], "does not fit the total");
  assert.deepEqual(values(read("qalcosonic-w1", "402aa469 00 47fe1b00 00000000 00000000", 100)), [["volume", 1_834_567, "L", NOON_US], ["status", 0, null, NOON_US]]);
  assert.equal(read("qalcosonic-w1", `${QALCOSONIC}2f`, 100).samples.length, 4, "a filler at the end");
  // 47 litres of an hour look like the filler and are none.
  const fortySeven = read("qalcosonic-w1", "402aa469 00 47fe1b00 301ca469 18fe1b00 2f00", 100);
  assert.deepEqual(fortySeven.samples.filter(({ key }) => key === "volume").map(({ value }) => value), [1_834_520, 1_834_567]);
});

test("frames of a Qalcosonic W1 that do not fit are refused", () => {
  assert.equal(why("qalcosonic-w1", QALCOSONIC, 99), "malformed-binary");
  assert.equal(why("qalcosonic-w1", "402aa469", 100), "malformed-binary");
  assert.equal(why("qalcosonic-w1", `${QALCOSONIC}01`, 100), "malformed-binary");
  assert.equal(why("qalcosonic-w1", "402aa46930ff", 103), "malformed-binary");
  assert.equal(why("qalcosonic-w1", "0000000030", 103), "implausible-time");
  assert.equal(why("qalcosonic-w1", "ffffffff30", 103), "implausible-time");
  assert.equal(why("qalcosonic-w1", "402aa469 00 47fe1b00 01000000 e2fc1b00", 100), "implausible-time");
});

test("a Milesight EM300-DI: counter, climate, and a stored point with its own time", () => {
  assert.deepEqual(values(read("em300-di", "01755c 05c800010000", 85)), [["battery", 92, "%"], ["pulse", 256, "pulse"]]);
  assert.deepEqual(values(read("em300-di", "01755c 03673401 046865 20ce9e7446631001 5d02 00 00010000", 85)), [
    ["battery", 92, "%"], ["temperature", 30.8, "Cel"], ["humidity", 50.5, "%"],
    ["temperature", 27.2, "Cel", at("2022-10-12T08:02:38Z")], ["humidity", 46.5, "%", at("2022-10-12T08:02:38Z")], ["pulse", 256, "pulse", at("2022-10-12T08:02:38Z")],
  ]);
  const storedUs = at("2022-10-12T08:02:38Z");
  assert.deepEqual(values(read("em300-di", "050001 20ce9e7446631001 5d01 01 00000000", 85)), [["gpio", 1, null], ["temperature", 27.2, "Cel", storedUs], ["humidity", 46.5, "%", storedUs], ["gpio", 1, null, storedUs]]);
  assert.deepEqual(values(read("em300-di", "0367ceff", 85)), [["temperature", -5, "Cel"]]);
});

test("Milesight levels state their unit: cm under water, mm by sound", () => {
  assert.deepEqual(values(read("em500-swl", "01755c 03770200", 85)), [["battery", 92, "%"], ["level", 2, "cm"]]);
  assert.deepEqual(values(read("em500-swl", "20ce9e744663 0a00", 85)), [["level", 10, "cm", at("2022-10-12T08:02:38Z")]]);
  assert.deepEqual(values(read("em310-udl", "0382 4408 040001", 85)), [["distance", 2116, "mm"], ["tilted", 1, null]]);
  assert.deepEqual(values(read("em500-udl", "017564 03821e00", 85)), [["battery", 100, "%"], ["distance", 30, "mm"]]);
});

test("a Milesight frame with an unknown channel, or cut off, gives nothing at all", () => {
  for (const hex of ["01755c 99c800010000", "01755c 05c80001", "01", "05", "0175", "20ce9e74"]) assert.equal(why("em300-di", hex, 85), "malformed-binary", hex);
  assert.equal(why("em300-di", "01755c", 2), "malformed-binary");
  assert.equal(why("em300-di", "20ce000000001001 5d02 00 00010000", 85), "implausible-time");
});

test("a Smartico P22-LR: two counters, and its flags by name", () => {
  const content = read("smartico", Buffer.from("YgASAACBBAAAAAk=", "base64").toString("hex"), 7);
  assert.deepEqual(values(content), [["pulse_1", 33_028, "pulse"], ["pulse_2", 9, "pulse"]]);
  assert.deepEqual(content.labels, { flags: "motion,on-battery,time-error", fraud_1: "2", fraud_2: "2", input_error_1: "0", input_error_2: "0" });
  assert.equal(read("smartico", "0c 00 40 00000001 00000002", 7).labels["flags"], "magnet,tamper");
  assert.equal(why("smartico", "6200120000810400000009ff", 7), "malformed-binary");
});

test("Decentlab: only the sensors that the frame's bits name", () => {
  const pr26 = read("dl-pr26", "02 0167 0003 3e80 6017 0c7f", 1);
  assert.deepEqual(values(pr26), [["pressure", -0.01171875, "bar"], ["temperature", 25.671875, "Cel"], ["battery", 3.199, "V"]]);
  assert.deepEqual(pr26.labels, { decentlab_device: "359" });
  assert.equal(read("pr26", "02 0167 0003 3e80 6017 0c7f", 1, { settings: { fullScaleBar: 10 } }).samples[0]?.value, -0.1171875);
  assert.deepEqual(values(read("dl-pr26", "02 0167 0002 0c7f", 1)), [["battery", 3.199, "V"]]);
  assert.deepEqual(values(read("dl-ctd10", "02 0167 0003 8064 80e6 81f4 0c7f", 1)), [["depth", 100, "mm"], ["temperature", 23, "Cel"], ["conductivity", 500, "uS/cm"], ["battery", 3.199, "V"]]);
  assert.deepEqual(values(read("dl-ctd10", "02 0167 0001 ffff ffff ffff", 1)), [["depth", null, "mm"], ["temperature", null, "Cel"], ["conductivity", null, "uS/cm"]]);
  for (const hex of ["01 0167 0003 3e80 6017 0c7f", "02 0167 0004 0c7f", "02 0167 0003 3e80 6017", "02 0167 0002 0c7f 00", "02"]) assert.equal(why("dl-pr26", hex, 1), "malformed-binary", hex);
});

const register = (row: Partial<RegisterRow> & Pick<RegisterRow, "key">): RegisterRow => ({ word: "0", type: "uint16", order: "ABCD", factor: 1, offset: 0, ...row });

test("registers: each transformation and byte order of a float", () => {
  const float = (hex: string, order: RegisterRow["order"]): unknown => read("registers", hex, null, { registers: [register({ key: "x", type: "float", order })] }).samples[0]?.value;
  assert.deepEqual([float("42F6E979", "ABCD"), float("E97942F6", "CDAB"), float("79E9F642", "DCBA"), float("F64279E9", "BADC")], [123.456, 123.456, 123.456, 123.456]);
  const one = (hex: string, row: Partial<RegisterRow>): unknown => read("registers", hex, null, { registers: [register({ key: "x", ...row })] }).samples[0]?.value;
  assert.equal(one("00011170", { type: "uint32" }), 70_000);
  assert.equal(one("11700001", { type: "uint32", word: "1", second: "0" }), 70_000);
  assert.equal(one("11700001", { type: "uint32", order: "CDAB" }), 70_000);
  assert.equal(one("ffffff9c", { type: "int32" }), -100);
  assert.equal(one("ff38", { type: "int16", factor: 0.01 }), -2);
  assert.equal(one("0064", { factor: 0.5, offset: 3 }), 53);
  assert.equal(one("ffff", {}), 65_535);
});

test("a single-precision number is the shortest decimal that is it", () => {
  fc.assert(fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (value) => {
    const written = floatAsWritten(value);
    assert.ok(Math.fround(written) === value && Number(written.toPrecision(9)) === written);
  }));
  assert.deepEqual([floatAsWritten(Math.fround(0.1)), floatAsWritten(Math.fround(16777.217)), floatAsWritten(0.1), floatAsWritten(Infinity)], [0.1, 16777.217, 0.1, Infinity]);
});

test("registers that are not there, or no numbers, refuse all", () => {
  const refuse = (hex: string, row: Partial<RegisterRow>): string => why("registers", hex, null, { registers: [register({ key: "a" }), register({ key: "x", ...row })] });
  assert.equal(refuse("0001", { type: "uint32" }), "malformed-binary");
  assert.equal(refuse("0001", { word: "9" }), "malformed-binary");
  assert.equal(refuse("7fc00000", { type: "float" }), "not-finite");
  assert.equal(refuse("000100", {}), "malformed-binary");
  assert.equal(why("registers", "0001", null), "malformed-binary");
});

test("a decoder is found by its name however it is spelled, and by what networks call its device", () => {
  assert.equal(findDecoder("Qalcosonic W1")?.name, "qalcosonic-w1");
  assert.equal(findDecoder("AXIOMA_qalcosonic-w1")?.name, "qalcosonic-w1");
  assert.equal(findDecoder("none"), undefined);
  const names = frameDecoders.flatMap(({ name, aliases }) => [name, ...aliases]);
  assert.equal(new Set(names).size, names.length);
});

/** Values of a whole frame, to see that a damaged one never gives a sample of its own. */
const VECTORS: readonly (readonly [string, number | null, string])[] = [
  ["qalcosonic-w1", 100, QALCOSONIC], ["em300-di", 85, "01755c0367340104686520ce9e74466310015d020000010000"], ["em500-swl", 85, "01755c03770200"], ["em310-udl", 85, "03824408040001"],
  ["smartico", 7, "6200120000810400000009"], ["dl-pr26", 1, "02016700033e8060170c7f"], ["dl-ctd10", 1, "0201670003806480e681f40c7f"],
];

test("no bytes make a decoder throw, and what it gives is finite, timed in reason and named", () => {
  const damaged = fc.constantFrom(...VECTORS).chain(([name, fPort, hex]) => fc.record({
    name: fc.constant(name), fPort: fc.constantFrom(fPort, null, 1, 85, 100, 103),
    bytes: fc.oneof(
      fc.uint8Array({ maxLength: 80 }),
      fc.integer({ min: 0, max: hex.length / 2 }).map((length) => Buffer.from(hex.replaceAll(" ", ""), "hex").subarray(0, length)),
      fc.tuple(fc.nat(60), fc.nat(255)).map(([place, byte]) => {
        const bytes = Buffer.from(hex.replaceAll(" ", ""), "hex");
        bytes[place % bytes.length] = byte;
        return bytes;
      }),
    ),
  }));
  fc.assert(fc.property(damaged, ({ name, fPort, bytes }) => {
    const content = findDecoder(name)?.decode({ bytes, fPort, settings: {}, registers: [register({ key: "x", type: "float" })], context });
    assert.ok(content !== undefined);
    if (!content.ok) return;
    for (const { value, timeUs, key } of content.value.samples) {
      assert.ok(key !== "" && (value === null || Number.isFinite(Number(value))));
      assert.ok(timeUs === null || (timeUs > at("2015-01-01T00:00:00Z") && timeUs <= NOON_US + 86_405_000_000));
    }
  }), { numRuns: 3000 });
});

test("a frame that is cut off gives nothing", () => {
  for (const [name, fPort, written] of VECTORS) {
    const whole = Buffer.from(written.replaceAll(" ", ""), "hex");
    const allowed = new Set(findDecoder(name)?.decode(frame(written, fPort)).ok === true ? values(read(name, written, fPort)) as unknown[][] : []);
    for (let length = 0; length < whole.length; length++) {
      const content = findDecoder(name)?.decode({ ...frame("", fPort), bytes: whole.subarray(0, length) });
      // A cut between two channels or hours is a whole, shorter frame: what it gives is among the whole one's values.
      if (content?.ok === true) for (const sample of content.value.samples) assert.ok([...allowed].some(([key, value]) => key === sample.key && value === sample.value), `${name} ${length}`);
    }
  }
});

const DATA = new URL("../../../../shared/data/", import.meta.url);

test("frames of lorawan-devices give what its own decoders give", { skip: existsSync(new URL("lorawan-codec-vectors/vectors.json", DATA)) ? false : "the vectors are not here" }, () => {
  const vectors = JSON.parse(readFileSync(new URL("lorawan-codec-vectors/vectors.json", DATA), "utf8")) as { file: string; input: { fPort: number; bytes: number[] }; output: { data?: Record<string, unknown> } }[];
  let compared = 0;
  for (const { file, input, output } of vectors) {
    const decoder = findDecoder(/([^/]+)-codec\.yaml$/.exec(file)?.[1] ?? "");
    if (decoder === undefined || output.data === undefined) continue;
    const content = decoder.decode({ ...frame("", input.fPort), bytes: Uint8Array.from(input.bytes) });
    assert.ok(content.ok);
    assert.deepEqual(Object.fromEntries(content.value.samples.map(({ key, value }) => [key, value])), output.data, file);
    compared += 1;
  }
  assert.ok(compared >= 2);
});

test("captured uplinks give what their vendors' converters give", { skip: existsSync(new URL("lorawan-uplinks/", DATA)) ? false : "the uplinks are not here" }, () => {
  let compared = 0;
  for (const [device, name] of [["Milesight/EM300-DI", "em300-di"], ["Milesight/EM500-UDL", "em500-udl"], ["Decentlab/DL-PR26", "dl-pr26"], ["Decentlab/DL-LID", "dl-lid"]] as const) {
    const folder = new URL(`lorawan-uplinks/${device}/ChirpStack/uplink/`, DATA);
    for (const file of readdirSync(folder).filter((entry) => entry.startsWith("payload"))) {
      const payload = JSON.parse(readFileSync(new URL(file, folder), "utf8")) as { data: string; fPort: number };
      const result = JSON.parse(readFileSync(new URL(file.replace("payload", "result"), folder), "utf8")) as { telemetry: { values: Record<string, unknown> }[] };
      const content = read(name, Buffer.from(payload.data, "base64").toString("hex"), payload.fPort);
      const expected = Object.assign({}, ...result.telemetry.map((row) => row.values)) as Record<string, unknown>;
      for (const { key, value } of content.samples) {
        const other = expected[{ battery: device.startsWith("Decentlab") ? "battery_voltage" : "battery", acquisition_time_ms: "total_acquisition_time" }[key] ?? key];
        // The vendor's converter shows one of two values of a key at two times.
        if (device !== "Milesight/EM300-DI") assert.equal(value, other, `${device} ${key}`);
        else assert.ok(result.telemetry.some((row) => row.values[key] === value) || key === "humidity", `${device} ${key}`);
        compared += 1;
      }
    }
  }
  assert.ok(compared > 30);
});
