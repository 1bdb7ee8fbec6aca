import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { createServer, type Server } from "node:tls";
import { after, before, describe, test } from "node:test";
import { hasCode } from "@caudal/core";
import { Aedes } from "aedes";
import { connectAsync } from "mqtt";
import { eventually, openHarness } from "../test-parts/harness.ts";

const fixture = (name: string): URL => new URL(`../test-parts/${name}`, import.meta.url);

describe("a bridge over TLS", () => {
  let broker: Aedes;
  let server: Server;
  let url: string;
  const ca = fixture("broker-cert.pem").pathname;
  before(async () => {
    broker = await Aedes.createBroker({ authenticate: (_client, username, password, done) => done(null, username === "caudal" && password?.toString() === "synthetic") });
    const [key, cert] = await Promise.all([readFile(fixture("broker-key.pem")), readFile(fixture("broker-cert.pem"))]);
    server = createServer({ key, cert }, (socket) => void broker.handle(socket));
    server.on("tlsClientError", () => {});
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    url = `mqtts://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(async () => {
    await new Promise<void>((resolve) => broker.close(() => resolve()));
    await new Promise((resolve) => server.close(resolve));
  });

  const env = (more: Record<string, string> = {}): Record<string, string> => ({ CAUDAL_MQTT: url, CAUDAL_MQTT_USER: "caudal", CAUDAL_MQTT_PASSWORD: "synthetic", CAUDAL_MQTT_CA: ca, ...more });

  test("with user, password and authority from the settings", async () => {
    const harness = await openHarness({ env: env() });
    try {
      await eventually(() => harness.collector.status().bridges[0]?.state === "connected");
      const meter = await connectAsync(url, { protocolVersion: 4, reconnectPeriod: 0, username: "caudal", password: "synthetic", ca: await readFile(ca) });
      await meter.publishAsync("caudal/acme/tls/readings", "1", { qos: 1 });
      await eventually(async () => (await harness.read("Reading")).length === 1);
      await meter.endAsync();
    } finally {
      await harness.close();
    }
  });

  test("a wrong password or an authority that is not trusted is a problem that its status shows, without the password", async () => {
    for (const [more, problem] of [[{ CAUDAL_MQTT_PASSWORD: "other" }, /not authori|user|password/i], [{ CAUDAL_MQTT_CA: "" }, /certificate|self/i]] as const) {
      const harness = await openHarness({ env: env(more) });
      try {
        const status = await eventually(() => {
          const bridge = harness.collector.status().bridges[0];
          return bridge?.problem !== undefined && bridge;
        });
        assert.match(status.problem ?? "", problem);
        assert.ok(!JSON.stringify(harness.lines).includes("other"));
      } finally {
        await harness.close();
      }
    }
  });

  test("an authority file that is not there stops the start", async () => {
    await assert.rejects(openHarness({ env: env({ CAUDAL_MQTT_CA: "/nowhere/ca.pem" }) }), (error) => hasCode(error, "setting"));
  });
});
