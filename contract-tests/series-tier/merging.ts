import assert from "node:assert/strict";
import { it } from "node:test";
import { digestOf, hasCode, systemScope, type WriteResult } from "@caudal/core";
import { newClient, withTier, type SuiteContext } from "./fixture.ts";
import { counts, countsOf, everything, readRows, readValues, type Counts } from "./rows.ts";
import { DAY_START_US, HOUR_US, measurement, MINUTE_US, series, shuffled } from "./samples.ts";

export function mergingTests(context: SuiteContext): void {
  const expectCounts = (result: WriteResult, expected: Counts): void => {
    assert.deepEqual(result.failed, []);
    if (context.quirks.roughCounts === undefined) assert.deepEqual(countsOf(result), expected);
    else assert.equal(sumOf(countsOf(result)), sumOf(expected));
  };

  it("keeps what it acknowledged when it is opened again", () => withTier(context, null, async (fixture) => {
    const client = newClient();
    await fixture.tier.write([measurement({ client, instantUs: DAY_START_US, values: { flow: 1.5, total: 100 } })]);
    await fixture.reopen();
    await fixture.tier.write([measurement({ client, instantUs: DAY_START_US + MINUTE_US, values: { flow: 2.5 } })]);
    await fixture.reopen();
    const rows = await readValues(fixture.tier, { client, point: "point-1", ...everything });
    assert.deepEqual(rows, [[DAY_START_US, 1.5], [DAY_START_US + MINUTE_US, 2.5]]);
  }));

  it("lets the greatest revision win in whatever order they come", () => withTier(context, null, async ({ tier }) => {
    const client = newClient();
    const revisions = [
      { knownAtUs: 10, authority: 0, value: 1 }, { knownAtUs: 30, authority: 0, value: 2 }, { knownAtUs: 20, authority: 1, value: 3 },
      { knownAtUs: 40, authority: 0, value: 4 },
    ];
    for (let seed = 0; seed < 8; seed++) {
      for (const { value, ...revision } of shuffled(revisions, seed)) {
        await tier.write([measurement({ client, point: `p${seed}`, instantUs: DAY_START_US, values: { flow: value }, ...revision })]);
      }
      const [row] = await readRows(tier, { client, point: `p${seed}`, ...everything });
      assert.deepEqual(row?.facts["flow"], { value: 3, flag: 1, reasons: [], authority: 1, knownAtUs: 20 });
    }
  }));

  it("merges facts and not rows: two loggers feed one instant", () => withTier(context, null, async ({ tier }) => {
    const client = newClient();
    await tier.write([measurement({ client, instantUs: DAY_START_US, values: { flow: 1 }, knownAtUs: 5 })]);
    await tier.write([measurement({ client, instantUs: DAY_START_US, values: { level: 2 }, knownAtUs: 4 })]);
    await tier.write([measurement({ client, instantUs: DAY_START_US, values: { flow: 3, level: 4 }, knownAtUs: 5 })]);
    const [row, ...more] = await readRows(tier, { client, point: "point-1", ...everything });
    assert.equal(more.length, 0);
    assert.equal(row?.facts["flow"]?.value, 1, "the same revision again changes nothing");
    assert.equal(row?.facts["level"]?.value, 4, "a greater revision of one variable wins alone");
  }));

  it("counts every fact once, also those that meet within one batch", () => withTier(context, null, async ({ tier }) => {
    const client = newClient();
    const at = (knownAtUs: number) => measurement({ client, instantUs: DAY_START_US, values: { flow: knownAtUs, total: knownAtUs }, knownAtUs });
    expectCounts(await tier.write([at(5)]), counts({ stored: 2 }));
    expectCounts(await tier.write([at(5)]), counts({ duplicate: 2 }));
    expectCounts(await tier.write([at(4)]), counts({ superseded: 2 }));
    expectCounts(await tier.write([at(6), at(6), at(5), at(7)]), tier.capabilities.revisions === "all"
      ? counts({ stored: 4, duplicate: 4 }) : counts({ stored: 4, duplicate: 2, superseded: 2 }));
    expectCounts(await tier.write([]), counts({}));
    expectCounts(await tier.write([measurement({ client, instantUs: DAY_START_US, facts: [] })]), counts({}));
  }));

  it("is not changed by a redelivery, before and after it was opened again", () => withTier(context, null, async (fixture) => {
    const client = newClient();
    const batch = series({ client, fromUs: DAY_START_US, stepUs: MINUTE_US, count: 200, variables: ["flow", "total"] });
    expectCounts(await fixture.tier.write(batch), counts({ stored: 400 }));
    const before = await fixture.tier.digest(systemScope, { client, point: "point-1" }, DAY_START_US);
    expectCounts(await fixture.tier.write(shuffled(batch)), counts({ duplicate: 400 }));
    await fixture.reopen();
    expectCounts(await fixture.tier.write(batch), counts({ duplicate: 400 }));
    assert.deepEqual(await fixture.tier.digest(systemScope, { client, point: "point-1" }, DAY_START_US), before);
    assert.equal(before.facts, 400);
  }));

  it("names what it cannot store and stores the rest", () => withTier(context, null, async ({ tier }) => {
    const client = newClient();
    const good = (minute: number) => measurement({ client, instantUs: DAY_START_US + minute * MINUTE_US, values: { flow: minute, level: 1 } });
    const bad = (change: object) => ({ ...good(9), ...change });
    const result = await tier.write([
      good(0), bad({ facts: [{ variable: "flow", value: NaN, flag: 1, reasons: [] }] }), bad({ instantUs: 0.5 }), good(1), bad({ client: "" }),
      bad({ facts: [{ variable: "", value: 1, flag: 1, reasons: [] }] }), bad({ facts: [{ variable: "flow", value: 1, flag: 0, reasons: [] }] }), good(2),
    ]);
    assert.deepEqual(result.failed.map(({ index }) => index), [1, 2, 4, 5, 6]);
    for (const { error } of result.failed) assert.ok(hasCode(error, "bad-request"), String(error));
    assert.equal(result.stored, 6);
    assert.deepEqual(await readValues(tier, { client, point: "point-1", ...everything }), [0, 1, 2].map((minute) => [DAY_START_US + minute * MINUTE_US, minute]));
  }));

  it("gives one digest whatever order the facts came in", () => withTier(context, null, async ({ tier }) => {
    const client = newClient();
    const facts = (point: string) => [
      ...series({ client, point, fromUs: DAY_START_US, stepUs: HOUR_US, count: 30, variables: ["total", "flow", "Flow"] }),
      measurement({ client, point, instantUs: DAY_START_US + HOUR_US, values: { flow: 7 }, flag: 3, reasons: ["rate", "late"], knownAtUs: DAY_START_US * 2 }),
      measurement({ client, point, instantUs: DAY_START_US + 2 * HOUR_US, values: { flow: null }, flag: 4, reasons: ["withdrawn"], knownAtUs: DAY_START_US * 2 }),
    ];
    await tier.write(facts("a"));
    for (const one of shuffled(facts("b"), 7)) await tier.write([one]);
    const digest = await tier.digest(systemScope, { client, point: "a" }, DAY_START_US);
    assert.deepEqual(await tier.digest(systemScope, { client, point: "b" }, DAY_START_US), digest);
    const holding = facts("a").slice(0, 24).flatMap(({ instantUs, facts: some }) => some.map((fact) => ({ instantUs, ...fact })));
    const revised = holding.map((fact) => {
      if (fact.variable !== "flow") return fact;
      if (fact.instantUs === DAY_START_US + HOUR_US) return { ...fact, value: 7, flag: 3, reasons: ["late", "rate"] };
      return fact.instantUs === DAY_START_US + 2 * HOUR_US ? { ...fact, value: null, flag: 4, reasons: ["withdrawn"] } : fact;
    });
    assert.deepEqual(digest, digestOf(revised));
    assert.equal(digest.facts, 72);
  }));

  it("has a digest of nothing for a day or point without facts", () => withTier(context, null, async ({ tier }) => {
    const key = { client: newClient(), point: "nowhere" };
    assert.deepEqual(await tier.digest(systemScope, key, DAY_START_US), digestOf([]));
    await assert.rejects(tier.digest(systemScope, key, DAY_START_US + 1), (error) => hasCode(error, "bad-request"));
  }));
}

function sumOf(some: Counts): number {
  return some.stored + some.superseded + some.duplicate + some.belowFloor;
}
