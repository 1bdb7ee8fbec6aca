import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { hasCode } from "@caudal/core";
import { connectAsync } from "mqtt";
import { openAuthority, type Authority, type Issued } from "../test-parts/certificates.ts";
import { eventually, openHarness, type Harness } from "../test-parts/harness.ts";
import { freePort, startBroker, usualBroker, type OutsideBroker } from "../test-parts/outside-broker.ts";

const skip = usualBroker() === "mosquitto" ? false : "no Mosquitto here: apt-get install mosquitto";

describe("a bridge that shows a certificate", { skip }, () => {
  let authority: Authority;
  let other: Authority;
  let broker: OutsideBroker;
  let own: Issued;
  let url: string;
  before(async () => {
    [authority, other] = await Promise.all([openAuthority(), openAuthority()]);
    const server = await authority.issue("server", { san: "IP:127.0.0.1" });
    own = await authority.issue("caudal", {});
    const port = await freePort();
    url = `mqtts://127.0.0.1:${port}`;
    // Whoever the certificate names may do all; nobody else connects.
    broker = await startBroker("mosquitto", [`listener ${port} 127.0.0.1`, `cafile ${authority.ca}`, `certfile ${server.cert}`, `keyfile ${server.key}`, "require_certificate true", "use_identity_as_username true"]);
  });
  after(async () => {
    await broker?.close();
    await Promise.all([authority, other].map((one) => one?.close()));
  });
  const env = (more: Record<string, string> = {}): Record<string, string> => ({ CAUDAL_MQTT: url, CAUDAL_MQTT_CA: authority.ca, CAUDAL_MQTT_CERT: own.cert, CAUDAL_MQTT_KEY: own.key, ...more });
  const problemOf = (harness: Harness): Promise<string> => eventually(() => harness.collector.status().bridges[0]?.problem);

  test("a broker that asks for it takes it, and its messages come in", async () => {
    const harness = await openHarness({ env: env() });
    try {
      await eventually(() => harness.collector.status().bridges[0]?.state === "connected");
      assert.equal(harness.collector.health().status, "ok");
      const meter = await connectAsync(broker.url, { protocolVersion: 4, reconnectPeriod: 0 });
      await meter.publishAsync("caudal/acme/W-1/readings", "1", { qos: 1 });
      await eventually(async () => (await harness.read("Reading")).length === 1);
      await meter.endAsync();
    } finally {
      await harness.close();
    }
  });

  test("without one, with one of another authority, or towards a server of another authority, it is a problem that its status shows", async () => {
    const foreign = await other.issue("caudal", {});
    const cases: readonly Record<string, string>[] = [{ CAUDAL_MQTT_CERT: "", CAUDAL_MQTT_KEY: "" }, { CAUDAL_MQTT_CERT: foreign.cert, CAUDAL_MQTT_KEY: foreign.key }, { CAUDAL_MQTT_CA: other.ca }];
    for (const more of cases) {
      const harness = await openHarness({ env: env(more) });
      try {
        assert.notEqual(await problemOf(harness), "");
        assert.equal(harness.collector.health().status, "degraded");
      } finally {
        await harness.close();
      }
    }
  });

  test("a certificate that was replaced counts from the next connection on", async () => {
    const cert = join(authority.folder, "rotated.pem");
    const key = join(authority.folder, "rotated.key");
    const foreign = await other.issue("rotated", {});
    await Promise.all([writeFile(cert, await other.read(foreign.cert)), writeFile(key, await other.read(foreign.key))]);
    const harness = await openHarness({ env: env({ CAUDAL_MQTT_CERT: cert, CAUDAL_MQTT_KEY: key }) });
    try {
      await problemOf(harness);
      await Promise.all([writeFile(cert, await authority.read(own.cert)), writeFile(key, await authority.read(own.key))]);
      await eventually(() => harness.collector.status().bridges[0]?.state === "connected", 20_000);
    } finally {
      await harness.close();
    }
  });

  test("a certificate without its key stops the start", async () => {
    const cases: readonly Record<string, string>[] = [{ CAUDAL_MQTT_KEY: "" }, { CAUDAL_MQTT_KEY: join(authority.folder, "ca.key") }, { CAUDAL_MQTT_CERT: "/nowhere.pem" }];
    for (const more of cases) {
      await assert.rejects(async () => (await openHarness({ env: env(more) })).close(), (error) => hasCode(error, "setting"), JSON.stringify(more));
    }
  });
});
