import assert from "node:assert/strict";
import { test } from "node:test";
import { onEachStore } from "../ledger/test-stores/each-store.ts";
import { HOUR_US, SLOT_US } from "./test-facts.ts";
import { goodHour, openFreezingScene } from "./test-freezing.ts";

onEachStore((name, open) => {
  test(`${name}: slots are made, frozen, held, left without data, revised and frozen anew alike`, async (context) => {
    const store = await open(context);
    let isOpen = false;
    const scene = await openFreezingScene({ fresh: 50, open: 50, touches: 3 }, async () => (isOpen ? store.reopen() : ((isOpen = true), store.first)));
    context.after(() => scene.close());
    await scene.put({ right: { flowLps: 20 } });
    assert.equal((await scene.freezing().round()).made, 72);
    await scene.measure(goodHour(0), goodHour(1, { flow: 25 }), goodHour(2, { depth: { value: null, flag: 4, reasons: ["sentinel"] } }), goodHour(4));
    scene.at(5 * 60);
    while (!(await scene.freezing().round()).isWhole);
    await scene.restart();
    scene.at(6 * 60);
    await scene.measure(goodHour(0, { flow: 16 }, { knownMinutes: 360 }), goodHour(2, {}, { knownMinutes: 360 }), goodHour(3, {}, { knownMinutes: 360 }));
    scene.at(6 * 60 + 15);
    while (!(await scene.freezing().round()).isWhole);
    const found = await Promise.all([0, 1, 2, 3, 4].map(async (hour) => {
      const row = await scene.row(SLOT_US + hour * HOUR_US);
      return [row?.standing, row?.reasons, (await scene.bodies(SLOT_US + hour * HOUR_US)).map(({ kind }) => kind)];
    }));
    assert.deepEqual(found, [
      ["ready", [], ["frozen", "late-revision"]], ["held", ["beyond-right"], ["held"]], ["ready", [], ["held", "frozen"]], ["ready", [], ["frozen"]], ["ready", [], ["frozen"]],
    ]);
  });
});
