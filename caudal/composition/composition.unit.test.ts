import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { CaudalError } from "@caudal/core";
import { up } from "../commands/up.ts";
import { createFleetCredentials } from "../demo/fleet-credentials.ts";
import { embeddedChoice } from "../engine-settings.ts";
import { reachableHost } from "./addresses.ts";
import { parseAllSettings, settingsSpecs, type Settings } from "./all-settings.ts";
import { ExposedWithoutToken, isLoopbackHost, refuseExposureWithoutToken } from "./exposure.ts";
import { mqttAuthenticate } from "./mqtt-authenticate.ts";
import { mqttEngine, sendBroker } from "./mqtt-engine.ts";
import { refuseEmbedded } from "./open-ports.ts";

const settingsWith = (env: Record<string, string>): Settings => parseAllSettings({ env });

describe("settings of all components", () => {
  test("every flag of a setting is one of caudal up, or of every command", () => {
    const everywhere = ["--data", "--url", "--token", "--lang"];
    const flags = settingsSpecs.flatMap(({ rows }) => Object.values(rows).flatMap((row) => ("flag" in row ? [row.flag] : [])));
    assert.deepEqual(flags.filter((flag) => !everywhere.includes(flag)).sort(), [...(up.spec.values ?? []), "--engines"].sort());
  });

  test("no variable and no flag stands for two settings, and every text is in both languages", () => {
    const rows = settingsSpecs.flatMap((spec) => Object.values(spec.rows));
    assert.equal(new Set(rows.map(({ env }) => env)).size, rows.length);
    for (const { env, doc } of rows) assert.ok(env.startsWith("CAUDAL_") && doc.en !== "" && doc.es !== "" && doc.en !== doc.es, env);
  });

  test("a port is asked for when anybody named it", () => {
    assert.deepEqual(settingsWith({}).origins, { http: "default", mqtt: "default" });
    assert.deepEqual(parseAllSettings({ env: { CAUDAL_MQTT: "1884" }, flags: { "--http": "8001" } }).origins, { http: "flag", mqtt: "env" });
  });
});

describe("the engine of each port", () => {
  const choices = (env: Record<string, string>, flags: Record<string, string> = {}) => parseAllSettings({ env, flags });
  test("is embedded unless a URL or the switch for servers on this machine says otherwise", () => {
    assert.ok(Object.values(choices({}).choices).every((choice) => choice === embeddedChoice));
    const mixed = choices({ CAUDAL_LOG: "kafka://one:9092,two:9092?replication=3", CAUDAL_ENGINES: "on", CAUDAL_WARM: "embedded" }, { "--hot": "rediss://:secret@cache.example:6380/1" });
    assert.deepEqual(Object.entries(mixed.choices).map(([port, { kind, place }]) => `${port} ${kind} ${place}`), [
      "registry http 127.0.0.1:8081", "log kafka one:9092,two:9092", "documents mongodb 127.0.0.1:27017", "archive mongodb 127.0.0.1:27017", "live redis 127.0.0.1:6379",
      "hot rediss cache.example:6380", "warm embedded ", "cold cassandra 127.0.0.1:9042",
    ]);
    assert.equal(mqttEngine(mixed.collector), "bridge to 127.0.0.1:1883");
    assert.equal(mqttEngine(choices({ CAUDAL_ENGINES: "on", CAUDAL_MQTT: "1884" }).collector), "built-in (aedes)");
    assert.equal(choices({ CAUDAL_ARCHIVE: "file:///srv/archive" }).choices.archive.place, "/srv/archive");
  });

  test("a URL of another kind is refused without being shown: it may hold a password", () => {
    assert.throws(() => choices({ CAUDAL_HOT: "memcached://:secret@cache.example" }), (error) => error instanceof CaudalError && error.code === "setting"
      && error.message.includes("CAUDAL_HOT") && error.message.includes("redis://") && !error.message.includes("secret"));
    assert.throws(() => choices({ CAUDAL_COLD: "cassandra://" }), /CAUDAL_COLD/);
  });

  test("a process of its own needs servers for what it shares, and is told which", () => {
    const { choices: some } = choices({ CAUDAL_LOG: "kafka://one:9092" });
    assert.throws(() => refuseEmbedded(["registry", "log", "documents", "hot"], some), /^CaudalError: CAUDAL_DOCUMENTS, CAUDAL_HOT: /);
    assert.doesNotThrow(() => refuseEmbedded(["registry", "log"], some));
  });
});

describe("listening beyond this machine", () => {
  const without = { any: async () => false };
  test("loopback by name and address; nothing else", () => {
    for (const host of ["localhost", "LOCALHOST", "127.0.0.1", "127.8.8.8", "::1"]) assert.ok(isLoopbackHost(host), host);
    for (const host of ["0.0.0.0", "::", "192.0.2.1", "127.0.0.1.example.test", "localhost.example.test", "2001:db8::1"]) assert.ok(!isLoopbackHost(host), host);
  });

  test("needs a token", async () => {
    await refuseExposureWithoutToken(without, [{ what: "HTTP", host: "127.0.0.1" }]);
    await refuseExposureWithoutToken({ any: async () => true }, [{ what: "HTTP", host: "0.0.0.0" }]);
    const refused = refuseExposureWithoutToken(without, [{ what: "HTTP", host: "::1" }, { what: "MQTT", host: "192.0.2.1" }]);
    await assert.rejects(refused, (error) => error instanceof ExposedWithoutToken && error.listener.what === "MQTT" && error.code === "setting" && error.message.includes("192.0.2.1"));
  });

  test("an address to listen at becomes one to connect to", () => {
    assert.deepEqual(["0.0.0.0", "::", "::1", "192.0.2.1"].map(reachableHost), ["127.0.0.1", "127.0.0.1", "[::1]", "192.0.2.1"]);
  });
});

describe("who connects to the built-in broker", () => {
  const fleet = createFleetCredentials();
  const lookup = async (): Promise<undefined> => undefined;
  test("without a password only this machine, and nobody where tokens are required", async () => {
    const local = mqttAuthenticate({ lookup, fleet, tokensRequired: false });
    assert.equal((await local(undefined, undefined, "127.0.0.1"))?.name, "local");
    assert.equal((await local("me", "", "::1"))?.name, "local");
    assert.equal(await local(undefined, undefined, "192.0.2.1"), undefined);
    assert.equal(await local("me", "cdl_wrong", "127.0.0.1"), undefined);
    assert.equal(await mqttAuthenticate({ lookup, fleet, tokensRequired: true })(undefined, undefined, "127.0.0.1"), undefined);
  });

  test("the fleet of this process sends for the demo and for nobody else", async () => {
    const strict = mqttAuthenticate({ lookup, fleet, tokensRequired: true });
    assert.deepEqual(await strict(fleet.username, fleet.password, "127.0.0.1"), { name: "demo fleet", role: "device", scope: { clients: ["demo"] } });
    assert.equal(await strict(fleet.username, createFleetCredentials().password, "127.0.0.1"), undefined);
  });
});

describe("where MQTT comes from", () => {
  const here = { tokenRequired: false, host: undefined };
  test("the built-in broker", () => {
    const { collector } = settingsWith({});
    assert.equal(mqttEngine(collector), "built-in (aedes)");
    assert.equal(sendBroker(collector, null, here), undefined, "it does not listen yet");
    assert.deepEqual(sendBroker(collector, "mqtt://[::1]:1883", here), { host: "::1", port: 1883, tls: false, caFile: undefined, user: undefined, passwordIn: undefined });
    const seen = sendBroker(collector, "mqtt://127.0.0.1:1883", { tokenRequired: true, host: "water.example.test:8000" });
    assert.deepEqual([seen?.host, seen?.passwordIn], ["water.example.test", "CAUDAL_TOKEN"]);
  });

  test("outside brokers, and none", () => {
    const { collector } = settingsWith({ CAUDAL_MQTT: "mqtts://ana:secret@one.example.test,mqtt://two.example.test:1884" });
    assert.equal(mqttEngine(collector), "bridge to one.example.test:8883, two.example.test:1884");
    assert.deepEqual(sendBroker(collector, null, here), { host: "one.example.test", port: 8883, tls: true, caFile: undefined, user: "ana", passwordIn: "CAUDAL_MQTT_PASSWORD" });
    const { collector: open } = settingsWith({ CAUDAL_MQTT: "mqtt://two.example.test", CAUDAL_MQTT_USER: "eva" });
    assert.deepEqual([sendBroker(open, null, here)?.user, sendBroker(open, null, here)?.passwordIn], ["eva", undefined]);
    const { collector: none } = settingsWith({ CAUDAL_MQTT: "off" });
    assert.deepEqual([mqttEngine(none), sendBroker(none, null, here)], ["off", undefined]);
  });
});
