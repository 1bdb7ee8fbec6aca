import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { clearFleetState, startFleet } from "./index.ts";
import type { Fleet, FleetOptions, FleetProgress } from "./index.ts";
import { testBroker, until } from "./test-broker.ts";
import type { Arrival, TestBroker } from "./test-broker.ts";
import { catalogOf, hourlyRows } from "./test-series.ts";

const HOUR = 3_600_000;
const NOW = Date.UTC(2026, 2, 10, 15, 20, 30, 400);
/** 79 days of hours, before the clocks change. */
const ROWS = 79 * 24;
const TAP_ROWS = 900;

interface Stand {
  readonly broker: TestBroker;
  readonly dataDir: string;
  readonly stateDir: string;
  readonly clock: { at: number; nowMs: () => number };
  readonly start: (options?: Partial<FleetOptions>) => Promise<Fleet>;
}

/** Two meters of 79 days, a compressed one of 900, a broker and a clock that the test holds. */
async function stand(t: TestContext): Promise<Stand> {
  const root = await mkdtemp(join(tmpdir(), "fleet-"));
  const broker = await testBroker();
  const running: Fleet[] = [];
  t.after(async () => {
    await Promise.all(running.map((fleet) => fleet.stop()));
    await broker.close();
    await rm(root, { recursive: true });
  });
  const [dataDir, stateDir] = [join(root, "data"), join(root, "state")];
  await mkdir(dataDir);
  await writeFile(join(dataDir, "a.gz"), gzipSync(hourlyRows(ROWS)));
  await writeFile(join(dataDir, "b.gz"), gzipSync(hourlyRows(TAP_ROWS)));
  const rows = [{ file: "a.gz" }, { device: "home-2", file: "a.gz" }, { device: "tap-1", file: "b.gz", time: "compressed" }];
  await writeFile(join(dataDir, "catalog.json"), JSON.stringify(catalogOf(...rows)));
  const clock = { at: NOW, nowMs: () => clock.at };
  const start = async (options: Partial<FleetOptions> = {}): Promise<Fleet> => {
    const fleet = await startFleet({ mqttUrl: broker.url, client: "demo", dataDir, stateDir, clock, ...options });
    running.push(fleet);
    return fleet;
  };
  return { broker, dataDir, stateDir, clock, start };
}

async function storedPositions(stateDir: string): Promise<Record<string, number>> {
  const text = await readFile(join(stateDir, "demo-fleet.json"), "utf8").catch(() => '{"series":{}}');
  const { series } = JSON.parse(text) as { series: Record<string, { next: number }> };
  return Object.fromEntries(Object.entries(series).map(([device, row]) => [device, row.next]));
}

const of = (arrivals: readonly Arrival[], device: string): readonly Arrival[] => arrivals.filter((row) => row.device === device);

/** Every row that was due is there, under one offset, with its value (a round begins with the last value of the one before), and no other. */
function assertWhole(arrivals: readonly Arrival[], device: string, untilMs: number, stepMs = HOUR): void {
  const rows = of(arrivals, device);
  const first = rows[0];
  assert.ok(first !== undefined, `${device} sent nothing`);
  assert.equal(first.value, 100);
  const expected = Math.floor((untilMs - first.ts) / stepMs) + 1;
  const rounds = (n: number): number => Math.floor(n / (device === "tap-1" ? TAP_ROWS : ROWS));
  const byTime = new Map(rows.map((row) => [row.ts, row.value]));
  for (const [ts, value] of byTime) {
    const n: number = (ts - first.ts) / stepMs;
    assert.equal(value, 100 + n - rounds(n), `${device} at ${ts}`);
  }
  assert.equal(byTime.size, expected, `${device}: rows up to now`);
}

test("sends the first 60 days at once, then each row when its time comes, then what was missed", async (t) => {
  const { broker, clock, start } = await stand(t);
  const told: FleetProgress[] = [];
  let fleet = await start({ onProgress: (progress) => told.push(progress) });
  await fleet.caughtUp();
  const backfill = broker.arrivals.length;
  assert.deepEqual([fleet.status().phase, fleet.status().backfillSent, fleet.status().devices], ["live", backfill, 3]);
  assert.deepEqual({ ...told.at(-1) }, { sent: backfill, total: backfill, phase: "live", etaMs: 0 });
  assert.ok(fleet.status().readingsPerSecond > 0 && fleet.status().connected);
  assert.deepEqual(new Set(broker.arrivals.slice(0, 60).map((row) => row.device)).size, 3, "all devices appear with the first messages");

  clock.at += HOUR;
  await until(() => of(broker.arrivals, "home-1").length === of(broker.arrivals, "home-2").length && broker.arrivals.length >= backfill + 3602, "the next hour");
  await fleet.stop();
  clock.at += 2 * HOUR;
  fleet = await start();
  await fleet.caughtUp();

  for (const home of ["home-1", "home-2"]) assertWhole(broker.arrivals, home, clock.at);
  assertWhole(broker.arrivals, "tap-1", clock.at, 1000);
  for (const device of ["home-1", "home-2", "tap-1"]) {
    const times = of(broker.arrivals, device).map((row) => row.ts);
    assert.deepEqual(times, [...new Set(times)].sort((a, b) => a - b), `${device}: in order, none twice`);
  }
  assert.ok(of(broker.arrivals, "tap-1").length > 2 * TAP_ROWS, "the compressed series has begun again");
});

test("a series that ends begins again and its total goes on from the last value", async (t) => {
  const { broker, clock, start } = await stand(t);
  const fleet = await start();
  await fleet.caughtUp();
  clock.at += 80 * 24 * HOUR;
  await until(() => of(broker.arrivals, "home-1").length > ROWS + 10, "the second round");
  const rows = of(broker.arrivals, "home-1");
  assert.deepEqual(rows.slice(ROWS - 2, ROWS + 2).map((row) => row.value), [98 + ROWS, 99 + ROWS, 99 + ROWS, 100 + ROWS]);
  assert.equal((rows[ROWS]?.ts ?? 0) - (rows[ROWS - 1]?.ts ?? 0), HOUR);
});

test("a position is stored only when the broker has acknowledged", async (t) => {
  const { broker, stateDir, start } = await stand(t);
  broker.hold = () => new Promise(() => undefined);
  const fleet = await start();
  await until(() => broker.arrivals.length >= 60, "three messages on the way");
  const began = performance.now();
  await fleet.stop();
  assert.ok(performance.now() - began < 1000, "stops although the broker stays silent");
  assert.deepEqual(await storedPositions(stateDir), { "home-1": 0, "home-2": 0, "tap-1": 0 });
});

test("killed in the middle, it goes on from the stored position under the same times and loses nothing", async (t) => {
  const { broker, dataDir, stateDir, clock, start } = await stand(t);
  broker.hold = () => (broker.arrivals.length < 1500 ? Promise.resolve() : new Promise(() => undefined));
  const child = spawn(process.execPath, [fileURLToPath(new URL("test-fleet-child.ts", import.meta.url)), broker.url, dataDir, stateDir, String(NOW)], { stdio: "inherit" });
  let stored = 0;
  for (const deadline = performance.now() + 10_000; stored === 0 && performance.now() < deadline; ) stored = (await storedPositions(stateDir))["home-1"] ?? 0;
  child.kill("SIGKILL");
  await once(child, "exit");
  assert.ok(stored > 0, "a position was stored before the kill");
  const before = of(broker.arrivals, "home-1").length;
  broker.hold = () => Promise.resolve();
  await (await start()).caughtUp();
  const rows = of(broker.arrivals, "home-1");
  assert.ok(before > stored, "rows were on the way that nobody had acknowledged");
  assert.deepEqual(rows[before], rows[stored], "they are sent again, from the stored position");
  for (const home of ["home-1", "home-2"]) assertWhole(broker.arrivals, home, clock.at);
  assertWhole(broker.arrivals, "tap-1", clock.at, 1000);
});

test("a broker that goes away and comes back costs nothing and is told once", async (t) => {
  const { broker, clock, start } = await stand(t);
  const events: string[] = [];
  const fleet = await start({ log: (event) => events.push(event) });
  await fleet.caughtUp();
  const before = broker.arrivals.length;
  broker.hold = () => new Promise(() => undefined);
  clock.at += HOUR;
  await until(() => broker.arrivals.length >= before + 3, "messages that the broker takes and does not acknowledge");
  await broker.close();
  clock.at += 2 * HOUR;
  await until(() => events.includes("fleet.broker-away"), "the outage");
  const back = await testBroker(broker.port);
  t.after(() => back.close());
  await until(() => of(back.arrivals, "home-1").length >= 3 && of(back.arrivals, "tap-1").length >= 3 * 3600, "the missed rows", 8000);
  await until(() => fleet.status().connected, "connected");
  assertWhole([...broker.arrivals.slice(0, before), ...back.arrivals], "home-1", clock.at);
  const all = [...broker.arrivals, ...back.arrivals];
  for (const home of ["home-1", "home-2"]) assertWhole(all, home, clock.at);
  assertWhole(all, "tap-1", clock.at, 1000);
  assert.deepEqual(events.filter((event) => event.startsWith("fleet.broker")), ["fleet.broker-away", "fleet.broker-back"]);
});

test("starts and stops where no broker ever answers", async (t) => {
  const { broker, start } = await stand(t);
  const silent = await testBroker();
  await silent.close();
  const fleet = await start({ mqttUrl: silent.url });
  assert.deepEqual([fleet.status().connected, fleet.status().phase, broker.arrivals.length], [false, "backfill", 0]);
  const began = performance.now();
  await fleet.stop();
  assert.ok(performance.now() - began < 1000);
});

test("the budget stops compressed points and leaves the others", async (t) => {
  const { broker, clock, start } = await stand(t);
  const events: unknown[] = [];
  const fleet = await start({ budget: { limitBytes: 1000, usedBytes: () => 1000 }, log: (event, fields) => events.push([event, fields]) });
  await fleet.caughtUp();
  assert.equal(of(broker.arrivals, "tap-1").length, 0);
  assertWhole(broker.arrivals, "home-1", clock.at);
  assert.equal(fleet.status().pace, "stopped");
  assert.deepEqual(events[0], ["fleet.pace-changed", { level: "stopped", usedBytes: 1000 }]);
});

test("a state that cannot be read, or of another file, is a first start and is told", async (t) => {
  const { stateDir, start } = await stand(t);
  const events: string[] = [];
  const log = (event: string): void => void events.push(event);
  await mkdir(stateDir);
  for (const text of ['{"version":1', '{"version":2,"series":{}}', '{"version":1,"series":{"home-1":{"offsetMs":1,"next":-1,"rows":5}}}']) {
    await writeFile(join(stateDir, "demo-fleet.json"), text);
    await (await start({ log })).stop();
  }
  await writeFile(join(stateDir, "demo-fleet.json"), '{"version":1,"series":{"home-1":{"offsetMs":1,"next":5,"rows":7}}}');
  await (await start({ log })).stop();
  const told = events.filter((event) => event === "fleet.state-unreadable" || event === "fleet.series-changed");
  assert.deepEqual(told, [...new Array<string>(3).fill("fleet.state-unreadable"), "fleet.series-changed"]);
});

test("cleared, the next start is a first start", async (t) => {
  const { broker, clock, stateDir, start } = await stand(t);
  await (await start()).caughtUp();
  await (await start()).stop();
  await clearFleetState(stateDir);
  const before = broker.arrivals.length;
  await (await start()).caughtUp();
  assert.equal(broker.arrivals.length, 2 * before);
  assertWhole(broker.arrivals, "home-1", clock.at);
});

test("while its state cannot be stored it sends nothing, and goes on when it can", async (t) => {
  const { broker, stateDir, start } = await stand(t);
  const events: string[] = [];
  await mkdir(join(stateDir, "demo-fleet.json.new"), { recursive: true });
  const fleet = await start({ log: (event) => events.push(event) });
  await until(() => events.includes("fleet.state-not-stored"), "the refusal");
  assert.equal(broker.arrivals.length, 0, "no row goes out under an offset that is not kept");
  await rm(join(stateDir, "demo-fleet.json.new"), { recursive: true });
  await fleet.caughtUp();
  assert.ok(broker.arrivals.length > 0);
});
