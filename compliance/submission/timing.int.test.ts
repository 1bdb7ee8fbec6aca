import assert from "node:assert/strict";
import { test } from "node:test";
import { HOUR_US, MINUTE_US, openScene, START, us } from "./test-scene/scene.ts";

const DAY_MS = 86_400_000;
const minutesOf = (posts: readonly { readonly atUs: number }[]): number[] => posts.map(({ atUs }) => (atUs - START) / MINUTE_US);

test("vector T1: accepted 59 minutes after its instant is on time, 61 minutes after is late", async (context) => {
  const scene = await openScene(context, { startUs: START + 29 * MINUTE_US });
  const obra = await scene.work();
  const other = await scene.work({ code: "OB-0602-8" });
  const slotUs = us("2026-06-11T17:00:00Z");
  await scene.freeze(obra, slotUs);
  await scene.submitter.round();
  assert.equal((await scene.row(obra, slotUs)).late, false);
  await scene.clock.advance(2 * 60_000);
  await scene.freeze(other, slotUs);
  await scene.submitter.round();
  assert.deepEqual([(await scene.row(other, slotUs)).standing, (await scene.row(other, slotUs)).late], ["accepted", true]);
});

test("vector T2: three hourly slots that wait are sent at t, t + 5 min, t + 10 min", async (context) => {
  const scene = await openScene(context);
  const obra = await scene.work();
  await scene.freeze(obra, ...[0, 1, 2].map((hour) => START - 30 * MINUTE_US - hour * HOUR_US));
  await scene.rounds(15, 60_000);
  assert.deepEqual(minutesOf(scene.server.posts), [0, 5, 10]);
  assert.deepEqual(scene.server.posts.map(({ slot }) => slot.slice(11)), ["13:00:00", "11:00:00", "12:00:00"], "the fresh one first, then the oldest");
});

test("a restarted submitter keeps the pacing of what was sent before", async (context) => {
  const scene = await openScene(context);
  const obra = await scene.work();
  await scene.freeze(obra, START - 30 * MINUTE_US, START - 90 * MINUTE_US);
  await scene.submitter.round();
  await scene.submitter.stop();
  await scene.clock.advance(60_000);
  const again = await scene.open();
  for (let minute = 0; minute < 6; minute++) {
    await again.submitter.round();
    await scene.clock.advance(60_000);
  }
  assert.deepEqual(minutesOf(scene.server.posts), [0, 5]);
});

test("vector T3: three works of one centre with a slot each are a pause apart, not five minutes; works of two centres do not wait for each other", async (context) => {
  const scene = await openScene(context, { settings: { pauseMs: 1000 } });
  const obras = await Promise.all(["7", "8", "9"].map((number) => scene.work({ code: `OB-0602-${number}` })));
  const elsewhere = await scene.work({ code: "OB-0602-10", centreRut: "76000000-0" });
  for (const obra of [...obras, elsewhere]) await scene.freeze(obra, START - 30 * MINUTE_US);
  const round = scene.submitter.round();
  await scene.server.arrived(2);
  assert.deepEqual(scene.server.posts.map(({ code }) => code).sort(), ["OB-0602-10", "OB-0602-7"]);
  let isOver = false;
  void round.then(() => (isOver = true));
  while (!isOver) {
    await scene.clock.advance(50);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  assert.deepEqual((await round).sent, { accepted: 4 });
  const times = scene.server.posts.filter(({ centre }) => centre === "76543210-3").map(({ atUs }) => atUs);
  assert.equal(times.length, 3);
  for (let at = 1; at < times.length; at++) assert.ok(times[at]! - times[at - 1]! >= 1_000_000 && times[at]! - times[at - 1]! < MINUTE_US, String(times));
});

test("vector T4: a day of hourly slots takes 115 minutes at least, and a fresh one does not wait behind it", async (context) => {
  const scene = await openScene(context);
  const obra = await scene.work();
  await scene.freeze(obra, ...Array.from({ length: 24 }, (_, hour) => START - 30 * MINUTE_US - (hour + 1) * HOUR_US));
  for (let minute = 0; minute < 140; minute++) {
    if ((minute - 30) % 60 === 0) await scene.freeze(obra, START + minute * MINUTE_US);
    await scene.submitter.round();
    await scene.clock.advance(60_000);
  }
  const isOld = ({ slot }: { readonly slot: string }): boolean => slot < "2026-06-11 13:30:00";
  const times = minutesOf(scene.server.posts);
  for (let at = 1; at < times.length; at++) assert.ok(times[at]! - times[at - 1]! >= 5, "never nearer than five minutes");
  assert.equal(scene.server.posts.filter(isOld).length, 24);
  assert.ok(minutesOf(scene.server.posts.filter(isOld)).at(-1)! >= 115);
  for (const { slot, atUs } of scene.server.posts.filter((each) => !isOld(each))) assert.ok(atUs - us(`${slot.replace(" ", "T")}-04:00`) <= 5 * MINUTE_US, slot);
});

test("vector T5: refused every day with seven days permitted: one try a day of the regulator's; then a failure to declare, noted once, and the tries go on", async (context) => {
  const scene = await openScene(context);
  const obra = await scene.work({ permittedDelayDays: 7 });
  const slotUs = START - 30 * MINUTE_US;
  await scene.freeze(obra, slotUs);
  scene.server.manner = () => "refuse";
  let noted = 0;
  for (let hour = 0; hour < 9 * 24; hour++) {
    const { lateFailures } = await scene.submitter.round();
    noted += lateFailures;
    if (lateFailures > 0) assert.equal(hour, 7 * 24);
    await scene.clock.advance(3_600_000);
  }
  assert.equal(noted, 1);
  assert.equal(await scene.metrics.sum("caudal_submission_alerts_total", { alert: "late-failure" }), 1);
  const row = await scene.row(obra, slotUs);
  assert.deepEqual([row.lateFailure, row.late, row.standing], [true, true, "refused"]);
  const days = scene.server.posts.map(({ atUs }) => new Date(atUs / 1000 - 4 * 3_600_000).toISOString().slice(0, 10));
  assert.deepEqual([days.length, new Set(days).size], [10, 10], "one a day on ten days of the regulator's");
  scene.server.manner = () => "accept";
  await scene.rounds(2, DAY_MS);
  assert.equal((await scene.row(obra, slotUs)).standing, "accepted");
});

test("vector T6: switched off, or shadowed, or off: 0 POSTs, slots wait all the same, and a shadow says what it would send", async (context) => {
  const scene = await openScene(context);
  const slotUs = START - 30 * MINUTE_US;
  const [live, shadow, off] = [await scene.work(), await scene.work({ code: "OB-0602-8", mode: "shadow" }), await scene.work({ code: "OB-0602-9", mode: "off" })];
  for (const obra of [live, shadow, off]) await scene.freeze(obra, slotUs);
  await scene.sendSwitch.set(false, "somebody", "the regulator asked for it");
  const still = await scene.submitter.round();
  assert.deepEqual([still.sending, still.waiting, still.sent, still.shadow], [false, 1, {}, [{ work: shadow.work, slotUs }]]);
  assert.equal(scene.server.posts.length, 0);
  assert.equal(await scene.metrics.sum("caudal_submission_waiting", { regulator: "dga" }), 1);
  assert.equal(await scene.metrics.sum("caudal_submission_oldest_waiting_seconds", { regulator: "dga" }), 1800);
  await scene.sendSwitch.set(true, "somebody", "they are back");
  await scene.rounds(3, 60_000);
  assert.deepEqual(scene.server.posts.map(({ code }) => code), ["OB-0602-7"]);
  for (const obra of [shadow, off]) assert.equal((await scene.row(obra, slotUs)).standing, "ready");
});

test("the switch thrown in the middle of a round stops the next send of it", async (context) => {
  const scene = await openScene(context);
  const obras = await Promise.all(["7", "8", "9"].map((number) => scene.work({ code: `OB-0602-${number}` })));
  for (const obra of obras) await scene.freeze(obra, START - 30 * MINUTE_US);
  const off = scene.sendSwitch;
  let thrown: Promise<unknown> | undefined;
  scene.server.manner = () => {
    thrown ??= off.set(false, "somebody", "stop");
    return "lost-hang";
  };
  const round = scene.submitter.round();
  await scene.server.arrived(1);
  await thrown;
  await scene.clock.advance(15_000);
  assert.deepEqual([(await round).sending, scene.server.posts.length], [false, 1]);
});

test("a clock that goes back a day: no second POST of a slot, no pacing broken, and later slots go on", async (context) => {
  const scene = await openScene(context);
  const obra = await scene.work();
  await scene.freeze(obra, START - 30 * MINUTE_US, START - 90 * MINUTE_US);
  scene.server.manner = () => "refuse";
  await scene.submitter.round();
  const back = { ...scene.clock, nowUs: () => scene.clock.nowUs() - 20 * HOUR_US };
  const other = await scene.open({ clock: back });
  const before = scene.server.posts.length;
  for (let minute = 0; minute < 30; minute++) {
    await other.submitter.round();
    await scene.clock.advance(60_000);
  }
  assert.equal(scene.server.posts.length, before, "on that clock the slots are not there yet, or were tried on a later day");
  await scene.rounds(3, 60_000);
  assert.deepEqual(scene.server.posts.map(({ slot }) => slot.slice(11)), ["13:00:00", "12:00:00"]);
});
