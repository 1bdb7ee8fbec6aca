import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import { createJobs, silentLogger, type JobView } from "@caudal/runtime";
import { minutes, openPollingScene, pollersOf, type PollingScene } from "../test-parts/polling-scene.ts";
import { openScriptedServer, scriptedAccount, scriptedDevice, scriptedProvider, type ScriptedServer } from "../test-parts/scripted-provider.ts";
import { runBackfill, type BackfillReport, type BackfillRequest } from "./backfill.ts";
import type { Polling } from "./polling.ts";

const HOUR_US = 3_600_000_000;
const DAY_US = 24 * HOUR_US;
const START_US = 1_772_366_400_000_000;
const WEEK = { fromUs: START_US - 10 * DAY_US, toUs: START_US - 3 * DAY_US };

let server: ScriptedServer;
let scene: PollingScene;
before(async () => {
  server = await openScriptedServer();
});
after(() => server.close());
beforeEach(async () => {
  Object.assign(server, { instead: () => undefined, pageSize: 10, newestFirst: false });
  server.requests.length = 0;
  for (const device of ["a", "b"]) server.rows.set(device, Array.from({ length: 240 }, (_, at) => ({ key: "level", timeUs: START_US - 10 * DAY_US + at * HOUR_US, value: at })));
  scene = await openPollingScene(START_US);
});
afterEach(() => scene.close());

const account = (more = {}): ReturnType<typeof scriptedAccount> => scriptedAccount(server, ["a", "b"].map((device) => scriptedDevice(device, { cadence: { kind: "every", ms: 3_600_000 } })), { overlapEveryMs: 0, overlapMs: 2 * 3_600_000, ...more });

/** Live polls go on meanwhile, and how many depends on how fast this machine is. */
const askedForWeek = (): number => server.requests.filter((url) => Number(new URL(url, server.baseUrl).searchParams.get("from") ?? Infinity) < WEEK.toUs).length;

const ofWeek = async (): Promise<Awaited<ReturnType<PollingScene["samples"]>>> => (await scene.samples()).filter(([, , timeUs]) => timeUs < WEEK.toUs);

async function ended(polling: Polling, request: BackfillRequest, cancelAt?: (done: number) => boolean): Promise<{ readonly view: JobView; readonly seen: readonly JobView[] }> {
  const jobs = createJobs({ clock: scene.clock, logger: silentLogger });
  const { checkpoints } = polling.polls()!;
  const { id } = jobs.start("backfill", (run) => runBackfill({ pollers: pollersOf(polling), checkpoints, clock: scene.clock, sleep: scene.clock.sleep }, request, run));
  const seen: JobView[] = [];
  for (;;) {
    const view = jobs.get(id)!;
    seen.push(view);
    if (view.state !== "running") return { view, seen };
    if (cancelAt?.(view.progress?.done ?? 0) === true) jobs.cancel(id);
    await scene.clock.advance(100);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

describe("a backfill", () => {
  test("dry: says how many calls, rows and days there are, and publishes nothing", async () => {
    const polling = await scene.polling([account()]);
    const { view } = await ended(polling, { window: WEEK, dryRun: true });
    const report = view.result as BackfillReport;
    assert.deepEqual([view.state, report.dryRun, report.devices, report.days, report.calls, report.rows.forward], ["done", true, 2, 14, 2 * 7 * 3, 2 * 168]);
    assert.deepEqual(await scene.readings(), []);
  });

  test("publishes each row of the window once, tells how far it is, and moves no watermark past a hole", async () => {
    const polling = await scene.polling([account()]);
    const { view, seen } = await ended(polling, { window: WEEK, dryRun: false });
    assert.deepEqual([view.state, view.progress?.done, view.progress?.total, view.progress?.unit], ["done", 14, 14, "days"]);
    assert.ok(seen.some(({ progress, etaS }) => (progress?.done ?? 0) > 0 && (progress?.done ?? 0) < 14 && etaS !== null));
    const samples = await ofWeek();
    assert.deepEqual([samples.length, new Set(samples.map(([device, , timeUs]) => `${device} ${timeUs}`)).size], [336, 336]);
    const mark = polling.polls()!.watermarks.of({ client: "acme", account: "north", device: "a" }).marks.get("level");
    assert.ok(mark === undefined || mark.timeUs > WEEK.toUs, "polls begin where they would have begun without it");
    assert.ok((await scene.presence()).every(({ observedAtUs }) => (observedAtUs ?? 0) > WEEK.toUs), "the past is no sign of life");
  });

  test("ended in the middle it goes on where it was; done, the same request reads again", async () => {
    const polling = await scene.polling([account()]);
    const request = { window: WEEK, dryRun: false };
    const first = await ended(polling, request, (done) => done >= 5);
    assert.equal(first.view.state, "cancelled");
    const asked = askedForWeek();
    assert.ok(asked > 10 && asked < 42);
    const second = await ended(polling, request);
    assert.equal(second.view.state, "done");
    assert.ok(askedForWeek() - asked <= 42 - asked + 3, `${askedForWeek()} after ${asked}`);
    const samples = await ofWeek();
    assert.equal(new Set(samples.map(([device, , timeUs]) => `${device} ${timeUs}`)).size, 336);
    const before = askedForWeek();
    await ended(polling, request);
    assert.equal(askedForWeek() - before, 42);
  });

  test("a device that fails is told, and costs the others nothing; an account without history is left out", async () => {
    server.instead = (url) => (url.searchParams.get("device") === "a" ? { status: 404, body: "gone" } : undefined);
    const other = account({ id: "south", provider: scriptedProvider({ hasHistory: false }) });
    const polling = await scene.polling([account(), other]);
    const { view } = await ended(polling, { window: WEEK, dryRun: false });
    const report = view.result as BackfillReport;
    assert.deepEqual(report.failed.map(({ device, kind }) => [device, kind]), [["a", "config_error"]]);
    assert.deepEqual(report.withoutHistory, ["south"]);
    assert.equal((await ofWeek()).length, 168);
  });

  test("keeps to its share of the budget: live polls have theirs", async () => {
    const polling = await scene.polling([account({ budget: [{ calls: 10, perMs: 60_000 }] })]);
    let most = 0;
    const jobs = createJobs({ clock: scene.clock, logger: silentLogger });
    const poller = pollersOf(polling)[0]!;
    jobs.start("backfill", (run) => runBackfill({ pollers: [poller], checkpoints: polling.polls()!.checkpoints, clock: scene.clock, sleep: scene.clock.sleep }, { window: WEEK, dryRun: true }, run));
    const untilMs = performance.now() + 30_000;
    for (let second = 0; second < 100 || (askedForWeek() < 8 && performance.now() < untilMs); second += 1) {
      await scene.clock.advance(1000);
      await new Promise((resolve) => setTimeout(resolve, 1));
      most = Math.max(most, ...poller.tools().calls.budget().map(({ used }) => used));
    }
    assert.ok(most <= 7, `${most} of 10: five by the backfill, two by polls`);
    assert.ok(askedForWeek() >= 8);
    await jobs.stop(1000);
  });

  test("joins what polls go on from: a window that reaches the watermark moves it", async () => {
    const polling = await scene.polling([account()]);
    await minutes(polling, scene.clock, 65);
    const name = { client: "acme", account: "north", device: "a" };
    const mark = polling.polls()!.watermarks.of(name).marks.get("level")?.timeUs ?? 0;
    assert.equal(mark, START_US - HOUR_US);
    server.rows.get("a")?.push({ key: "level", timeUs: START_US + HOUR_US / 2, value: 500 });
    await ended(polling, { window: { fromUs: START_US - DAY_US, toUs: START_US + HOUR_US }, dryRun: false });
    assert.equal(polling.polls()!.watermarks.of(name).marks.get("level")?.timeUs, START_US + HOUR_US / 2);
  });
});
