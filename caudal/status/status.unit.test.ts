import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { FleetStatus } from "@caudal/fleet";
import { sayIn } from "../commandline/say.ts";
import { captured } from "../test-parts/captured.ts";
import { until } from "../test-parts/until.ts";
import type { InstallationStatus } from "./installation-status.ts";
import { Rate } from "./rate.ts";
import { caudalCommand, sendLines, type SendBroker } from "./send-lines.ts";
import { startStatusLine, statusText } from "./status-line.ts";

const NOW_MS = Date.parse("2024-05-01T12:00:00Z");
const broker: SendBroker = { host: "127.0.0.1", port: 1883, tls: false, caFile: undefined, user: undefined, passwordIn: undefined };
const status: InstallationStatus = {
  version: "1.0.0", engines: {}, readingsPerS: 41.2, lag: { "processor-mapping": 0, "archiver-readings": 900, "archiver-cold": 0 }, parked: 2,
  lastWrite: { hot: "2024-05-01T11:59:59.000Z", warm: "2024-05-01T11:59:58.000Z", cold: null }, demo: true, urls: { page: "http://127.0.0.1:8000/", mqtt: null },
  send: sendLines({ page: "http://127.0.0.1:8000/", elsewhere: false, httpToken: false, broker }),
};
const playing: FleetStatus = { phase: "live", backfillSent: 10, backfillTotal: 10, readingsPerSecond: 5, devices: 26, connected: true, pace: "full" };

describe("the status line", () => {
  const options = { say: sayIn("en"), fleet: () => undefined, nowMs: () => NOW_MS };

  test("rate, lag a group, parked, last write of each tier; an archive that fills its segment is not behind", () => {
    assert.equal(statusText(status, options, undefined), "41.2 readings/s | lag 0 | parked 2 | last write hot 1 s warm 2 s cold never");
    const behind = { ...status, readingsPerS: 7012.4, lag: { ...status.lag, "processor-mapping": 12, "archiver-cold": 3 } };
    assert.equal(statusText(behind, options, undefined), "7012 readings/s | lag mapping 12 cold 3 | parked 2 | last write hot 1 s warm 2 s cold never");
    assert.match(statusText(status, { ...options, say: sayIn("es") }, undefined), /^41.2 lecturas\/s \| atraso 0 \| apartados 2 \| última escritura caliente 1 s tibia 2 s fría nunca$/);
  });

  test("how far the demo's history is, while it is loaded", () => {
    const loading = { ...options, fleet: () => ({ ...playing, phase: "backfill" as const, backfillSent: 250, backfillTotal: 1000 }) };
    assert.match(statusText(status, loading, 30), / \| demo history 25 % \(ETA 30 s\)$/);
    assert.match(statusText(status, loading, undefined), /ETA \? s/);
    assert.doesNotMatch(statusText(status, { ...options, fleet: () => playing }, 3), /demo/);
  });

  test("is live on a terminal and plain lines elsewhere; a status that cannot be read is passed over, and none comes after the end", async () => {
    let fails = 1;
    const read = async (): Promise<InstallationStatus> => {
      if (fails-- > 0) throw new Error("away");
      return status;
    };
    for (const columns of [120, undefined]) {
      const { terminal, out } = captured({ env: { NO_COLOR: "1" }, ...(columns === undefined ? {} : { columns }) });
      const fleet = (): FleetStatus => ({ ...playing, phase: "backfill", backfillSent: 5 });
      const end = startStatusLine({ ...options, terminal, read, fleet, everyMs: 5 });
      await until("two lines", () => (out().split("41.2 readings/s").length > 2 ? true : undefined));
      end();
      const length = out().length;
      await new Promise((resolve) => setTimeout(resolve, 20));
      assert.equal(out().length, length);
      assert.equal(out().includes("\n"), columns === undefined);
      assert.equal(out().endsWith("\u001b[2K"), columns !== undefined);
    }
  });
});

describe("lines that send a first reading", () => {
  const target = { page: "http://127.0.0.1:8001/", elsewhere: false, httpToken: false, broker: { ...broker, port: 1884 } };

  test("are as short as can be on this machine", () => {
    assert.deepEqual(sendLines(target), {
      npx: "npx caudal send my-meter flow=12.5",
      mosquitto_pub: `mosquitto_pub -h 127.0.0.1 -p 1884 -q 1 -t caudal/default/my-meter/readings -m '{"flow":12.5}'`,
      curl: `curl http://127.0.0.1:8001/api/v1/readings -H 'content-type: application/json' -d '{"device_id":"my-meter","flow":12.5}'`,
    });
    assert.equal(sendLines({ ...target, broker: undefined }).mosquitto_pub, null);
  });

  test("name the address for another data folder, and take tokens from the environment", () => {
    const lines = sendLines({ page: "http://[::1]:8001/", elsewhere: true, httpToken: true, broker: { ...broker, host: "::1", passwordIn: "CAUDAL_TOKEN" } });
    assert.equal(lines.npx, "npx caudal send my-meter flow=12.5 --url 'http://[::1]:8001/'");
    assert.match(lines.curl, /^curl 'http:\/\/\[::1\]:8001\/api\/v1\/readings' -H "authorization: Bearer \$CAUDAL_TOKEN" -H/);
    assert.match(lines.mosquitto_pub ?? "", /^mosquitto_pub -h ::1 -p 1883 -u me -P "\$CAUDAL_TOKEN" -q 1/);
    assert.equal(caudalCommand("demo clear", target), "npx caudal demo clear");
  });

  test("go to an outside broker as Caudal itself does", () => {
    const outside = { ...broker, host: "broker.example.test", port: 8883, tls: true };
    assert.match(sendLines({ ...target, broker: outside }).mosquitto_pub ?? "", / -p 8883 --tls-use-os-certs -q 1 /);
    const withUser = { ...outside, caFile: "/etc/my ca.pem", user: "o'hara", passwordIn: "CAUDAL_MQTT_PASSWORD" };
    assert.match(sendLines({ ...target, broker: withUser }).mosquitto_pub ?? "", / --cafile '\/etc\/my ca.pem' -u 'o'\\''hara' -P "\$CAUDAL_MQTT_PASSWORD" /);
    assert.match(sendLines({ ...target, broker: { ...outside, tls: false, user: "ana" } }).mosquitto_pub ?? "", / -u ana -q 1 /);
  });
});

test("the rate is over some seconds, whoever asks and however often", () => {
  const rate = new Rate(0, 0);
  assert.equal(rate.perSecond(0, 0), 0);
  assert.equal(rate.perSecond(100, 5), 50);
  for (let ms = 200; ms <= 10_000; ms += 100) rate.perSecond(ms, ms / 10);
  assert.equal(rate.perSecond(10_001, 1000), 100);
  for (let ms = 10_100; ms <= 20_000; ms += 100) rate.perSecond(ms, 1000);
  assert.equal(rate.perSecond(20_010, 1000), 0, "what was long ago does not count");
  assert.equal(rate.perSecond(40_000, 3000), 100, "nobody asked for a while");
});
