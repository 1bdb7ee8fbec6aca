import assert from "node:assert/strict";
import { it } from "node:test";
import fc from "fast-check";
import { systemScope, type PointKey, type SeriesTier } from "@caudal/core";
import type { Measurement } from "@caudal/schemas";
import { newClient, withTier, type SeriesTierFixture, type SuiteContext } from "./fixture.ts";
import { TierModel } from "./model.ts";
import { countsOf, everything, readRows, sortedLatest } from "./rows.ts";
import { DAY_START_US, DAY_US, HOUR_US, measurement } from "./samples.ts";

/** Two days around midnight in steps that make many measurements meet at one instant. */
const instantOf = (step: number): number => DAY_START_US - DAY_US + step * 4 * HOUR_US;
const STEPS = 12;
const variables = ["flow", "level", "total"] as const;
const points = ["a", "b"] as const;

type Step =
  | { readonly kind: "write"; readonly batch: readonly MeasurementDraft[] }
  | { readonly kind: "write-apart"; readonly batches: readonly (readonly MeasurementDraft[])[] }
  | { readonly kind: "raise"; readonly point: string; readonly step: number }
  | { readonly kind: "reopen" }
  | { readonly kind: "pack"; readonly point: string; readonly dayStartUs: number }
  | { readonly kind: "look"; readonly from: number; readonly to: number; readonly descending: boolean; readonly limit: number | undefined; readonly wanted: readonly string[] | undefined };

interface MeasurementDraft {
  readonly point: string;
  readonly step: number;
  readonly authority: number;
  readonly knownAtUs: number;
  readonly variables: readonly string[];
  readonly receivedStep: number;
}

const draft: fc.Arbitrary<MeasurementDraft> = fc.record({
  point: fc.constantFrom(...points), step: fc.nat(STEPS - 1), authority: fc.constantFrom(0, 0, 0, 1), knownAtUs: fc.integer({ min: 1, max: 6 }),
  variables: fc.subarray([...variables]), receivedStep: fc.integer({ min: 0, max: STEPS }),
});
const batch = fc.array(draft, { maxLength: 12 });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 12, arbitrary: fc.record({ kind: fc.constant("write" as const), batch }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("write-apart" as const), batches: fc.array(batch, { maxLength: 4 }) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("raise" as const), point: fc.constantFrom(...points), step: fc.nat(STEPS) }) },
  { weight: 1, arbitrary: fc.constant({ kind: "reopen" as const }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("pack" as const), point: fc.constantFrom(...points), dayStartUs: fc.constantFrom(DAY_START_US - DAY_US, DAY_START_US) }) },
  { weight: 5, arbitrary: fc.record({
    kind: fc.constant("look" as const), from: fc.nat(STEPS), to: fc.nat(STEPS), descending: fc.boolean(),
    limit: fc.option(fc.nat(5), { nil: undefined }), wanted: fc.option(fc.subarray([...variables]), { nil: undefined }),
  }) },
);

export function propertyTests(context: SuiteContext): void {
  for (const retentionMs of [null, 86_400_000]) {
    it(`agrees with the model under random writes, floors, packings and reopenings, retention ${retentionMs} ms`, async () => {
      await withTier(context, retentionMs, async (fixture) => {
        await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), (steps) => runSteps(context, fixture, steps)), { numRuns: context.propertyRuns, endOnFailure: true });
      });
    });
  }
}

async function runSteps({ quirks }: SuiteContext, fixture: SeriesTierFixture, steps: readonly Step[]): Promise<void> {
  const client = newClient();
  const model = new TierModel(fixture.tier.capabilities);
  const write = async (drafts: readonly MeasurementDraft[]): Promise<void> => {
    const measurements = drafts.map((some) => toMeasurement(client, some));
    const result = await fixture.tier.write(measurements);
    const expected = model.write(measurements);
    assert.deepEqual(result.failed, []);
    if (quirks.roughCounts === undefined) assert.deepEqual(countsOf(result), expected);
    assert.equal(sum(countsOf(result)), sum(expected));
  };
  for (const one of steps) {
    if (one.kind === "write") await write(one.batch);
    else if (one.kind === "write-apart") await writeApart(fixture.tier, model, client, one.batches);
    else if (one.kind === "reopen") await fixture.reopen();
    // Where a tier packs, the model knows nothing of it.
    else if (one.kind === "pack") await fixture.tier.pack?.({ client, point: one.point }, one.dayStartUs);
    else if (one.kind === "raise") {
      await fixture.tier.raiseFloor(systemScope, { client, point: one.point }, instantOf(one.step));
      model.raiseFloor({ client, point: one.point }, instantOf(one.step));
    } else await compareReads(fixture.tier, model, { client, point: "a" }, one);
  }
  for (const point of points) await compareAll(fixture.tier, model, { client, point });
  const keys = points.map((point) => ({ client, point }));
  assert.deepEqual(sortedLatest(await fixture.tier.latest(systemScope, keys)), sortedLatest(model.latest(keys)));
}

/** Several writes under way at once: how they are counted depends on their order, the sum and what holds after do not. */
async function writeApart(tier: SeriesTier, model: TierModel, client: string, batches: readonly (readonly MeasurementDraft[])[]): Promise<void> {
  const measurements = batches.map((drafts) => drafts.map((some) => toMeasurement(client, some)));
  const known = measurements.flat().every((one) => one.facts.length === 0 || model.floor(one) !== undefined);
  // Which of them begins a point's floor is open, so only points that have begun may be raced for.
  if (!known) return;
  const results = await Promise.all(measurements.map((some) => tier.write(some)));
  const expected = model.write(measurements.flat());
  assert.equal(results.reduce((all, result) => all + sum(countsOf(result)), 0), sum(expected));
}

async function compareReads(tier: SeriesTier, model: TierModel, key: PointKey, look: Extract<Step, { kind: "look" }>): Promise<void> {
  const query = {
    ...key, fromUs: instantOf(look.from), toUs: instantOf(look.to), order: look.descending ? "descending" as const : "ascending" as const,
    ...(look.limit === undefined ? {} : { limit: look.limit }), ...(look.wanted === undefined ? {} : { variables: look.wanted }),
  };
  assert.deepEqual(await readRows(tier, query), model.read(query));
}

async function compareAll(tier: SeriesTier, model: TierModel, key: PointKey): Promise<void> {
  assert.equal(await tier.floor(systemScope, key), model.floor(key));
  assert.deepEqual(await readRows(tier, { ...key, ...everything }), model.read({ ...key, ...everything }));
  for (const dayStartUs of [DAY_START_US - DAY_US, DAY_START_US]) {
    assert.deepEqual(await tier.digest(systemScope, key, dayStartUs), model.digest(key, dayStartUs));
  }
  if (tier.capabilities.revisions !== "all") return;
  for (const asOfUs of [0, 2, 4]) {
    const query = { ...key, ...everything, asOfUs };
    assert.deepEqual(await readRows(tier, query), model.read(query));
  }
}

/** The same revision of a fact always says the same, as events do. */
function toMeasurement(client: string, { point, step: at, authority, knownAtUs, variables: chosen, receivedStep }: MeasurementDraft): Measurement {
  const facts = chosen.map((variable) => {
    const kind = (at + authority * 3 + knownAtUs * 5 + variable.length) % 7;
    if (kind === 0) return { variable, value: null, flag: 4, reasons: ["withdrawn"] };
    if (kind === 1) return { variable, value: null, flag: 4, reasons: ["not-a-number", "late"] };
    return { variable, value: at * 1000 + knownAtUs + authority / 10, flag: 1 + (kind % 4), reasons: kind === 2 ? ["rate"] : [] };
  });
  return measurement({ client, point, instantUs: instantOf(at), authority, knownAtUs, receivedAtUs: instantOf(receivedStep), facts });
}

function sum(some: Readonly<Record<string, number>>): number {
  return Object.values(some).reduce((total, count) => total + count, 0);
}
