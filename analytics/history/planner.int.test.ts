import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import fc from "fast-check";
import type { Measurement } from "@caudal/schemas";
import { createCalendar, type BucketResolution } from "../buckets/calendar.ts";
import { measurement, openScene, type Scene } from "../test-scene.ts";
import { bucketOf, factsOf, type ModelBucket } from "../test-model.ts";

const us = (text: string): number => Date.parse(text) * 1000;
/** The night before, clocks were set back in Santiago and on Lord Howe. */
const NOW = us("2026-04-06T02:10:00Z");
const SPAN_MINUTES = 5 * 24 * 60;
const zones = ["UTC", "America/Santiago", "Asia/Kolkata", "Australia/Lord_Howe", "-04:00"] as const;
const resolutions = ["raw", "1m", "5m", "15m", "1h", "1d", "1mo"] as const;

let scene: Scene;
let points = 0;

before(async () => {
  scene = await openScene({ nowUs: NOW });
});
after(() => scene.close());

interface Row {
  readonly time: string;
  readonly [variable: string]: unknown;
}
interface History {
  readonly items: readonly Row[];
  readonly coverage: { readonly received: number; readonly flagged: number };
  readonly served: readonly { readonly from: string; readonly to: string }[];
  readonly next: string | null;
}

type Sampled = (typeof fact) extends fc.Arbitrary<infer F> ? F : never;
const fact = fc.record({
  minute: fc.integer({ min: 0, max: SPAN_MINUTES }),
  variable: fc.constantFrom("flow", "total"),
  thousandths: fc.integer({ min: 0, max: 1_000_000 }),
  what: fc.constantFrom("good", "good", "good", "suspect", "bad", "null", "withdrawn"),
});
const wave = fc.array(fact, { minLength: 1, maxLength: 60 });

function measured(point: string, { minute, variable, thousandths, what }: Sampled): Measurement {
  const flag = { good: 1, suspect: 3, bad: 4, null: 2, withdrawn: 2 }[what]!;
  const value = what === "null" || what === "withdrawn" ? null : thousandths / 1000;
  return measurement(point, NOW - (SPAN_MINUTES - minute) * 60e6 - 600e6, { [variable]: { value, flag, reasons: what === "withdrawn" ? ["withdrawn"] : [] } }, { receivedAtUs: NOW });
}

async function wholeHistory(point: string, query: string): Promise<History> {
  const pages: History[] = [];
  let next: string | null = null;
  do {
    const page: History = await scene.json(`/api/v1/analytics/points/${point}/history?${query}${next === null ? "" : `&cursor=${next}`}`);
    pages.push(page);
    next = page.next;
  } while (next !== null);
  return { ...pages[0]!, items: pages.flatMap(({ items }) => items), served: pages.flatMap(({ served }) => served) };
}

function agrees(actual: unknown, expected: ModelBucket | undefined, isOver: boolean, where: string): void {
  if (expected === undefined) return assert.equal(actual, undefined, where);
  const { mean, coverage: _, revised: __, ...rest } = actual as ModelBucket & { coverage: unknown; revised?: unknown };
  const { mean: expectedMean, ...expectedRest } = expected;
  assert.deepEqual(rest, expectedRest, where);
  if (isOver) assert.ok(mean === expectedMean || Math.abs(mean! - expectedMean!) <= 1e-9 * Math.max(1, Math.abs(expectedMean!)), `${where}: ${mean} is not ${expectedMean}`);
}

async function check(point: string, all: readonly Measurement[], query: { resolution: (typeof resolutions)[number]; zone: string; from: number; to: number; limit: number }): Promise<void> {
  const { resolution, zone, limit } = query;
  const [fromUs, toUs] = [NOW - (SPAN_MINUTES - query.from) * 60e6, NOW - (SPAN_MINUTES - query.to) * 60e6 + 1];
  const asked = `from=${new Date(fromUs / 1000).toISOString()}&to=${new Date(Math.ceil(toUs / 1000)).toISOString()}&resolution=${resolution}&tz=${encodeURIComponent(zone)}&limit=${limit}`;
  const endUs = Math.ceil(toUs / 1000) * 1000;
  const history = await wholeHistory(point, asked);
  const variables = { flow: factsOf(all, point, "flow"), total: factsOf(all, point, "total") };
  const times = history.items.map(({ time }) => us(time));
  assert.ok(times.every((time, i) => i === 0 || time > times[i - 1]!), "rows are in time order, each once");
  if (resolution === "raw") {
    const expected = new Map<number, Record<string, unknown>>();
    for (const [variable, facts] of Object.entries(variables)) {
      for (const { timeUs, value, flag } of facts) if (timeUs >= fromUs && timeUs < endUs) expected.set(timeUs, { ...expected.get(timeUs), [variable]: { value, flag } });
    }
    assert.deepEqual(new Map(history.items.map(({ time, ...values }) => [us(time), values])), expected);
    assert.equal(history.coverage.received, variables.flow.concat(variables.total).filter(({ timeUs }) => timeUs >= fromUs && timeUs < endUs).length);
    return;
  }
  const calendar = createCalendar(resolution as BucketResolution, zone);
  const rows = new Map(history.items.map((row) => [us(row.time), row]));
  const spans = new Map<number, { fromUs: number; toUs: number }>();
  for (const { timeUs } of [...variables.flow, ...variables.total]) {
    const span = calendar.spanAt(timeUs);
    if (span.toUs > fromUs && span.fromUs < endUs) spans.set(span.fromUs, span);
  }
  assert.deepEqual([...rows.keys()], [...spans.keys()].sort((a, b) => a - b), "buckets with facts, and no others");
  let received = 0;
  for (const span of spans.values()) {
    for (const [variable, facts] of Object.entries(variables)) {
      const expected = bucketOf(facts, span, variable === "total");
      received += expected?.count ?? 0;
      agrees(rows.get(span.fromUs)?.[variable], expected, span.toUs <= NOW, `${variable} at ${new Date(span.fromUs / 1000).toISOString()}`);
    }
  }
  assert.equal(history.coverage.received, received);
}

test("any range, resolution and zone says what the facts say, whatever the floors, whatever came late, rolled up or not", async () => {
  const query = fc.record({
    resolution: fc.constantFrom(...resolutions), zone: fc.constantFrom(...zones), from: fc.integer({ min: -2000, max: SPAN_MINUTES - 1 }),
    length: fc.integer({ min: 1, max: SPAN_MINUTES + 3000 }), limit: fc.constantFrom(3, 40, 5000),
  });
  const run = fc.record({
    waves: fc.array(wave, { minLength: 1, maxLength: 3 }), rolls: fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }),
    floors: fc.tuple(fc.option(fc.integer({ min: 0, max: SPAN_MINUTES })), fc.option(fc.integer({ min: 0, max: SPAN_MINUTES }))),
    queries: fc.array(query, { minLength: 2, maxLength: 5 }),
  });
  await fc.assert(fc.asyncProperty(run, async ({ waves, rolls, floors, queries }) => {
    const point = await scene.adopt("demo", `meter-${points++}`, [{ key: "flow", unit: "L/s" }, { key: "total", unit: "m3" }]);
    const all: Measurement[] = [];
    for (const [i, facts] of waves.entries()) {
      const measurements = facts.map((one) => measured(point, one));
      all.push(...measurements);
      await scene.publish(measurements);
      if (rolls[i] === true) await scene.rolledUp();
      else await scene.settled();
      if (i > 0) continue;
      const at = (minute: number): number => NOW - (SPAN_MINUTES - minute) * 60e6;
      if (floors[0] !== null) await scene.hot.raiseFloor({ clients: "all" }, { client: "demo", point }, at(floors[0]));
      if (floors[1] !== null) await scene.warm.raiseFloor({ clients: "all" }, { client: "demo", point }, at(floors[1]));
    }
    for (const { from, length, ...rest } of queries) await check(point, all, { ...rest, from, to: from + length });
  }), { numRuns: 25, endOnFailure: true });
});
