import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { systemScope } from "@caudal/core";
import type { SlotRow } from "../slots/slot-row.ts";
import { HOUR_US, SLOT_US } from "./test-facts.ts";
import { goodHour, openFreezingScene, WORK, type FreezingScene } from "./test-freezing.ts";

const DAY_MINUTES = 1440;
let scene: FreezingScene;
beforeEach(async () => {
  scene = await openFreezingScene({ made: 600 });
});
afterEach(() => scene.close());

async function rows(work = WORK): Promise<readonly SlotRow[]> {
  const found: SlotRow[] = [];
  let cursor: string | undefined;
  do {
    const page = await scene.slots.find(systemScope, { work, limit: 1000, cursor });
    found.push(...page.items);
    cursor = page.next;
  } while (cursor !== undefined);
  return found;
}

const spread = (list: readonly SlotRow[]): number[] => [...new Set(list.slice(1).map(({ slotUs }, at) => slotUs - list[at]!.slotUs))];

test("a work of long ago has its slots of now first, then those of the past, some a round, without a hole", async () => {
  await scene.put({ submitFromUs: SLOT_US - 90 * 24 * HOUR_US });
  const first = await scene.freezing().round();
  assert.equal(first.isWhole, false);
  assert.ok((await rows()).some(({ slotUs }) => slotUs > SLOT_US));
  let rounds = 1;
  while (!(await scene.freezing().round()).isWhole) assert.ok(++rounds < 40);
  assert.ok(rounds > 1);
  const all = await rows();
  assert.deepEqual([all.length, spread(all), all[0]?.slotUs], [93 * 24, [HOUR_US], SLOT_US - 90 * 24 * HOUR_US]);
  assert.equal((await scene.freezing().round()).made, 0, "once");
});

test("after a long stop, and a restart, what was missed is made without a hole", async () => {
  await scene.put();
  await scene.freezing().round();
  await scene.restart();
  scene.at(60 * DAY_MINUTES);
  for (let rounds = 0; !(await scene.freezing().round()).isWhole; rounds++) assert.ok(rounds < 20);
  const all = await rows();
  assert.deepEqual([all.length, spread(all)], [63 * 24, [HOUR_US]]);
});

test("no work waits behind another's past; the next slot of every standard is there", async () => {
  const standards = ["mayor", "medio", "menor", "caudales-muy-pequenos"] as const;
  for (const [index, standard] of standards.entries()) await scene.put({ standard, code: `OB-0602-${index + 1}`, submitFromUs: SLOT_US - (index === 0 ? 300 : 1) * 24 * HOUR_US });
  await scene.freezing().round();
  for (const index of standards.keys()) assert.ok((await rows(`dga/OB-0602-${index + 1}`)).some(({ slotUs }) => slotUs > SLOT_US), standards[index]);
});

test("a first instant that is moved back has the slots before made, and an end stops them", async () => {
  await scene.put();
  await scene.freezing().round();
  await scene.put({ submitFromUs: SLOT_US - 48 * HOUR_US, endsUs: SLOT_US + 80 * HOUR_US });
  await scene.freezing().round();
  assert.equal((await rows()).length, 48 + 72);
  scene.at(10 * DAY_MINUTES);
  await scene.freezing().round();
  assert.equal((await rows()).length, 48 + 80);
});

test("old slots without data do not keep new ones waiting", async () => {
  await scene.again({ fresh: 20, open: 10, touches: 10 });
  await scene.put({ submitFromUs: SLOT_US - 20 * 24 * HOUR_US });
  while (!(await scene.freezing().round()).isWhole) {
    // Looks through the past.
  }
  await scene.measure(goodHour());
  scene.at(10);
  for (let rounds = 0; (await scene.row())?.standing !== "ready"; rounds++) {
    await scene.freezing().round();
    assert.ok(rounds < 3);
  }
});

test("two rounds at once are one", async () => {
  await scene.put();
  await scene.measure(goodHour());
  scene.at(10);
  const [one, other] = await Promise.all([scene.freezing().round(), scene.freezing().round()]);
  assert.equal(one, other);
});
