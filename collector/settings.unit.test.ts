import assert from "node:assert/strict";
import { test } from "node:test";
import { hasCode } from "@caudal/core";
import { parseSettings } from "@caudal/runtime";
import { collectorSettings } from "./settings.ts";

const mqtt = (written: string): unknown => parseSettings(collectorSettings, { env: { CAUDAL_MQTT: written } }).mqtt;

test("CAUDAL_MQTT is an address, off, or URLs", () => {
  assert.deepEqual(parseSettings(collectorSettings, { env: {} }).mqtt, { kind: "broker", listen: { host: undefined, port: 1883 } });
  assert.deepEqual(mqtt("0.0.0.0:0"), { kind: "broker", listen: { host: "0.0.0.0", port: 0 } });
  assert.deepEqual(mqtt("OFF"), { kind: "off" });
  assert.deepEqual(mqtt("mqtt://broker.test, mqtts://u%40x:p@[::1]:9000"), { kind: "bridges", urls: [
    { host: "broker.test", port: 1883, tls: false, username: undefined, password: undefined, label: "broker.test:1883" },
    { host: "::1", port: 9000, tls: true, username: "u@x", password: "p", label: "[::1]:9000" },
  ] });
  assert.equal((mqtt("mqtts://broker.test") as { urls: { port: number }[] }).urls[0]?.port, 8883);
  for (const written of ["x", "70000", "http://broker.test", "mqtt://", "mqtt://a/path", "mqtt://a,b"]) assert.throws(() => mqtt(written), (error) => hasCode(error, "setting"), written);
});

test("flags beat the environment, and mistakes are named", () => {
  assert.deepEqual(parseSettings(collectorSettings, { env: { CAUDAL_MQTT: "1884" }, flags: { "--mqtt": "off" } }).mqtt, { kind: "off" });
  assert.throws(() => parseSettings(collectorSettings, { env: { CAUDAL_DROP_ZONE: "Mars/Base" } }), /CAUDAL_DROP_ZONE/);
  assert.throws(() => parseSettings(collectorSettings, { env: { CAUDAL_DROP_CLIENT: "Not A Client" } }), /CAUDAL_DROP_CLIENT/);
});
