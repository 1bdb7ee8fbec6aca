import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import fc from "fast-check";
import { compareHeld, Erasures, heldFacts, systemScope, type HeldFact, type PointKey, type SeriesTier, type TierName } from "@caudal/core";
import type { Measurement } from "@caudal/schemas";
import { measurement, openScene, type Scene } from "../../analytics/test-scene.ts";
import { DAY, tried } from "./test-work.ts";

const NOW = Date.parse("2026-03-10T15:30:00Z") * 1000;
const floors = { hot: NOW - 3 * DAY, warm: NOW - 30 * DAY, cold: -Infinity } as const;
const names = ["hot", "warm", "cold"] as const satisfies readonly TierName[];

let scene: Scene;
let devices = 0;

before(async () => {
  scene = await openScene({ nowUs: NOW });
});
after(() => scene.close());

/** What each tier was given of a fact: its older revision, the one that holds, or nothing. */
const given = fc.constantFrom("newer", "newer", "older", "none");
const planted = fc.uniqueArray(
  fc.record({
    // Hot's floor lies within a day, warm's far below; some instants lie below both.
    minute: fc.oneof(fc.integer({ min: 1, max: 5 * 1440 }), fc.integer({ min: 1, max: 33 * 1440 })),
    variable: fc.constantFrom("flow", "total"), hot: given, warm: given, cold: given, withdrawn: fc.boolean(), authority: fc.constantFrom(0, 1),
  }),
  { maxLength: 40, selector: ({ minute, variable }) => `${minute} ${variable}` },
);
type Planted = (typeof planted) extends fc.Arbitrary<readonly (infer P)[]> ? P : never;

function revisions(point: string, { minute, variable, withdrawn, authority }: Planted): { readonly older: Measurement; readonly newer: Measurement } {
  const atUs = NOW - minute * 60e6;
  const older = measurement(point, atUs, { [variable]: 1 }, { receivedAtUs: NOW });
  const newer = measurement(point, atUs, { [variable]: withdrawn ? { value: null, flag: 4, reasons: ["withdrawn"] } : 2 }, { receivedAtUs: NOW, authority });
  return { older, newer };
}

async function plant(facts: readonly Planted[]): Promise<PointKey> {
  const point = await scene.adopt("demo", `meter-${devices++}`, [{ key: "flow", unit: "L/s" }, { key: "total", unit: "m3" }]);
  // Begins the floors as the model has them.
  const begin = measurement(point, NOW, { flow: 0 }, { receivedAtUs: NOW });
  const made = facts.map((fact) => ({ fact, ...revisions(point, fact) }));
  for (const name of names) {
    const batch = made.flatMap(({ fact, older, newer }) => (fact[name] === "none" ? [] : fact[name] === "older" ? [older] : [older, newer]));
    await scene[name].write([begin, ...batch]);
  }
  return { client: "demo", point };
}

async function held(tier: SeriesTier, key: PointKey): Promise<Map<string, HeldFact>> {
  const found = new Map<string, HeldFact>();
  for await (const block of tier.read(systemScope, { ...key, fromUs: -Infinity, toUs: Infinity, includeWithdrawn: true })) for (const fact of heldFacts(block)) found.set(`${fact.instantUs} ${fact.variable}`, fact);
  return found;
}

/** Days, with how many facts of them two tiers say differently. */
function expected(facts: readonly Planted[], faster: "hot" | "warm", slower: TierName): Map<string, number> {
  const days = new Map<string, number>();
  for (const fact of facts) {
    const atUs = NOW - fact.minute * 60e6;
    if (atUs < floors[faster] || fact[faster] === fact[slower]) continue;
    const day = new Date(atUs / 1000).toISOString().slice(0, 10);
    days.set(day, (days.get(day) ?? 0) + 1);
  }
  return days;
}

test("verify finds exactly what differs; repair makes all tiers equal, loses nothing, and changes nothing when repeated", async () => {
  await fc.assert(fc.asyncProperty(planted, async (facts) => {
    const key = await plant(facts);
    const wanted = { hot: expected(facts, "hot", "warm"), warm: expected(facts, "warm", "cold") };
    const { report, of } = await tried(scene, "verify", { point: key.point });
    for (const tier of ["hot", "warm"] as const) {
      assert.deepEqual(new Map(report.different.filter((day) => day.tier === tier).map(({ day, differences }) => [day, differences])), wanted[tier], tier);
      const differences = [...wanted[tier].values()].reduce((sum, count) => sum + count, 0);
      assert.deepEqual([of(tier).differences, of(tier).repaired, of(tier).unconfirmed], [differences, 0, differences], "the log knows none of them");
    }
    const before = new Map(await Promise.all(names.map(async (name) => [name, await held(scene[name], key)] as const)));

    await tried(scene, "repair", { point: key.point });
    const after = new Map(await Promise.all(names.map(async (name) => [name, await held(scene[name], key)] as const)));
    for (const name of names) {
      for (const all of before.values()) {
        for (const [at, fact] of all) if (fact.instantUs >= floors[name] && (name !== "cold" || fact.instantUs >= floors.warm)) assert.ok(compareHeld(after.get(name)!.get(at), fact) >= 0, `${name} has ${at}`);
      }
    }
    for (const [faster, slower] of [["hot", "warm"], ["warm", "cold"]] as const) {
      for (let day = Math.ceil(floors[faster] / DAY) * DAY; day < NOW; day += DAY) assert.deepEqual(await scene[faster].digest(systemScope, key, day), await scene[slower].digest(systemScope, key, day));
    }
    const again = await tried(scene, "repair", { point: key.point });
    assert.deepEqual(again.report.tiers.map(({ differences, repaired }) => [differences, repaired]), [[0, 0], [0, 0]]);
    assert.deepEqual(await Promise.all(names.map((name) => held(scene[name], key))), names.map((name) => after.get(name)));
  }), { numRuns: 35 });
});

test("a dry run of repair says what it would do, and changes nothing", async () => {
  const key = await plant([{ minute: 2000, variable: "flow", hot: "newer", warm: "none", cold: "none", withdrawn: false, authority: 0 }]);
  const { of, report, metrics, progress } = await tried(scene, "repair", { point: key.point, dryRun: true });
  assert.deepEqual([of("hot").differences, of("hot").repaired, report.dryRun], [1, 0, true]);
  assert.equal((await held(scene.warm, key)).size, 1);
  assert.equal(await metrics.sum("caudal_tier_mismatches_total"), 1);
  assert.deepEqual(progress.at(-1), { done: 2, total: 2, unit: "points" });
});

test("one revision that says two things cannot be merged: it is told, and its day is not forgotten", async () => {
  const key = await plant([]);
  const at = { receivedAtUs: NOW, knownAtUs: NOW - 5 * DAY };
  const dayUs = Math.floor((NOW - 2 * DAY) / DAY) * DAY;
  await scene.hot.write([measurement(key.point, dayUs, { flow: 1 }, at)]);
  await scene.warm.write([measurement(key.point, dayUs, { flow: 2 }, at)]);
  scene.clock.setUs(NOW + 5 * DAY);
  try {
    const { of, report } = await tried(scene, "forget", { point: key.point, tier: "hot" });
    assert.deepEqual([of("hot").conflicts, of("hot").forgotten, of("hot").held], [1, 0, 1]);
    assert.deepEqual(report.held, [{ tier: "hot", client: "demo", point: key.point, day: new Date(dayUs / 1000).toISOString().slice(0, 10), why: "conflict" }]);
    assert.ok((await scene.hot.floor(systemScope, key))! <= dayUs);
  } finally {
    scene.clock.setUs(NOW);
  }
});

test("a range and a client are all that is gone over", async () => {
  const facts = [1500, 3000].map((minute) => ({ minute, variable: "flow", hot: "none", warm: "newer", cold: "newer", withdrawn: false, authority: 0 }) as const);
  const key = await plant(facts);
  const day = (minute: number): number => Math.floor((NOW - minute * 60e6) / DAY) * DAY;
  const { of, report } = await tried(scene, "verify", { point: key.point, tier: "hot", fromUs: day(1500), toUs: day(1500) + 1 });
  assert.deepEqual([of("hot").days, of("hot").differences, report.tiers.length], [1, 1, 1]);
  assert.equal((await tried(scene, "verify", { point: key.point, client: "another" })).of("hot").points, 0);
});

test("of a client that is being erased nothing is read, written or forgotten any more", async () => {
  const key = await plant([{ minute: 2000, variable: "flow", hot: "newer", warm: "none", cold: "none", withdrawn: false, authority: 0 }]);
  const erasures = await Erasures.open(scene.documents, () => scene.clock.monotonicMs());
  await erasures.collection.putMany(systemScope, [{ id: "demo", body: { client: "demo", state: "erasing", requestedAtUs: NOW, by: "test", endedAtUs: null, counts: {} } }]);
  try {
    const before = await scene.hot.floor(systemScope, key);
    const { of } = await tried(scene, "repair", { point: key.point });
    assert.deepEqual([of("hot").days, of("hot").repaired, (await held(scene.warm, key)).size], [0, 0, 1]);
    scene.clock.setUs(NOW + 10 * DAY);
    await tried(scene, "forget", { point: key.point });
    assert.equal(await scene.hot.floor(systemScope, key), before);
  } finally {
    scene.clock.setUs(NOW);
    await erasures.collection.remove(systemScope, "demo");
  }
});
