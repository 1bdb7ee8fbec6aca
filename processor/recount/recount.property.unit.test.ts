import assert from "node:assert/strict";
import { test } from "node:test";
import { correctionBody } from "@caudal/core";
import type { PointEvent } from "@caudal/schemas";
import fc from "fast-check";
import { judgeEvent } from "../judging/judge-event.ts";
import { pointForm } from "../judging/point-form.ts";
import { PointState } from "../judging/point-state.ts";
import { configurationEvent, H, S, sampleEvent, T0, wordEvent, type Row } from "../totaliser/test-counter.ts";
import { foundMeasurements, markEvent } from "./mark.ts";
import { Recount } from "./recount.ts";
import { MemoryPast } from "./test-past.ts";

/** A point, what cold holds of it, and its decisions. */
class Point {
  state = new PointState("acme", "p");
  readonly past = new MemoryPast();
  readonly standing = new Set<string>();
  recounts = 0;
  #offset = 0;

  tell(...events: readonly PointEvent[]): void {
    for (const event of events) {
      const outcome = judgeEvent(this.state, event.kind === "samples" ? { ...event, causeOffset: ++this.#offset } : event);
      assert.notEqual(outcome.kind, "park", JSON.stringify(outcome));
      if (outcome.kind !== "keep") continue;
      this.past.take(outcome.value.measurements);
      for (const { id, state } of outcome.value.decisions) if (state === "made") this.standing.add(id); else this.standing.delete(id);
    }
  }

  crash(): void {
    const { id, body, blob } = pointForm.toDocument(this.state);
    this.state = pointForm.fromDocument({ id, version: 1, body: JSON.parse(JSON.stringify(body)) as typeof body, ...(blob === undefined ? {} : { blob }) });
  }

  /** One recount, or a part of one, during which some more events come. */
  async recount(meanwhile: readonly PointEvent[], most: number, slice = 500): Promise<void> {
    const known = this.state.knownAtUs ?? 0;
    const recount = new Recount(this.state, this.past.asOf(known));
    const fed = [...meanwhile];
    await recount.read({ signal: new AbortController().signal, most, slice, pause: async () => this.tell(...fed.splice(0, 3)) });
    this.tell(...fed);
    const mark = markEvent({ client: "acme", point: "p", id: `m${++this.recounts}`, nowUs: T0 });
    this.tell(mark);
    const done = recount.join();
    const { behindUs } = recount.spill;
    this.state.spill = undefined;
    if (done === undefined) return;
    for (const measurement of foundMeasurements(done.found, mark, this.state.knownAtUs!)) this.past.take([measurement]);
    for (const id of [...this.standing]) if (!done.standing.has(id) && instantOf(id) >= done.fromUs && instantOf(id) < done.toUs) this.standing.delete(id);
    for (const id of done.standing.keys()) this.standing.add(id);
    this.state.behindUs = done.toUs < Infinity ? Math.min(done.toUs, Number.isNaN(behindUs) ? Infinity : behindUs) : behindUs;
  }

  async settle(most = 50_000): Promise<void> {
    for (let round = 0; !Number.isNaN(this.state.behindUs); round++) {
      assert.ok(round < 2000, "recounts come to an end");
      await this.recount([], most);
    }
  }
}

const instantOf = (id: string): number => Number(/@(-?\d+)\//.exec(id)![1]);

const step = fc.oneof(
  { weight: 12, arbitrary: fc.record({ how: fc.constant("grow"), by: fc.oneof({ weight: 3, arbitrary: fc.integer({ min: 0, max: 400 }) }, { weight: 2, arbitrary: fc.constant(0) }), afterS: fc.constantFrom(600, H, H + 7) }) },
  { weight: 1, arbitrary: fc.record({ how: fc.constantFrom("reset", "cut", "zero", "jump", "wobble", "code", "none", "dip", "turn"), by: fc.integer({ min: 0, max: 40 }), afterS: fc.constantFrom(600, H, 4 * H) }) },
);

function rowsOf(start: number, steps: readonly { how: string; by: number; afterS: number }[]): Row[] {
  let [atS, count] = [0, start];
  return steps.map(({ how, by, afterS }): Row => {
    atS += afterS;
    if (how === "reset") count = by;
    else if (how === "jump") count += 90_000 + by;
    else if (how === "turn") count = count > 65_000 && count < 65_536 ? by : count + by;
    else if (how === "grow") count += by;
    return [atS, how === "cut" ? Math.floor(count / 10) : how === "zero" ? 0 : how === "wobble" ? count - 1 : how === "code" ? -1 : how === "none" ? null : how === "dip" ? Math.floor(count * 0.8) : count];
  });
}

const meter = (least: number, most: number): fc.Arbitrary<Row[]> => fc.tuple(fc.constantFrom(0, 100, 64_900, 91_700), fc.array(step, { minLength: least, maxLength: most })).map(([start, steps]) => rowsOf(start, steps));
const settings = (factor: number): PointEvent => configurationEvent([{ fromS: null, values: { pulseFactorL: factor, levelKind: "pressure", barometer: "point", sensorDepthM: 45, rightFlowLps: 8 } }, { fromS: 60 * H, values: { pulseFactorL: factor / 10 } }]);
const correction = (variable: string, atS: number, value: number | null, eventId: string): PointEvent => ({
  ...configurationEvent([]), kind: "correction", eventId, body: correctionBody({ variable, timesUs: [T0 + atS * S], value, author: "Ana", reason: "seen" }),
});

/** Facts that one holds and the other does not. */
function unlike(a: Point, b: Point): string[] {
  const [one, other] = [a, b].map((point) => new Set(point.past.all().map((fact) => JSON.stringify(fact)))) as [Set<string>, Set<string>];
  return [...[...one].filter((fact) => !other.has(fact)).map((fact) => `+${fact}`), ...[...other].filter((fact) => !one.has(fact)).map((fact) => `-${fact}`)].sort((x, y) => (x.slice(1) < y.slice(1) ? -1 : 1));
}

function shuffled<T>(items: readonly T[], picks: readonly number[], reach: number): T[] {
  return items.map((item, index) => ({ item, index, at: index + (picks[index % picks.length]! % reach) * (picks[(index * 7 + 3) % picks.length]! % 5 === 0 ? 1 : 0.02) })).sort((a, b) => a.at - b.at || a.index - b.index).map(({ item }) => item);
}

const standing = (rows: number): Row[] => Array.from({ length: rows }, (_, index) => [(index + 1) * 600, 0]);
type Case = [Row[], number[], number, number[], number, number, number, boolean, number];
/** Settings come late, and all is recounted from what is left of a counter whose first count is taken back. */
const FIRST_TAKEN_BACK: Case = [standing(80), [100, 47, 0, 47, 0], 1, [], 0, 0, 30, true, 5];
/** Late counts come while a recount that ends as a part has passed their instants. */
const LATE_BETWEEN_PARTS: Case = [standing(94), [0, 110, 0, 0, 0, 0, 0], 400, [184], 0, 0, 30, false, 5];

test("hundreds of rows in any order, with settings, words, corrections and crashes at any moment, end in what the same rows in order give", async () => {
  await fc.assert(
    fc.asyncProperty(
      meter(80, 220), fc.array(fc.nat({ max: 1000 }), { minLength: 5, maxLength: 40 }), fc.constantFrom(1, 40, 400), fc.array(fc.nat({ max: 400 }), { maxLength: 5 }), fc.nat({ max: 300 }), fc.nat({ max: 300 }), fc.constantFrom(30, 50_000), fc.boolean(), fc.constantFrom(5, 40, 500),
      async (rows, picks, reach, cuts, said, mended, most, withdraws, slice) => {
        const pressures = rows.filter((_, index) => index % 2 === 0).map(([atS], index) => sampleEvent("pressure", [atS, 90 + (picks[index % picks.length]! % 300)]));
        const air = rows.filter((_, index) => index % 3 === 0).map(([atS], index) => sampleEvent("barometric_pressure", [atS - 300, 95 + (picks[index % picks.length]! % 5)]));
        const flows = rows.filter((_, index) => index % 2 === 1).map(([atS], index) => sampleEvent("flow", [atS, picks[index % picks.length]! % 4]));
        const samples = [...rows.map((row) => sampleEvent("pulses", row)), ...pressures, ...air, ...flows].sort((a, b) => a.samples[0]!.timeUs - b.samples[0]!.timeUs);
        const word = wordEvent({ variable: "pulses", atS: rows[said % rows.length]![0], verdict: said % 2 === 0 ? "ignore" : "reset" });
        const row = rows[mended % rows.length]!;
        const mend = correction("pulses", row[0], withdraws ? null : 5000 + mended, "correction-1");

        const inOrder = new Point();
        inOrder.tell(settings(100), word, ...samples, mend);
        await inOrder.settle();
        const truth = new Point();
        // What a person says is known before what it is about: then nothing is ever decided otherwise.
        truth.tell(settings(100), word, mend, ...samples);

        const mixed = new Point();
        // The last of them come in order, once everything is recounted.
        const tail = samples.slice(-Math.ceil(samples.length / 8));
        const events: PointEvent[] = shuffled(samples.slice(0, -tail.length), picks, reach);
        const at = (share: number): number => Math.floor((events.length * (share % 100)) / 100);
        events.splice(at(picks[0]!), 0, settings(100));
        events.splice(at(picks[1]!), 0, settings(50), settings(100));
        events.splice(at(picks[2]!), 0, word);
        // What is corrected has come.
        events.splice(Math.max(at(picks[3]!), events.findIndex((event) => event.samples[0]?.variable === "pulses" && event.samples[0].timeUs === T0 + row[0] * S) + 1), 0, mend);
        for (let index = 0; index < events.length; index++) {
          mixed.tell(events[index]!);
          const earlier = events[Math.floor(index / 2)]!;
          if (index % 7 === picks[4]! % 7 && earlier.kind === "samples") mixed.tell(earlier);
          if (!cuts.includes(index)) continue;
          if (index % 2 === 0) mixed.crash();
          const meanwhile = events.slice(index + 1, index + 1 + (picks[1]! % 60));
          if (!Number.isNaN(mixed.state.behindUs)) await mixed.recount(meanwhile, most, slice);
          else mixed.tell(...meanwhile);
          index += meanwhile.length;
        }
        await mixed.settle(most);
        mixed.tell(...tail);
        await mixed.settle(most);
        assert.deepEqual(unlike(mixed, truth), []);
        assert.deepEqual([...mixed.standing].sort(), [...truth.standing].sort());
        assert.deepEqual(unlike(inOrder, truth), []);
      },
    ),
    { numRuns: 60, examples: [FIRST_TAKEN_BACK, LATE_BETWEEN_PARTS] },
  );
});
