import assert from "node:assert/strict";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { runSimulation, type Simulation } from "@caudal/simulator";
import mqtt from "mqtt";
import { until } from "../../../caudal/test-parts/until.ts";
import { mountSmallDisk } from "../../torture/small-disk.ts";
import { drained } from "../kill-runs/drained.ts";
import { embeddedInstallation } from "../kill-runs/embedded-installation.ts";
import type { Installation } from "../kill-runs/installation.ts";

/*
 * A whole installation whose data folder is a real file system of its own. While a fleet sends by every way in, the file system is filled to the last byte:
 * intake refuses, says so, and nothing that was acknowledged is lost. Then there is room again, and work goes on in the same process.
 */

const DISK_MB = 192;
const CLIENT = "full-disk";
const MESSAGES = 6000;
const FILLED_AFTER = 1500;

interface Refusal {
  readonly status: number;
  readonly retryAfter: string | null;
  readonly code: string;
}

/** Sends a reading of its own; undefined when it was taken. */
async function refusalOf(http: string, n: number): Promise<Refusal | undefined> {
  const answer = await fetch(new URL("/api/v1/readings?client=probe", http), {
    method: "POST", headers: { "content-type": "application/json" },
    body: JSON.stringify(Array.from({ length: 200 }, (_, i) => ({ device_id: `probe-${i}`, time: new Date(Date.UTC(2026, 0, 1) + (n * 200 + i) * 1000).toISOString(), flow_lps: n + i }))),
  });
  const body = (await answer.json()) as { code?: string };
  return answer.status === 202 ? undefined : { status: answer.status, retryAfter: answer.headers.get("retry-after"), code: body.code ?? "" };
}

/** True when a connection that publishes is closed without a PUBACK; false when the PUBACK came. */
async function isClosedWithoutPuback(url: string, n: number): Promise<boolean> {
  const client = mqtt.connect(url, { reconnectPeriod: 0, protocolVersion: 4, clientId: `probe-${n}` });
  try {
    await new Promise<void>((resolve, reject) => {
      client.once("connect", () => resolve());
      client.once("error", reject);
    });
    return await new Promise<boolean>((resolve) => {
      client.once("close", () => resolve(true));
      client.publish("caudal/probe/by-mqtt/readings", JSON.stringify({ time: new Date(Date.UTC(2026, 0, 1) + n * 1000).toISOString(), flow_lps: n, text: "x".repeat(4000) }), { qos: 1 }, (error) => {
        if (error === undefined || error === null) resolve(false);
      });
    });
  } finally {
    client.end(true);
  }
}

async function readiness(http: string): Promise<{ status: number; failing: readonly string[] }> {
  const answer = await fetch(new URL("/readyz", http));
  const { failing = [] } = (await answer.json()) as { failing?: readonly string[] };
  return { status: answer.status, failing };
}

test("a full disk: intake refuses, nothing acknowledged is lost, work resumes by itself", { timeout: 240_000 }, async (context) => {
  const folder = await mkdtemp(join(tmpdir(), "caudal-full-disk-"));
  const disk = await mountSmallDisk(join(folder, "data"), DISK_MB);
  if (disk === undefined) {
    await rm(folder, { recursive: true });
    // Where even root may not mount, as in most containers, nothing that the test could install would help.
    return context.skip("no small file system could be mounted here: that needs root, and a machine that lets it");
  }
  let installation: Installation | undefined;
  let simulation: Simulation | undefined;
  try {
    installation = await embeddedInstallation(folder);
    assert.ok(await installation.start({ client: CLIENT, faults: "", victim: "caudal" }));
    const http = installation.http("collector");
    const inbox = installation.drop(CLIENT)!;
    const run = runSimulation({
      fleet: { seed: "full-disk", client: CLIENT, devices: 60, startUs: Date.UTC(2026, 2, 1) * 1000 }, truthDir: join(folder, "truth"), messages: MESSAGES, ratePerS: 400, drainMs: 90_000,
      destinations: [{ over: "mqtt", url: installation.mqtt(), ackTimeoutMs: 5000 }, { over: "http", url: http, timeoutMs: 5000 }, { over: "drop", folder: inbox }],
    });
    simulation = run;
    const counters = (): ReturnType<Simulation["counters"]> => run.counters();
    await until("there is something to lose", () => (counters().acknowledged >= FILLED_AFTER ? true : undefined), 60_000);

    disk.fill();
    let n = 0;
    const refusal = await until("HTTP refuses", () => refusalOf(http, n++), 30_000);
    context.diagnostic(`after ${n} probes of 200 rows: ${JSON.stringify(refusal)}`);
    assert.equal(refusal.status, 503);
    assert.ok(Number(refusal.retryAfter) >= 1, `Retry-After: ${refusal.retryAfter}`);
    assert.equal(refusal.code, "storage-full");
    await until("MQTT is closed", async () => ((await isClosedWithoutPuback(installation!.mqtt(), n++)) ? true : undefined), 30_000);
    const ready = await readiness(http);
    assert.equal(ready.status, 503);
    assert.ok(ready.failing.includes("disk"), ready.failing.join());
    const files = async (): Promise<number> => (await readdir(inbox, { recursive: true })).filter((name) => name.endsWith(".csv") || name.endsWith(".json")).length;
    const left = await until("files stay", async () => ((await files()) > 0 ? files() : undefined), 30_000);
    context.diagnostic(`${left} files wait in the drop folder; acknowledged ${counters().acknowledged}`);
    const stalled = counters().acknowledged;
    assert.ok(stalled < MESSAGES, "the disk was full before the fleet was done");

    disk.free();
    await until("work resumes by itself", () => (counters().acknowledged > stalled + 200 ? true : undefined), 60_000);
    const result = await run.done;
    assert.deepEqual([result.sent, result.unknown, result.refusals], [MESSAGES, 0, []]);
    assert.ok(installation.isRunning("caudal"), "the same process");
    await until("ready again", async () => ((await readiness(http)).status === 200 ? true : undefined), 30_000);
    assert.equal(await drained(() => http, 60_000, new AbortController().signal), undefined);
    assert.ok(await installation.stop({ client: CLIENT, faults: "", victim: "caudal" }));
    const verdict = await installation.audit(join(folder, "truth"));
    assert.deepEqual(verdict.examples.slice(0, 5), []);
    assert.ok(verdict.ok, JSON.stringify(verdict));
    context.diagnostic(`${result.sent} messages, ${result.sentAgain} sent again; verdict ok`);
  } finally {
    simulation?.end();
    await simulation?.done.catch(() => undefined);
    await installation?.close();
    disk.unmountNow();
    await rm(folder, { recursive: true, force: true });
  }
});
