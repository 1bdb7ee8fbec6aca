import assert from "node:assert/strict";
import { copyFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { connect as connectTls } from "node:tls";
import { hasCode, type Principal } from "@caudal/core";
import { silentLogger } from "@caudal/runtime";
import { connectAsync, type IClientOptions, type MqttClient } from "mqtt";
import { openAuthority, type Authority, type Issued } from "../test-parts/certificates.ts";
import { eventually, openHarness, type Harness } from "../test-parts/harness.ts";
import { parseCertificateRules } from "./certificate-identity.ts";
import { TlsListener } from "./tls-listener.ts";

const principals: Readonly<Record<string, Principal>> = { fleet: { name: "fleet", role: "device", scope: { clients: ["acme"] } }, one: { name: "one", role: "device", scope: { clients: ["acme"] }, devices: ["W-01"] } };
const MAPPINGS = `
mappings:
  - { name: own, topic: "caudal/{client}/{device}/readings", format: any, client: "{client}", device: "{device}" }
  - { name: status, topic: "caudal/{client}/{device}/status", format: presence, client: "{client}", device: "{device}" }
certificates:
  - { name: loggers, from: cn, pattern: "{client}/{device}" }
  - { name: gateway, from: san-dns, pattern: gateway.acme.example, client: acme, devices: ["W-*"] }
`;

describe("the built-in broker over TLS", () => {
  let authority: Authority;
  let other: Authority;
  let server: Issued;
  let harness: Harness;
  let env: Record<string, string>;
  const clients: MqttClient[] = [];

  const client = async (from: Harness, shown: Issued | undefined, options: IClientOptions = {}): Promise<MqttClient> => {
    const { port } = from.collector.mqttsAddress() ?? assert.fail("no listener");
    const certificate = shown === undefined ? {} : { cert: await authority.read(shown.cert), key: await authority.read(shown.key) };
    const connected = await connectAsync(`mqtts://127.0.0.1:${port}`, { protocolVersion: 4, reconnectPeriod: 0, connectTimeout: 4000, ca: await authority.read(authority.ca), ...certificate, ...options }, false);
    connected.on("error", () => {});
    clients.push(connected);
    return connected;
  };
  const refused = async (from: Harness, shown: Issued | undefined, options: IClientOptions = {}): Promise<void> => void (await assert.rejects(client(from, shown, options)));
  const cutOff = async (one: MqttClient, topic: string): Promise<void> => {
    const closed = new Promise((resolve) => one.once("close", () => resolve(true)));
    one.publish(topic, '{"device_id":"W-07","flow":1}', { qos: 1 }, () => {});
    assert.equal(await closed, true);
  };

  before(async () => {
    [authority, other] = await Promise.all([openAuthority(), openAuthority()]);
    server = await authority.issue("broker", { san: "IP:127.0.0.1,DNS:localhost" });
    await writeFile(join(authority.folder, "mqtt.yaml"), MAPPINGS);
    env = { CAUDAL_MQTT: "off", CAUDAL_MQTTS: "127.0.0.1:0", CAUDAL_MQTTS_CERT: server.cert, CAUDAL_MQTTS_KEY: server.key, CAUDAL_MQTTS_CLIENT_CA: authority.ca, CAUDAL_MQTT_MAPPINGS: join(authority.folder, "mqtt.yaml") };
    harness = await openHarness({ env, authenticate: async (_user, password) => principals[password ?? ""] });
  });
  after(async () => {
    await Promise.all(clients.splice(0).map((one) => one.endAsync(true)));
    await harness?.close();
    await Promise.all([authority, other].map((one) => one?.close()));
  });

  test("there is no listener without TLS, and a certificate says whose readings they are", async () => {
    assert.equal(harness.collector.mqttAddress(), undefined);
    const meter = await client(harness, await authority.issue("w07", { cn: "acme/W-07" }));
    await meter.publishAsync("caudal/acme/W-07/readings", '{"device_id":"W-99","flow":1}', { qos: 1 });
    const [reading] = await harness.read("Reading");
    assert.deepEqual([reading?.client, reading?.device, reading?.labels["device_id"]], ["acme", "W-07", "W-99"], "the topic counts, the payload does not");
  });

  test("a device that publishes as another is cut off, logged, counted and listed", async () => {
    const shown = await authority.issue("w08", { cn: "acme/W-08" });
    for (const topic of ["caudal/acme/W-07/readings", "caudal/beta/W-08/readings"]) await cutOff(await client(harness, shown), topic);
    assert.ok((await harness.read("Reading")).every(({ client: owner, device }) => owner === "acme" && device === "W-07"));
    const listed = await eventually(async () => (await harness.read("DevicePresence")).find(({ kind, device }) => kind === "refused" && device === "W-08"));
    assert.deepEqual([listed.labels["reason"], listed.client], ["identity", "acme"]);
    assert.match(await harness.metrics.text(), /caudal_mqtt_messages_total\{broker="built-in",outcome="foreign-device"\} 2/);
  });

  test("many messages for another are one line of the log", async () => {
    const one = await client(harness, await authority.issue("w10", { cn: "acme/W-10" }));
    const lines = (): number => harness.lines.filter(({ event, fields }) => event === "mqtt.publish-refused" && String(fields["why"]).includes("W-10")).length;
    const closed = new Promise((resolve) => one.once("close", () => resolve(true)));
    for (let at = 0; at < 50; at++) one.publish("caudal/acme/W-07/readings", "1", { qos: 1 }, () => {});
    await closed;
    assert.equal(lines(), 1);
  });

  test("a will for another is refused at the door", async () => {
    const shown = await authority.issue("w09", { cn: "acme/W-09" });
    await refused(harness, shown, { will: { topic: "caudal/acme/W-07/status", payload: Buffer.from("offline"), qos: 1, retain: false } });
    const one = await client(harness, shown, { will: { topic: "caudal/acme/W-09/status", payload: Buffer.from("offline"), qos: 1, retain: false } });
    one.stream.destroy();
    await eventually(async () => (await harness.read("DevicePresence")).some(({ kind, device }) => kind === "offline" && device === "W-09"));
    assert.ok(!(await harness.read("DevicePresence")).some(({ kind, device }) => kind === "offline" && device === "W-07"));
  });

  test("a gateway's certificate speaks for the devices that its row gives it", async () => {
    const shown = await authority.issue("gateway", { cn: "whatever", san: "DNS:gateway.acme.example" });
    const gateway = await client(harness, shown);
    await gateway.publishAsync("caudal/acme/W-55/readings", "1", { qos: 1 });
    await cutOff(gateway, "caudal/acme/X-55/readings");
    const held = await client(harness, shown, { username: "acme/W-56" });
    await cutOff(held, "caudal/acme/W-55/readings");
    await refused(harness, shown, { username: "acme/X-1" });
  });

  test("without a certificate, or with one that no row knows, a token is asked for", async () => {
    await refused(harness, undefined);
    const byToken = await client(harness, undefined, { username: "x", password: "fleet" });
    await byToken.publishAsync("caudal/acme/T-1/readings", "1", { qos: 1 });
    const unknown = await authority.issue("unknown", { cn: "nobody in particular" });
    await refused(harness, unknown);
    const bound = await client(harness, unknown, { username: "x", password: "one" });
    await cutOff(bound, "caudal/acme/W-02/readings");
  });

  test("a certificate of another authority, or past its time, is no certificate", async () => {
    const foreign = await other.issue("w07", { cn: "acme/W-07" });
    await refused(harness, foreign, { username: "x", password: "fleet" });
    await eventually(() => harness.lines.some(({ event }) => event === "mqtt.certificate-refused"));
    await refused(harness, await authority.issue("old", { cn: "acme/W-07", days: -1 }), { username: "x", password: "fleet" });
  });

  test("nothing older than TLS 1.2 is spoken, nor MQTT without TLS", async () => {
    const { port } = harness.collector.mqttsAddress() ?? assert.fail();
    const ca = await authority.read(authority.ca);
    const spoken = (maxVersion: "TLSv1.1" | "TLSv1.2"): Promise<string> => new Promise((resolve) => {
      const socket = connectTls({ host: "127.0.0.1", port, ca, minVersion: "TLSv1", maxVersion, ciphers: "DEFAULT@SECLEVEL=0" }, () => {
        resolve(socket.getProtocol() ?? "");
        socket.destroy();
      });
      socket.on("error", () => resolve("refused"));
    });
    assert.deepEqual(await Promise.all([spoken("TLSv1.1"), spoken("TLSv1.2")]), ["refused", "TLSv1.2"]);
    await assert.rejects(connectAsync(`mqtt://127.0.0.1:${port}`, { protocolVersion: 4, reconnectPeriod: 0, connectTimeout: 3000 }, false));
  });

  test("where one is required nobody connects without a certificate, token or not", async () => {
    const strict = await openHarness({ env: { ...env, CAUDAL_MQTTS_CLIENT_CERT: "required" }, authenticate: async () => principals["fleet"] });
    try {
      await refused(strict, undefined, { username: "x", password: "fleet" });
      const meter = await client(strict, await authority.issue("w11", { cn: "acme/W-11" }));
      await meter.publishAsync("caudal/acme/W-11/readings", "1", { qos: 1 });
      assert.equal((await strict.read("Reading")).length, 1);
    } finally {
      await strict.close();
    }
  });

  test("certificates that are missing, or do not fit together, stop the start", async () => {
    const open = async (more: Record<string, string>): Promise<void> => (await openHarness({ env: { ...env, ...more } })).close();
    const cases: readonly Record<string, string>[] = [
      { CAUDAL_MQTTS_KEY: "" }, { CAUDAL_MQTTS_CERT: "/nowhere/broker.pem" }, { CAUDAL_MQTTS_KEY: join(authority.folder, "ca.key") }, { CAUDAL_MQTTS_CLIENT_CA: server.key },
      { CAUDAL_MQTTS_CLIENT_CERT: "required", CAUDAL_MQTTS_CLIENT_CA: "" },
    ];
    for (const more of cases) {
      await assert.rejects(open(more), (error) => hasCode(error, "setting"), JSON.stringify(more));
    }
  });
});

test("a renewed certificate is shown without a restart; one that does not fit leaves the old one", async () => {
  const authority = await openAuthority();
  const folder = await mkdtemp(join(tmpdir(), "caudal-mqtts-"));
  const certFile = join(folder, "broker.pem");
  const keyFile = join(folder, "broker.key");
  const put = async ({ cert, key }: Issued, what: "both" | "cert"): Promise<void> => {
    await copyFile(cert, certFile);
    if (what === "both") await copyFile(key, keyFile);
  };
  const [first, second] = await Promise.all([authority.issue("first", { san: "IP:127.0.0.1" }), authority.issue("second", { san: "IP:127.0.0.1" })]);
  await put(first, "both");
  const listener = new TlsListener({
    target: { host: "127.0.0.1", port: 0 }, certFile, keyFile, clientCaFile: undefined, requireCertificate: false, rules: parseCertificateRules([], ""), lookEveryMs: 20,
    maxConnections: 10, logger: silentLogger, onSocket: (socket) => void socket.end(),
  });
  try {
    const { port } = await listener.start();
    const ca = await authority.read(authority.ca);
    const shown = (): Promise<string> => new Promise((resolve, reject) => {
      const socket = connectTls({ host: "127.0.0.1", port, ca }, () => {
        resolve(String(socket.getPeerCertificate().subject.CN));
        socket.destroy();
      });
      socket.on("error", reject);
    });
    assert.equal(await shown(), "first");
    await put(second, "cert");
    await eventually(() => listener.problem !== undefined);
    assert.match(listener.problem ?? "", /does not belong/);
    assert.equal(await shown(), "first", "half of the files were replaced");
    await put(second, "both");
    await eventually(async () => (await shown()) === "second");
    assert.equal(listener.problem, undefined);
    await writeFile(certFile, "no PEM");
    await eventually(() => listener.problem !== undefined);
    assert.equal(await shown(), "second");
  } finally {
    await listener.stop();
    await Promise.all([authority.close(), rm(folder, { recursive: true, force: true })]);
  }
});
