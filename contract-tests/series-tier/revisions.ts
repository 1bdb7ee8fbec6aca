import assert from "node:assert/strict";
import { it } from "node:test";
import { hasCode, systemScope, type RangeQuery, type SeriesTier } from "@caudal/core";
import { newClient, withTier, type SuiteContext } from "./fixture.ts";
import { everything, readRows, readValues, rowsOf } from "./rows.ts";
import { DAY_START_US, measurement, MINUTE_US } from "./samples.ts";

const withdrawal = { values: { flow: null }, flag: 4, reasons: ["withdrawn"] };

export function revisionTests(context: SuiteContext): void {
  it("hides a withdrawn fact and shows it again at a greater revision", () => withTier(context, null, async (fixture) => {
    const client = newClient();
    const query = { client, point: "point-1", ...everything };
    const write = (spec: object) => fixture.tier.write([measurement({ client, instantUs: DAY_START_US, ...spec })]);
    await write({ values: { flow: 1, level: 9 }, knownAtUs: 1 });
    await write({ ...withdrawal, knownAtUs: 2 });
    const [row] = await readRows(fixture.tier, query);
    assert.deepEqual(Object.keys(row?.facts ?? {}), ["level"]);
    assert.equal((await fixture.tier.digest(systemScope, query, DAY_START_US)).facts, 2, "a digest counts it");
    await fixture.reopen();
    await write({ ...withdrawal, values: { level: null }, knownAtUs: 2 });
    assert.deepEqual(await readRows(fixture.tier, query), [], "a row of withdrawn facts is none");
    assert.deepEqual(await fixture.tier.latest(systemScope, [query]), []);
    await write({ values: { flow: 3 }, knownAtUs: 3 });
    assert.deepEqual(await readValues(fixture.tier, query), [[DAY_START_US, 3]]);
  }));

  it("shows withdrawn facts where they are asked for", () => withTier(context, null, async ({ tier }) => {
    const client = newClient();
    const query = { client, point: "point-1", ...everything };
    await tier.write([
      measurement({ client, instantUs: DAY_START_US, values: { flow: 1, level: 9 }, knownAtUs: 1 }),
      measurement({ client, instantUs: DAY_START_US, ...withdrawal, knownAtUs: 2, authority: 1 }),
      measurement({ client, instantUs: DAY_START_US + MINUTE_US, ...withdrawal, knownAtUs: 3 }),
    ]);
    const rows = await readRows(tier, { ...query, includeWithdrawn: true });
    assert.deepEqual(rows.map(({ instantUs, facts }) => [instantUs, Object.keys(facts).sort()]), [[DAY_START_US, ["flow", "level"]], [DAY_START_US + MINUTE_US, ["flow"]]]);
    assert.deepEqual(rows[0]?.facts["flow"], { value: null, flag: 4, reasons: ["withdrawn"], authority: 1, knownAtUs: 2 });
    assert.deepEqual((await readRows(tier, query)).map(({ facts }) => Object.keys(facts)), [["level"]]);
  }));

  it("shows a fact without a value as NaN with its flag and reasons", () => withTier(context, null, async ({ tier }) => {
    const client = newClient();
    await tier.write([measurement({ client, instantUs: DAY_START_US, values: { flow: null }, flag: 4, reasons: ["sentinel", "late"] })]);
    const [row] = await readRows(tier, { client, point: "point-1", ...everything });
    assert.deepEqual(row?.facts["flow"], { value: null, flag: 4, reasons: ["late", "sentinel"], authority: 0, knownAtUs: DAY_START_US });
    const [latest] = await tier.latest(systemScope, [{ client, point: "point-1" }]);
    assert.equal(latest?.value, null);
  }));

  it("answers as of a time where all revisions are kept, and refuses where not", () => withTier(context, null, async (fixture) => {
    const client = newClient();
    const key = { client, point: "point-1", ...everything };
    const at = (minute: number, flow: number | null, knownAtUs: number, more: object = {}) =>
      measurement({ client, instantUs: DAY_START_US + minute * MINUTE_US, values: { flow }, knownAtUs, ...more });
    await fixture.tier.write([at(0, 1, 10), at(1, 2, 11), at(0, 5, 30), at(1, null, 20, withdrawal), at(0, 9, 15, { authority: 1 })]);
    if (fixture.tier.capabilities.revisions !== "all") {
      await assert.rejects(readRows(fixture.tier, { ...key, asOfUs: 10 }), (error) => hasCode(error, "bad-request"));
      return;
    }
    const expected: readonly [number, readonly number[]][] = [[9, []], [10, [1]], [11, [1, 2]], [15, [9, 2]], [20, [9]], [1000, [9]]];
    for (const reopened of [false, true]) {
      if (reopened) await fixture.reopen();
      for (const [asOfUs, flows] of expected) {
        assert.deepEqual((await readValues(fixture.tier, { ...key, asOfUs })).map(([, flow]) => flow), flows, `as of ${asOfUs}`);
      }
    }
    await fixture.tier.write([at(0, 4, 12)]);
    assert.deepEqual((await readValues(fixture.tier, { ...key, asOfUs: 12 })).map(([, flow]) => flow), [4, 2], "a late lesser revision is history too");
  }));

  it("shows all revisions where they are kept, greatest first, and copies of them make the same tier", () => withTier(context, null, async (fixture) => {
    const client = newClient();
    const query = { client, point: "point-1", ...everything, includeWithdrawn: true, allRevisions: true };
    const at = (minute: number, values: Readonly<Record<string, number | null>>, knownAtUs: number, more: object = {}) =>
      measurement({ client, instantUs: DAY_START_US + minute * MINUTE_US, values, knownAtUs, ...more });
    const written = [
      at(0, { flow: 1, level: 7 }, 10), at(0, { flow: 2 }, 30), at(0, { flow: 9 }, 20, { authority: 1 }), at(1, { flow: 3 }, 11), at(1, { flow: null }, 12, withdrawal), at(2, { level: 4 }, 13),
    ];
    await fixture.tier.write(written);
    const all: readonly [number, Readonly<Record<string, readonly [number | null, number, number]>>][] = [
      [0, { flow: [9, 1, 20], level: [7, 0, 10] }], [0, { flow: [2, 0, 30] }], [0, { flow: [1, 0, 10] }], [1, { flow: [null, 0, 12] }], [1, { flow: [3, 0, 11] }], [2, { level: [4, 0, 13] }],
    ];
    const first = all.filter(([minute], i) => all.findIndex((row) => row[0] === minute) === i);
    const expected = fixture.tier.capabilities.revisions === "all" ? all : first;
    for (const reopened of [false, true]) {
      if (reopened) await fixture.reopen();
      assert.deepEqual(await rowsIn(fixture.tier, query), expected);
      const descending = await rowsIn(fixture.tier, { ...query, order: "descending" });
      assert.deepEqual(descending.map(([minute]) => minute), expected.map(([minute]) => minute).reverse());
      const withdrawnLeftOut = (await rowsIn(fixture.tier, { ...query, includeWithdrawn: false })).filter(([minute]) => minute === 1);
      assert.deepEqual(withdrawnLeftOut, expected === all ? [[1, { flow: [3, 0, 11] }]] : []);
    }
  }));
}

type Shown = [number, Record<string, [number | null, number, number]>];

/** Minutes with value, authority and known-at by variable, a row each. */
async function rowsIn(tier: SeriesTier, query: RangeQuery): Promise<Shown[]> {
  const rows: Shown[] = [];
  for await (const block of tier.read(systemScope, query)) {
    for (const { instantUs, facts } of rowsOf(block)) {
      rows.push([(instantUs - DAY_START_US) / MINUTE_US, Object.fromEntries(Object.entries(facts).map(([name, fact]) => [name, [fact.value, fact.authority, fact.knownAtUs]]))]);
    }
  }
  return rows;
}
