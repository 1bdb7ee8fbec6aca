import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { installationMark } from "./installation-mark.ts";
import { SendSwitch } from "./send-switch.ts";
import { openScene, START } from "./test-scene/scene.ts";

test("the switch: who, when and why, and every position it had", async (context) => {
  const { documents, clock } = await openScene(context);
  const nowUs = (): number => clock.nowUs();
  const sendSwitch = await SendSwitch.open(documents, { nowUs });
  assert.deepEqual(await sendSwitch.get(), { on: true, by: "system", atUs: START, reason: "first start", restored: false });
  await clock.advance(1000);
  await sendSwitch.set(false, "ana", "storm");
  await clock.advance(1000);
  await (await SendSwitch.open(documents, { nowUs })).set(true, "bruno", "over");
  assert.deepEqual(await sendSwitch.get(), { on: true, by: "bruno", atUs: START + 2_000_000, reason: "over", restored: false });
  assert.deepEqual((await sendSwitch.history()).map(({ by, on, reason }) => [by, on, reason]), [["bruno", true, "over"], ["ana", false, "storm"], ["system", true, "first start"]]);
  for (const [author, reason] of [["", "x"], ["x", " "], ["x", "y".repeat(1001)]] as const) await assert.rejects(sendSwitch.set(true, author, reason), { code: "bad-request" });
});

test("two who throw it at once both did, one after the other", async (context) => {
  const { documents, clock } = await openScene(context);
  const switches = await Promise.all([1, 2, 3, 4].map(() => SendSwitch.open(documents, { nowUs: () => clock.nowUs() })));
  await Promise.all(switches.map((each, at) => each.set(at % 2 === 0, `p${at}`, "why")));
  const history = await switches[0]!.history();
  assert.equal(history.length, 5);
  assert.equal(history[0]?.by, (await switches[1]!.get()).by);
});

test("a restored backup starts off, until a person switches it on there", async (context) => {
  const { documents, clock } = await openScene(context);
  const nowUs = (): number => clock.nowUs();
  const home = await SendSwitch.open(documents, { nowUs, instanceId: "home" });
  await home.set(true, "ana", "start");
  const copy = await SendSwitch.open(documents, { nowUs, instanceId: "copy" });
  assert.deepEqual([(await copy.get()).on, (await copy.get()).restored, (await home.get()).on], [false, true, true]);
  await copy.set(true, "ana", "the old one is gone");
  assert.deepEqual([(await copy.get()).on, (await home.get()).on], [true, false]);
});

test("where nobody switched it is as it is told to be at first; a switch that is gone is off", async (context) => {
  const { documents, clock } = await openScene(context);
  const records = await documents.collection({ name: "send_switch", tenant: false });
  await records.remove({ clients: "all" }, "now");
  const sendSwitch = await SendSwitch.open(documents, { nowUs: () => clock.nowUs(), initially: false });
  assert.equal((await sendSwitch.get()).on, false);
  await records.remove({ clients: "all" }, "now");
  assert.equal((await sendSwitch.get()).on, false);
  assert.equal((await sendSwitch.set(true, "ana", "go")).on, true);
});

test("the mark of an installation is made once, whoever asks at the same time, and stays", async (context) => {
  const directory = await mkdtemp(join(tmpdir(), "caudal-mark-"));
  context.after(() => rm(directory, { recursive: true }));
  const path = join(directory, "below", "installation");
  const marks = await Promise.all([1, 2, 3, 4].map(() => installationMark(path)));
  assert.equal(new Set(marks).size, 1);
  assert.match(marks[0]!, /^[0-9a-f-]{36}$/);
  assert.equal((await readFile(path, "utf8")).trim(), await installationMark(path));
  assert.equal((await stat(path)).mode & 0o777, 0o600);
});
