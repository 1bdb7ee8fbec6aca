import assert from "node:assert/strict";
import { test } from "node:test";
import { parseInstant } from "@caudal/core";
import type { DecodedRow, RefusedRow } from "./decoded.ts";
import { liveContext } from "./decode-context.ts";
import { asReading, formats, type FormatName } from "./formats.ts";

const at = (text: string): number => parseInstant(text) ?? assert.fail(text);
const RECEIVED_US = at("2026-03-01T12:00:06Z");

function read(format: FormatName, message: unknown): DecodedRow | RefusedRow {
  const [row] = formats[format](Buffer.from(JSON.stringify(message)), liveContext(RECEIVED_US));
  return asReading(row ?? assert.fail("no row"));
}

function reading(format: FormatName, message: unknown): DecodedRow {
  const row = read(format, message);
  return row.kind === "reading" ? row : assert.fail(row.refusal.detail);
}

function why(format: FormatName, message: unknown): string {
  const row = read(format, message);
  return row.kind === "park" ? row.refusal.why : assert.fail("it was read");
}

const uplink = {
  end_device_ids: { device_id: "pozo-norte-01", application_ids: { application_id: "riego-demo" }, dev_eui: "70B3D57ED0001234" },
  received_at: "2026-03-01T12:00:05.120458791Z",
  uplink_message: {
    session_key_id: "AY0EXAMPLE==", f_port: 2, f_cnt: 4711, frm_payload: "AQIDBA==", decoded_payload: { pulses: 48213, battery_v: 3.58 },
    received_at: "2026-03-01T12:00:04.918221004Z", consumed_airtime: "0.205824s",
  },
};

test("an uplink of The Things Stack, under its own name or any", () => {
  for (const format of ["things-stack-v3", "json", "any"] as const) {
    const row = reading(format, uplink);
    assert.equal(row.device, "pozo-norte-01");
    assert.equal(row.observedAtUs, at("2026-03-01T12:00:04.918221Z"));
    assert.deepEqual(row.samples.map(({ key, value }) => [key, value]), [["pulses", 48213], ["battery_v", 3.58]]);
    assert.deepEqual(row.labels, { f_cnt: "4711", dev_eui: "70B3D57ED0001234", f_port: "2", session_key_id: "AY0EXAMPLE==" });
  }
});

test("a line of The Things Stack's storage wraps the uplink", () => {
  assert.equal(reading("json", { result: uplink }).device, "pozo-norte-01");
});

test("the first frame has no counter, a simulated one says so, and the outer time serves when the inner is missing", () => {
  const { f_cnt: _count, received_at: _time, ...first } = uplink.uplink_message;
  const row = reading("things-stack-v3", { ...uplink, simulated: true, uplink_message: first });
  assert.deepEqual([row.labels["f_cnt"], row.labels["simulated"], row.observedAtUs], ["0", "true", at("2026-03-01T12:00:05.120458Z")]);
});

test("a time inside the payload counts before the network's", () => {
  const row = reading("json", { ...uplink, uplink_message: { ...uplink.uplink_message, decoded_payload: { ts: 1772362800, pulses: 1 } } });
  assert.equal(row.observedAtUs, at("2026-03-01T11:00:00Z"));
});

test("messages of The Things Stack that carry no reading", () => {
  const { decoded_payload: _payload, ...raw } = uplink.uplink_message;
  assert.equal(why("things-stack-v3", { ...uplink, uplink_message: raw }), "no-samples");
  assert.equal(why("things-stack-v3", { end_device_ids: { device_id: "a" }, join_accept: {} }), "unsupported-format");
  assert.equal(why("things-stack-v3", { end_device_ids: { device_id: true }, uplink_message: {} }), "wrong-type");
  assert.equal(why("things-stack-v3", { flow: 1 }), "wrong-type");
  assert.equal(why("things-stack-v3", { app_id: "a", dev_id: "b", payload_fields: {} }), "dead-format");
  assert.equal(why("things-stack-v3", { ...uplink, uplink_message: { ...uplink.uplink_message, received_at: "2014-13-01" } }), "wrong-type");
  assert.equal(why("things-stack-v3", { ...uplink, uplink_message: { ...uplink.uplink_message, decoded_payload: { ts: 5, a: 1 } } }), "implausible-time");
});

const up = {
  deduplicationId: "6f2f6a0e-0000-4000-8000-0000000000a1", time: "2026-03-01T12:00:00.123456+00:00",
  deviceInfo: { tenantName: "demo", applicationName: "riego", deviceName: "pozo-norte-01", devEui: "24e124fffe000001", tags: { obra: "demo" } },
  fCnt: 812, fPort: 85, data: "QCqkaTBH", object: { pulse: 482137, battery: 92 },
};

test("an event of ChirpStack v4, under its own name or any", () => {
  for (const format of ["chirpstack-v4", "json"] as const) {
    const row = reading(format, up);
    assert.deepEqual([row.device, row.observedAtUs], ["24e124fffe000001", at("2026-03-01T12:00:00.123456Z")]);
    assert.deepEqual(row.samples.map(({ key, value }) => [key, value]), [["pulse", 482137], ["battery", 92]]);
    assert.deepEqual(row.labels, { fCnt: "812", deduplicationId: "6f2f6a0e-0000-4000-8000-0000000000a1", deviceName: "pozo-norte-01", fPort: "85" });
  }
});

test("a codec's tree: names joined by dots, texts as labels, a history with its own times", () => {
  const object = { pulse: 3, gpio: { in: [1, 0], mode: "counter" }, history: [{ timestamp: 1772359200, pulse: 1 }, { timestamp: 1772362800, pulse: 2 }] };
  const row = reading("chirpstack-v4", { ...up, object });
  assert.deepEqual(row.samples.map(({ key, value, timeUs }) => [key, value, timeUs]), [
    ["pulse", 3, at("2026-03-01T12:00:00.123456Z")], ["gpio.in.0", 1, at("2026-03-01T12:00:00.123456Z")], ["gpio.in.1", 0, at("2026-03-01T12:00:00.123456Z")],
    ["pulse", 1, at("2026-03-01T10:00:00Z")], ["pulse", 2, at("2026-03-01T11:00:00Z")],
  ]);
  assert.equal(row.labels["gpio.mode"], "counter");
});

test("events of ChirpStack that carry no reading", () => {
  const { object: _object, ...raw } = up;
  assert.equal(why("chirpstack-v4", raw), "no-samples");
  assert.equal(why("chirpstack-v4", { flow: 1 }), "wrong-type");
  assert.equal(why("chirpstack-v4", { applicationID: "1", devEUI: "AQ==" }), "unsupported-format");
  assert.equal(why("chirpstack-v4", { ...up, deviceInfo: { devEui: [] } }), "wrong-type");
  assert.equal(why("chirpstack-v4", { ...up, time: 3 }), "implausible-time");
});
