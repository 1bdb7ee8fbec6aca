import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { FaultPoints } from "@caudal/runtime";
import type { Obra } from "../obras/obra.ts";
import { wireDay } from "../regulators/dga/wire-time.ts";
import { afterEntry, expectedSlot, isClosed, mayBeSent, type SlotState } from "../slots/slot-state.ts";
import { HOUR_US, MINUTE_US, openScene, type Process, type Scene } from "./test-scene/scene.ts";
import type { Manner } from "./test-scene/regulator-server.ts";

const FROM = Date.parse("2026-06-11T22:13:00Z") * 1000;
const STEP_MS = 7 * 60_000;
const HOURS = 20;
const points = ["compliance/submission.attempt/before", "compliance/submission.attempt/after", "compliance/submission.post/before", "compliance/submission.post/after", "compliance/submission.outcome/before", "compliance/submission.outcome/after"];
const manners: readonly Manner[] = ["accept", "accept", "accept", "accept", "lost", "lost-hang", "hang", "reset", "fault", "html", "refuse", "no-voucher", "blocked"];

/** A row of numbers from 0 to 1 that a seed gives again. */
function numbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Ends the process at one of its points, or lets it stand still there for a while. */
class Trouble implements FaultPoints {
  readonly died = Promise.withResolvers<"died">();
  readonly #random: () => number;
  readonly #stand: (ms: number) => Promise<void>;
  calm = false;

  constructor(random: () => number, stand: (ms: number) => Promise<void>) {
    this.#random = random;
    this.#stand = stand;
  }

  reach(name: string): Promise<void> | undefined {
    if (this.calm || !points.includes(name)) return undefined;
    const chance = this.#random();
    if (chance < 0.03) {
      this.died.resolve("died");
      return new Promise(() => undefined);
    }
    return chance < 0.06 ? this.#stand(20_000 + this.#random() * 100_000) : undefined;
  }
}

interface Living {
  readonly process: Process;
  readonly trouble: Trouble;
}

/** Both look at once; what hangs is got over by the clock. */
async function step(scene: Scene, living: Living[], open: () => Promise<Living>): Promise<void> {
  let left = living.length;
  const ends = living.map(async ({ process, trouble }, at) => {
    const end = await Promise.race([process.submitter.round(), trouble.died.promise]);
    if (end === "died") living[at] = await open();
    left -= 1;
  });
  for (let idle = 0; left > 0; idle++) {
    await new Promise((resolve) => setTimeout(resolve, 2));
    if (idle > 15) await scene.clock.advance(5000);
  }
  await Promise.all(ends);
}

/** What the law asks, held against what arrived and what the chain says. */
async function judge(scene: Scene, obra: Obra): Promise<SlotState[]> {
  const posts = scene.server.posts.filter(({ code }) => code === obra.code);
  const tried = posts.map(({ slot, atUs }) => `${slot} on ${wireDay(atUs)}`);
  assert.equal(new Set(tried).size, tried.length, "a slot is posted once a day of the regulator's");
  const slots = new Map<number, SlotState>();
  let lastUs = -Infinity;
  for (const entry of await scene.entries(obra)) {
    if (!("slotUs" in entry.body)) continue;
    const { slotUs, kind } = entry.body;
    if (kind === "attempt") {
      const waiting = [...slots.values()].filter(mayBeSent).length;
      if (waiting >= 2) assert.ok(entry.atUs - lastUs >= 5 * MINUTE_US, `attempts of ${obra.work} are five minutes apart while ${waiting} wait`);
      lastUs = entry.atUs;
    }
    slots.set(slotUs, afterEntry(slots.get(slotUs) ?? expectedSlot(slotUs), entry));
  }
  for (const { slotUs, acceptedUs } of slots.values()) {
    const late = posts.filter(({ slot, atUs }) => Date.parse(`${slot.replace(" ", "T")}-04:00`) * 1000 === slotUs && acceptedUs !== undefined && atUs > acceptedUs);
    assert.deepEqual(late, [], "nothing is posted after the chain holds accepted");
  }
  for (const [id, records] of scene.server.stored) assert.equal(records.length, 1, `${id} is stored once`);
  return [...slots.values()];
}

test("two submitters that die and stand still, a hostile regulator: once a day at most, nothing after accepted, five minutes apart, and everything arrives", async (context) => {
  await fc.assert(fc.asyncProperty(fc.integer(), async (seed) => {
    const random = numbers(seed);
    const scene = await openScene(context, { startUs: FROM });
    const obras = await Promise.all(["7", "8", "9"].map((number, at) => scene.work({ code: `OB-0602-${number}`, centreRut: at === 2 ? "76000000-0" : "76543210-3" })));
    const open = async (): Promise<Living> => {
      const trouble = new Trouble(random, (ms) => scene.clock.sleep(ms));
      return { trouble, process: await scene.open({ faults: trouble }) };
    };
    const living = [await open(), await open()];
    scene.server.manner = () => manners[Math.floor(random() * manners.length)]!;
    const endUs = FROM + HOURS * HOUR_US;
    let nextHourUs = Math.ceil(FROM / HOUR_US) * HOUR_US;
    // A backlog of one work from before.
    await scene.freeze(obras[0]!, ...[2, 3, 4, 5, 6].map((hours) => nextHourUs - hours * HOUR_US));
    for (; scene.clock.nowUs() < endUs; nextHourUs = (Math.floor(scene.clock.nowUs() / HOUR_US) + 1) * HOUR_US) {
      await step(scene, living, open);
      await scene.clock.advance(STEP_MS);
      if (scene.clock.nowUs() >= nextHourUs) for (const obra of obras) if (random() < 0.8) await scene.freeze(obra, nextHourUs);
    }
    scene.server.manner = () => "accept";
    for (const { trouble } of living) trouble.calm = true;
    for (let round = 0; round < 3 * 24 * 6; round++) {
      const { waiting } = await living[0]!.process.submitter.round();
      if (waiting === 0 && round > 24 * 6) break;
      await scene.clock.advance(10 * 60_000);
    }
    for (const obra of obras) {
      const slots = await judge(scene, obra);
      assert.deepEqual(slots.filter((slot) => !isClosed(slot)), [], "nothing starves");
      assert.deepEqual((await scene.rows(obra)).map(({ slotUs, standing }) => [slotUs, standing]), slots.sort((a, b) => a.slotUs - b.slotUs).map(({ slotUs, standing }) => [slotUs, standing]));
    }
  }), { numRuns: 3, endOnFailure: true });
});
