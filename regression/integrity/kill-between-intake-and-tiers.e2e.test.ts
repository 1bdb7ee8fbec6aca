import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import mqtt from "mqtt";
import { pointIdOf, replayRecords, systemScope, topics, type SeriesTier } from "@caudal/core";
import { Codec } from "@caudal/schemas";
import type { OpenPorts, PortName } from "../../caudal/composition/ports.ts";
import { portsOf } from "../../caudal/test-parts/ports-of.ts";
import { until } from "../../caudal/test-parts/until.ts";
import { startCaudal, type RunningCaudal } from "./running-caudal.ts";

/*
 * Ten thousand readings come in by MQTT and HTTP, the process is killed with -9 in the middle, and starts again on the same folder. Each
 * reading that was acknowledged must then stand once in every tier, and whole in the raw archive. What was not acknowledged is sent again, as a
 * logger does, so in the end all ten thousand are there, once.
 */

const DEVICES = 20;
const READINGS = 10_000;
const PER_DEVICE = READINGS / DEVICES;
const LARGEST = 999_999_999_999.999;
const FLAGS = ["--no-demo", "--http", "127.0.0.1:0", "--mqtt", "127.0.0.1:0"];
const startUs = Math.floor(Date.now() / 1000 - PER_DEVICE - 60) * 1_000_000;

interface Planned {
  readonly device: string;
  readonly timeUs: number;
  readonly total: number;
  readonly text: string;
}

const planned: readonly Planned[] = Array.from({ length: READINGS }, (_, index) => {
  const device = `kill-${String(index % DEVICES).padStart(2, "0")}`;
  const step = Math.floor(index / DEVICES);
  const timeUs = startUs + step * 1_000_000;
  const total = step === PER_DEVICE - 1 ? LARGEST : 1000 + step / 1000;
  return { device, timeUs, total, text: JSON.stringify({ id: device, ts: timeUs / 1000, total_m3: total, flow_lps: 12.5 }) };
});
const byMqtt = planned.filter((_, index) => index % 2 === 0);
const byHttp = planned.filter((_, index) => index % 2 === 1);

/** Publishes one by one with many in flight; resolves with what was not acknowledged. */
async function publishMqtt(url: string, readings: readonly Planned[], acknowledged: Set<Planned>): Promise<void> {
  const client = await mqtt.connectAsync(url, { protocolVersion: 4, reconnectPeriod: 0, connectTimeout: 5000 });
  client.on("error", () => undefined);
  const lost = new Promise<void>((resolve) => client.once("close", () => resolve()));
  const sending = (async () => {
    const inFlight = new Set<Promise<void>>();
    for (const reading of readings) {
      if (!client.connected) return;
      const one: Promise<void> = client.publishAsync(`caudal/default/${reading.device}/readings`, reading.text, { qos: 1 })
        .then(() => void acknowledged.add(reading), () => undefined).finally(() => inFlight.delete(one));
      inFlight.add(one);
      if (inFlight.size >= 50) await Promise.race([...inFlight, lost]);
    }
    await Promise.race([Promise.all(inFlight), lost]);
  })();
  await Promise.race([sending, lost]);
  client.end(true);
}

async function postHttp(url: string, readings: readonly Planned[], acknowledged: Set<Planned>): Promise<void> {
  for (let start = 0; start < readings.length; start += 50) {
    const rows = readings.slice(start, start + 50);
    const response = await fetch(new URL("/api/v1/readings", url), { method: "POST", headers: { "content-type": "application/x-ndjson" }, body: rows.map(({ text }) => text).join("\n") }).catch(() => undefined);
    if (response === undefined) return;
    assert.equal(response.status, 202);
    const { items } = (await response.json()) as { items: { status: string }[] };
    items.forEach(({ status }, index) => {
      const row = rows[index];
      if (status === "accepted" && row !== undefined) acknowledged.add(row);
    });
  }
}

async function drained(url: string): Promise<void> {
  await until("every group has caught up", async () => {
    const { lag } = (await (await fetch(new URL("/api/v1/status", url))).json()) as { lag: Record<string, number> };
    return Object.entries(lag).every(([group, records]) => group.startsWith("archiver-") && group !== "archiver-cold" ? true : records === 0) ? true : undefined;
  }, 60_000);
}

interface Row {
  readonly timeUs: number;
  readonly values: Readonly<Record<string, number>>;
}

async function rowsOf(tier: SeriesTier, device: string): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const block of tier.read(systemScope, { client: "default", point: pointIdOf("default", device), fromUs: startUs, toUs: startUs + PER_DEVICE * 1_000_000 })) {
    for (let row = 0; row < block.rows; row++) {
      const values = Object.fromEntries(block.columns.filter(({ flags }) => flags[row] !== 0).map(({ variable, values: column }) => [variable, column[row] ?? Number.NaN]));
      rows.push({ timeUs: block.timesUs[row] ?? 0, values });
    }
  }
  return rows;
}

suite("kill -9 between intake and tiers", () => {
  let directory: string;
  let caudal: RunningCaudal;
  let killedPid = 0;
  const beforeKill = new Set<Planned>();
  const acknowledged = new Set<Planned>();

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), "caudal-kill-"));
    caudal = await startCaudal(directory, FLAGS);
    const sending = Promise.all([publishMqtt(caudal.mqtt, byMqtt, acknowledged), postHttp(caudal.http, byHttp, acknowledged)]);
    await until("half is acknowledged", () => (acknowledged.size > READINGS / 2 ? true : undefined));
    killedPid = caudal.pid;
    await caudal.kill();
    await sending;
    for (const reading of acknowledged) beforeKill.add(reading);
  });

  after(async () => {
    if (caudal !== undefined) await caudal.stop().catch(() => undefined);
    await rm(directory, { recursive: true, force: true });
  });

  test("the kill came in the middle", () => {
    assert.ok(beforeKill.size >= READINGS / 2 && beforeKill.size < READINGS, `${beforeKill.size} were acknowledged`);
  });

  test("it serves again", async (context) => {
    const since = performance.now();
    caudal = await startCaudal(directory, FLAGS);
    // How long depends on what else the machine does, so it is told and not judged: 1.4 s on two quiet cores.
    context.diagnostic(`${Math.round(performance.now() - since)} ms from npm start to ready`);
    assert.notEqual(caudal.pid, killedPid);
  });

  test("what nobody acknowledged is sent again and taken", async () => {
    const left = (readings: readonly Planned[]): Planned[] => readings.filter((reading) => !acknowledged.has(reading));
    await Promise.all([publishMqtt(caudal.mqtt, left(byMqtt), acknowledged), postHttp(caudal.http, left(byHttp), acknowledged)]);
    assert.equal(acknowledged.size, READINGS);
    await drained(caudal.http);
  });

  test("the history API and its CSV give each reading once, and the largest total unchanged", async () => {
    const query = `from=${new Date(startUs / 1000).toISOString()}&to=${new Date(startUs / 1000 + PER_DEVICE * 1000).toISOString()}&resolution=raw`;
    for (const device of ["kill-00", "kill-19"]) {
      const base = new URL(`/api/v1/analytics/points/${pointIdOf("default", device)}/history?${query}`, caudal.http).href;
      const lines = (await (await fetch(`${base}&format=csv`)).text()).split("\n").filter((line) => line !== "" && !line.startsWith("#"));
      assert.equal(lines.length, PER_DEVICE + 1, device);
      assert.equal(new Set(lines).size, lines.length);
      assert.ok(lines.at(-1)?.includes(",999999999999.999,"), lines.at(-1));
      const json = await (await fetch(`${base}&limit=1000`)).text();
      assert.ok(json.includes("999999999999.999"));
    }
  });

  test("Ctrl-C stops it in under 5 seconds", async () => {
    const { tookMs, code } = await caudal.stop();
    assert.ok(tookMs < 5000, `${Math.round(tookMs)} ms`);
    assert.equal(code, 0);
  });

  test("hot, warm and cold hold each reading once, and the archive holds each whole", async () => {
    const ports: OpenPorts<PortName> = await portsOf(directory);
    try {
      for (const tier of [ports.hot, ports.warm, ports.cold]) {
        for (let device = 0; device < DEVICES; device++) {
          const name = `kill-${String(device).padStart(2, "0")}`;
          const rows = await rowsOf(tier, name);
          assert.equal(rows.length, PER_DEVICE, `${tier.name} ${name}`);
          rows.forEach((row, step) => {
            assert.equal(row.timeUs, startUs + step * 1_000_000);
            assert.deepEqual(row.values, { flow: 12.5, total: step === PER_DEVICE - 1 ? LARGEST : 1000 + step / 1000 });
          });
        }
      }
      const archived = new Set<string>();
      const codec = await Codec.open(ports.registry);
      for (const { partition, endOffset } of await ports.log.bounds(topics.readings)) {
        for await (const records of replayRecords({ ...ports, segments: ports.archive, topic: topics.readings, partition, fromOffset: 0, toOffset: endOffset })) {
          for (const record of records) {
            const decoded = codec.decode("Reading", record.value);
            assert.ok(decoded.ok);
            assert.deepEqual(createHash("sha256").update(decoded.value.raw).digest(), Buffer.from(decoded.value.rawSha256));
            archived.add(Buffer.from(decoded.value.raw).toString());
          }
        }
      }
      for (const { text } of planned) assert.ok(archived.has(text), text);
    } finally {
      await ports.close();
    }
  });
});
