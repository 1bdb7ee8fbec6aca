import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import { minutes, openPollingScene, pollersOf, rounds, type PollingScene } from "../test-parts/polling-scene.ts";
import { openScriptedServer, scriptedAccount, scriptedDevice, scriptedProvider, type ScriptedServer, type ServedRow } from "../test-parts/scripted-provider.ts";
import { deviceViews } from "./overview.ts";
import { Watermarks } from "./watermarks.ts";

const MINUTE_US = 60_000_000;
const HOUR_US = 60 * MINUTE_US;
/** 2026-03-01T12:00:00Z. */
const START_US = 1_772_366_400_000_000;

let server: ScriptedServer;
let scene: PollingScene;
before(async () => {
  server = await openScriptedServer();
});
after(() => server.close());
beforeEach(async () => {
  Object.assign(server, { instead: () => undefined, pageSize: 1000, newestFirst: false });
  server.rows.clear();
  server.requests.length = 0;
  scene = await openPollingScene(START_US);
});
afterEach(() => scene.close());

const row = (timeUs: number, value: number, key = "level"): ServedRow => ({ key, timeUs, value });
/** A row a minute from `fromUs` on, numbered. */
const everyMinute = (fromUs: number, count: number, key = "level"): ServedRow[] => Array.from({ length: count }, (_, at) => row(fromUs + at * MINUTE_US, at, key));
const markOf = async (device: string, key = "level"): Promise<number | undefined> => {
  const watermarks = await Watermarks.open(scene.documents);
  await watermarks.load([{ client: "acme", account: "north", device }]);
  return watermarks.of({ client: "acme", account: "north", device }).marks.get(key)?.timeUs;
};

describe("a poll", () => {
  test("puts what the provider says into the log as it came, and moves the watermark", async () => {
    server.rows.set("w1", [row(START_US - MINUTE_US, 12.5, "lvl")]);
    const device = scriptedDevice("w1", { keys: ["lvl"], names: { lvl: "level" }, units: { lvl: "m" }, sentinels: [-999, -3200] });
    const polling = await scene.polling([scriptedAccount(server, [device], { overlapEveryMs: 0, overlapMs: 0 })]);
    await minutes(polling, scene.clock, 1);
    const [reading, ...others] = await scene.readings();
    assert.equal(others.length, 0);
    assert.deepEqual([reading?.source, reading?.transport, reading?.origin, reading?.client, reading?.device], ["scripted", "poll", "north/w1", "acme", "w1"]);
    assert.deepEqual(reading?.samples.map((sample) => ({ ...sample })), [{ key: "level", value: 12.5, unit: "m", timeUs: START_US - MINUTE_US }]);
    assert.equal(reading?.labels["sentinels"], "-999;-3200");
    assert.deepEqual(JSON.parse(Buffer.from(reading?.raw ?? []).toString()), { rows: [{ key: "lvl", timeUs: START_US - MINUTE_US, value: 12.5 }] });
    assert.equal(await markOf("w1"), START_US - MINUTE_US);
  });

  test("trap 3: a row that was accepted before is no sign of life: nothing is published, no presence told, no watermark moved", async () => {
    server.rows.set("w1", [row(START_US - MINUTE_US, 1)]);
    const polling = await scene.polling([scriptedAccount(server, [scriptedDevice("w1")], { overlapEveryMs: 0, overlapMs: 0 })]);
    await minutes(polling, scene.clock, 10);
    assert.equal((await scene.readings()).length, 1);
    assert.equal((await scene.presence()).filter(({ kind }) => kind === "seen").length, 1);
    const day = pollersOf(polling)[0]?.tools().score.lastDay();
    assert.ok((day?.outcomes.stale ?? 0) >= 8, JSON.stringify(day?.outcomes));
  });

  test("trap 4: a device is as new as the newest of its keys, and each key has its own watermark", async () => {
    server.rows.set("w1", [row(START_US - 90 * MINUTE_US, 7, "total"), ...everyMinute(START_US - 3 * MINUTE_US, 3), row(START_US + 2 * HOUR_US, 99)]);
    const polling = await scene.polling([scriptedAccount(server, [scriptedDevice("w1", { keys: ["level", "total"] })], { overlapEveryMs: 0, overlapMs: 0 })]);
    await minutes(polling, scene.clock, 2);
    assert.equal(await markOf("w1", "total"), START_US - 90 * MINUTE_US);
    assert.equal(await markOf("w1", "level"), undefined, "a row from the future moves no watermark: all that follows would look old");
    server.rows.get("w1")?.pop();
    await minutes(polling, scene.clock, 2);
    assert.equal(await markOf("w1", "level"), START_US - MINUTE_US);
    const [view] = (await deviceViews(polling, polling.polls()!, polling.accounts(), { limit: 10 })).items;
    assert.deepEqual([view?.newest, view?.ageMs], ["2026-03-01T11:59:00Z", 300_000], "the newest of all keys");
  });

  test("trap 25: a key and a device that fail cost the others nothing", async () => {
    for (const device of ["a", "b", "c"]) server.rows.set(device, [...everyMinute(START_US - MINUTE_US, 1, "level"), ...everyMinute(START_US - MINUTE_US, 1, "total")]);
    server.instead = (url) => {
      if (url.searchParams.get("device") === "a") return { status: 500, body: "" };
      return url.searchParams.get("device") === "b" && url.searchParams.get("keys") === "level" ? { status: 200, body: "<html>sorry</html>" } : undefined;
    };
    const devices = ["a", "b", "c"].map((device) => scriptedDevice(device, { keys: ["level", "total"] }));
    const polling = await scene.polling([scriptedAccount(server, devices, { overlapEveryMs: 0, overlapMs: 0, concurrency: 1 })]);
    const looking = minutes(polling, scene.clock, 2);
    const breathing = setInterval(() => void scene.clock.advance(500), 5);
    await looking.finally(() => clearInterval(breathing));
    const seen = (await scene.samples()).map(([device, key]) => `${device}/${key}`);
    assert.deepEqual([...new Set(seen)].sort(), ["b/total", "c/level", "c/total"]);
    const parked = await scene.parked();
    assert.deepEqual(new Set(parked.map(({ device, reason }) => `${device} ${reason}`)), new Set(["b malformed-json"]));
    assert.equal(Buffer.from(parked[0]?.value ?? []).toString(), "<html>sorry</html>");
  });

  test("trap 1: a failed call is no number", async () => {
    server.instead = () => ({ status: 404, body: "no such device" });
    const polling = await scene.polling([scriptedAccount(server, [scriptedDevice("w1")])]);
    await minutes(polling, scene.clock, 5);
    assert.deepEqual([await scene.readings(), await markOf("w1")], [[], undefined]);
  });

  test("three configuration errors in a row make a set of keys misconfigured: asked hourly, told once, until it answers", async () => {
    let wrong = true;
    server.rows.set("w1", [row(START_US - MINUTE_US, 1, "total")]);
    server.instead = (url) => (wrong && url.searchParams.get("keys") === "level" ? { status: 404, body: "unknown key" } : undefined);
    const polling = await scene.polling([scriptedAccount(server, [scriptedDevice("w1", { keys: ["level", "total"] })], { overlapEveryMs: 0, overlapMs: 0 })]);
    await minutes(polling, scene.clock, 30);
    const asked = (): number => server.requests.filter((url) => url.includes("keys=level")).length;
    assert.equal(asked(), 3);
    assert.ok(server.requests.filter((url) => url.includes("keys=total")).length >= 29);
    await minutes(polling, scene.clock, 40);
    assert.equal(asked(), 4, "a probe after an hour");
    assert.equal(scene.lines.filter(({ event }) => event === "poll.misconfigured").length, 1);
    wrong = false;
    await minutes(polling, scene.clock, 70);
    assert.ok(asked() > 5);
    assert.equal(scene.lines.filter(({ event }) => event === "poll.configured-again").length, 1);
  });

  test("trap 23: a secret that an answer repeats stands in no event and no log line", async () => {
    server.rows.set("w1", [row(START_US - MINUTE_US, 1)]);
    server.instead = (url) => (url.pathname === "/rows" ? undefined : { status: 200, body: `<html>token tok-synthetic-8831 is not known</html>` });
    const polling = await scene.polling([scriptedAccount(server, [scriptedDevice("w1")])]);
    await minutes(polling, scene.clock, 2);
    const [parked] = await scene.parked();
    assert.ok(parked !== undefined && parked.labels["masked"] === "secrets");
    assert.doesNotMatch(JSON.stringify([Buffer.from(parked.value).toString(), parked.detail, scene.lines]), /synthetic-8831/);
  });
});

describe("what lies between the watermark and the newest row", () => {
  const account = (): ReturnType<typeof scriptedAccount> => scriptedAccount(server, [scriptedDevice("w1")], { overlapEveryMs: 0, overlapMs: 3 * 3_600_000 });

  test("is filled by history, oldest first, after an outage of the provider; each row once", async () => {
    server.rows.set("w1", everyMinute(START_US - 10 * MINUTE_US, 300));
    const served = (untilUs: number): void => void server.rows.set("w1", everyMinute(START_US - 10 * MINUTE_US, 300).filter(({ timeUs }) => timeUs <= untilUs));
    const polling = await scene.polling([account()]);
    for (let minute = 0; minute < 5; minute += 1) {
      served(scene.clock.nowUs());
      await rounds(polling, scene.clock, 60_000);
    }
    server.instead = () => ({ status: 503, body: "" });
    const away = setInterval(() => void scene.clock.advance(5000), 2);
    while (scene.clock.nowUs() < START_US + 90 * MINUTE_US) await new Promise((resolve) => setTimeout(resolve, 5));
    clearInterval(away);
    const told = scene.lines.filter(({ event }) => event === "provider.down").length;
    assert.equal(told, 1, "one incident");
    server.instead = () => undefined;
    served(scene.clock.nowUs());
    const back = setInterval(() => void scene.clock.advance(1000), 2);
    for (let tries = 0; tries < 2000 && ((await markOf("w1")) ?? 0) < START_US + 89 * MINUTE_US; tries += 1) await new Promise((resolve) => setTimeout(resolve, 5));
    clearInterval(back);
    await pollersOf(polling)[0]?.settled();
    const times = (await scene.samples()).map(([, , timeUs]) => timeUs);
    const newest = Math.max(...times);
    assert.equal(new Set(times).size, times.length, "each once");
    assert.equal(times.length, (newest - (START_US - 10 * MINUTE_US)) / MINUTE_US + 1, "none is missing");
    assert.deepEqual(times, [...times].sort((a, b) => a - b), "oldest first");
  });

  test("holds the watermark while history fails, and does not hold back the newest", async () => {
    server.rows.set("w1", everyMinute(START_US - 120 * MINUTE_US, 120));
    server.instead = (url) => (url.pathname === "/rows" ? { status: 404, body: "no history today" } : undefined);
    const polling = await scene.polling([account()]);
    await minutes(polling, scene.clock, 2);
    assert.deepEqual((await scene.samples()).map(([, , timeUs]) => timeUs), [START_US - MINUTE_US]);
    assert.equal(await markOf("w1"), undefined);
    server.instead = () => undefined;
    await minutes(polling, scene.clock, 2);
    const times = (await scene.samples()).map(([, , timeUs]) => timeUs);
    assert.equal(new Set(times).size, 120);
    assert.equal(times.length, 120, "the newest is not published again");
    assert.equal(await markOf("w1"), START_US - MINUTE_US);
  });

  test("a gap that history confirms is noted once, and no poll asks for it again", async () => {
    server.rows.set("w1", [...everyMinute(START_US - 180 * MINUTE_US, 10), row(START_US - MINUTE_US, 5)]);
    const polling = await scene.polling([account()]);
    await minutes(polling, scene.clock, 5);
    server.rows.get("w1")?.push(row(START_US + 60 * MINUTE_US, 6));
    await scene.clock.advance(60 * 60_000);
    await minutes(polling, scene.clock, 5);
    const asked = server.requests.filter((url) => url.startsWith("/rows")).length;
    await minutes(polling, scene.clock, 10);
    assert.equal(server.requests.filter((url) => url.startsWith("/rows")).length, asked);
    const gaps = pollersOf(polling)[0]?.tools().score.body().gaps ?? [];
    assert.deepEqual(gaps.map(({ device, keys, fromUs, toUs }) => [device, keys, fromUs, toUs]), [["w1", ["level"], START_US - MINUTE_US + 1, START_US + 60 * MINUTE_US]]);
    assert.equal(await scene.metrics.sum("caudal_poll_gaps_total", { account: "north" }), 1);
  });

  test("pages of a window that come newest first are all in before the watermark moves", async () => {
    Object.assign(server, { newestFirst: true, pageSize: 7 });
    server.rows.set("w1", everyMinute(START_US - 60 * MINUTE_US, 60));
    let pages = 0;
    let isGone = true;
    const polling = await scene.polling([account()], {
      faults: {
        reach: (name) => {
          if (name === "collector/polling.publish/after" && ++pages % 4 === 0 && isGone) throw new Error("gone");
        },
      },
    });
    await minutes(polling, scene.clock, 1);
    assert.equal(await markOf("w1"), undefined, "four pages of the newest are in the log, and the oldest are not");
    isGone = false;
    await minutes(polling, scene.clock, 2);
    assert.equal(new Set((await scene.samples()).map(([, , timeUs]) => timeUs)).size, 60);
    assert.equal(await markOf("w1"), START_US - MINUTE_US);
  });
});

describe("the overlap window", () => {
  const hourly = (): ReturnType<typeof scriptedAccount> => scriptedAccount(server, [scriptedDevice("w1", { cadence: { kind: "every", ms: 600_000 } })]);

  test("finds late rows and corrected ones, publishes these alone, and counts them", async () => {
    const tenMinutes = (count: number): ServedRow[] => Array.from({ length: count }, (_, at) => row(START_US - (count - at) * 10 * MINUTE_US, at));
    server.rows.set("w1", tenMinutes(30));
    const polling = await scene.polling([hourly()]);
    await minutes(polling, scene.clock, 130);
    const before = (await scene.samples()).length;
    const rows = server.rows.get("w1")!;
    rows[12] = { ...rows[12]!, value: 1000 };
    rows.push(row(rows[5]!.timeUs + 5 * MINUTE_US, 77));
    await minutes(polling, scene.clock, 65);
    const found = (await scene.samples()).slice(0);
    assert.equal(found.length, before + 2);
    assert.equal(found.filter(([, , timeUs, value]) => timeUs === rows[12]!.timeUs && value === 1000).length, 1);
    assert.equal(found.filter(([, , , value]) => value === 77).length, 1);
    const day = pollersOf(polling)[0]?.tools().score.lastDay();
    assert.deepEqual([day?.rows.corrected, day?.rows.late], [1, 1]);
    assert.equal(await scene.metrics.sum("caudal_poll_corrections_total", { account: "north" }), 1);
    // A value that goes back to what it was is a new event, not a redelivery of the first.
    rows[12] = { ...rows[12]!, value: 12 };
    await minutes(polling, scene.clock, 65);
    const ids = (await scene.readings()).map(({ eventId }) => eventId);
    assert.equal(new Set(ids).size, ids.length);
    assert.deepEqual((await scene.samples()).filter(([, , timeUs]) => timeUs === rows[12]!.timeUs).map(([, , , value]) => value), [12, 1000, 12]);
  });

  test("is no sign of life, and moves no watermark back", async () => {
    server.rows.set("w1", [row(START_US - 20 * HOUR_US, 1)]);
    const polling = await scene.polling([hourly()]);
    await minutes(polling, scene.clock, 5);
    const seen = (await scene.presence()).length;
    server.rows.get("w1")?.push(row(START_US - 30 * HOUR_US, 2));
    await minutes(polling, scene.clock, 65);
    assert.equal((await scene.samples()).length, 2);
    assert.equal((await scene.presence()).length, seen);
    assert.equal(await markOf("w1"), START_US - 20 * HOUR_US);
  });
});

test("a page larger than a record is divided: its samples by parts, its bytes once", async () => {
  const keys = Array.from({ length: 2500 }, (_, at) => `channel-${at}`.padEnd(240, "x"));
  server.rows.set("w1", keys.map((key, at) => row(START_US - MINUTE_US, at, key)));
  const provider = scriptedProvider({ keysPerCall: "all", request: () => ({ method: "GET", path: "/wide" }) });
  const whole = JSON.stringify({ rows: server.rows.get("w1") });
  server.instead = () => ({ status: 200, body: whole });
  const polling = await scene.polling([scriptedAccount(server, [scriptedDevice("w1", { keys })], { provider, overlapEveryMs: 0, overlapMs: 0 })]);
  await minutes(polling, scene.clock, 1);
  const readings = (await scene.readings()).toSorted((a, b) => ((a.labels["part"] ?? "") < (b.labels["part"] ?? "") ? -1 : 1));
  assert.deepEqual(readings.map(({ labels }) => labels["part"]), ["1/3", "2/3", "3/3"]);
  assert.equal(new Set(readings.map(({ labels }) => labels["page"])).size, 1);
  assert.equal(Buffer.concat(readings.map(({ raw }) => raw)).toString(), whole);
  assert.equal(readings.reduce((sum, { samples }) => sum + samples.length, 0), 2500);
});

test("a device that is heard of by another way is asked only for what lies after its watermark", async () => {
  server.rows.set("w1", everyMinute(START_US - 30 * MINUTE_US, 30));
  const polling = await scene.polling([scriptedAccount(server, [scriptedDevice("w1", { live: true })], { overlapEveryMs: 0, overlapMs: 3_600_000 })]);
  await minutes(polling, scene.clock, 3);
  assert.equal(server.requests.filter((url) => url.startsWith("/latest")).length, 0);
  assert.equal((await scene.samples()).length, 30);
  assert.equal((await scene.presence()).length, 0);
});

describe("accounts that join", () => {
  test("are asked until they leave; one whose name is taken is left out, and the others go on", async () => {
    server.rows.set("w1", [row(START_US - MINUTE_US, 1)]);
    server.rows.set("w2", [row(START_US - MINUTE_US, 2)]);
    const account = scriptedAccount(server, [scriptedDevice("w1")], { overlapEveryMs: 0, overlapMs: 0 });
    const polling = await scene.polling([account]);
    const joined = { ...account, id: "south", labels: { source: "elsewhere" }, devices: [scriptedDevice("w2")] };
    const leave = polling.join([joined, { ...account, devices: [scriptedDevice("w3")] }]);
    assert.deepEqual(polling.accounts().map(({ id }) => id), ["north", "south"]);
    assert.deepEqual(scene.lines.filter(({ event }) => event === "polling.name-taken").map(({ fields }) => fields), [{ account: "north" }]);
    await minutes(polling, scene.clock, 2);
    assert.deepEqual((await scene.readings()).map(({ device, labels }) => [device, labels["source"]]).sort(), [["w1", undefined], ["w2", "elsewhere"]]);

    await leave(1000);
    assert.deepEqual(polling.accounts(), [account]);
    assert.equal(pollersOf(polling).length, 1);
    for (const device of ["w1", "w2"]) server.rows.set(device, [row(START_US + MINUTE_US, 3)]);
    await minutes(polling, scene.clock, 2);
    assert.deepEqual((await scene.samples()).map(([device]) => device).sort(), ["w1", "w1", "w2"]);
    await polling.stop(1000);
    assert.throws(() => polling.join([joined]), { code: "unavailable" });
  });
});
