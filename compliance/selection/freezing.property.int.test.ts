import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Measurement } from "@caudal/schemas";
import { HOUR_US, MINUTE_US, SLOT_US } from "./test-facts.ts";
import { measured, openFreezingScene, type FreezingScene } from "./test-freezing.ts";

const HOURS = 4;

/** A measurement of one quantity near some slot, known some minutes after it. */
const given = fc.record({
  minutes: fc.integer({ min: -30, max: 30 }).chain((off) => fc.integer({ min: 0, max: HOURS - 1 }).map((hour) => hour * 60 + Math.trunc(off / 4))),
  variable: fc.constantFrom("flow", "total", "depth"),
  value: fc.integer({ min: 1, max: 40 }),
  revision: fc.integer({ min: 0, max: 3 }),
});

type Given = { readonly minutes: number; readonly variable: string; readonly value: number; readonly revision: number };

/** One value a revision: a point's events have one order. */
function measurements(list: readonly Given[]): Measurement[] {
  const byKey = new Map(list.map((each) => [`${each.minutes}/${each.variable}/${each.revision}`, each]));
  return [...byKey.values()].map(({ minutes, variable, value, revision }) => measured(minutes, { [variable]: value }, { knownMinutes: minutes + 1 + revision, eventId: `${minutes}-${variable}-${revision}` }));
}

/** What is frozen, held or missing at the end, after batches in some order with rounds and restarts in between. */
async function outcome(scene: FreezingScene, batches: readonly (readonly Measurement[])[], restarts: boolean): Promise<unknown[]> {
  scene.at(-60);
  await scene.put({ right: { flowLps: 30 } });
  await scene.freezing().round();
  for (const batch of batches) {
    scene.at(-50);
    await scene.measure(...batch);
    if (restarts) await scene.again();
  }
  for (let minutes = 10; minutes <= HOURS * 60 + 60; minutes += 25) {
    scene.at(minutes);
    await scene.freezing().round();
    if (restarts) await scene.again();
  }
  return Promise.all(Array.from({ length: HOURS }, async (_, hour) => {
    const slotUs = SLOT_US + hour * HOUR_US;
    const row = await scene.row(slotUs);
    const bodies = await scene.bodies(slotUs);
    return [row?.standing, row?.reasons, bodies.map((body) => (body.kind === "frozen" ? body.payload : body.kind)), row?.taken.map(({ variable, value, instantUs }) => [variable, value, (instantUs - SLOT_US) / MINUTE_US])];
  }));
}

test("property: any order of arrival, duplicates and restarts give the same frozen values", async () => {
  const seen = new Set<string>();
  await fc.assert(
    fc.asyncProperty(fc.array(given, { minLength: 8, maxLength: 40 }), fc.infiniteStream(fc.nat()), fc.boolean(), async (list, picks, restarts) => {
      const all = measurements(list);
      const shuffled = all.map((each) => [picks.next().value as number, each] as const).sort(([a], [b]) => a - b).map(([, each]) => each);
      const twice = [...shuffled, ...shuffled.slice(0, 5), ...shuffled.toReversed()];
      const third = Math.ceil(twice.length / 3);
      const results: unknown[] = [];
      for (const [batches, again] of [[[all], false], [[twice.slice(0, third), twice.slice(third, 2 * third), twice.slice(2 * third)], restarts]] as const) {
        const scene = await openFreezingScene();
        try {
          results.push(await outcome(scene, batches, again));
        } finally {
          await scene.close();
        }
      }
      assert.deepEqual(results[1], results[0]);
      for (const [standing] of results[0] as [string][]) seen.add(standing);
    }),
    { numRuns: 12, seed: 7 },
  );
  assert.ok(seen.has("ready") && seen.has("held"), [...seen].join());
});
