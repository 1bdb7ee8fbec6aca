import assert from "node:assert/strict";
import { it } from "node:test";
import fc from "fast-check";
import { digestOf, systemScope } from "@caudal/core";
import { newClient, withTier, type SuiteContext } from "./fixture.ts";
import { everything, readRows, readValues } from "./rows.ts";
import { DAY_START_US, measurement, MINUTE_US } from "./samples.ts";

const exact = [
  999_999_999_999.999, 0, -0, 5e-324, -5e-324, 1.7e308, -1.7e308, Number.MAX_SAFE_INTEGER, 0.1, 0.1 + 0.2, 1 / 3, 123_456_789.012345, -273.15, 1e21, 1e-7, 2 ** -1074, 99_999_999_999_999.9,
];

export function valueTests(context: SuiteContext): void {
  it("gives every double back bit for bit, in rows, latest and digest", () => withTier(context, null, async (fixture) => {
    const client = newClient();
    const key = { client, point: "point-1" };
    await fixture.tier.write(exact.map((flow, i) => measurement({ client, instantUs: DAY_START_US + i * MINUTE_US, values: { flow } })));
    for (const reopened of [false, true]) {
      if (reopened) await fixture.reopen();
      const read = (await readValues(fixture.tier, { ...key, ...everything })).map(([, value]) => value);
      exact.forEach((value, i) => assert.ok(Object.is(read[i], value), `${value} came back as ${read[i]}`));
    }
    const facts = exact.map((value, i) => ({ instantUs: DAY_START_US + i * MINUTE_US, variable: "flow", value, flag: 1, reasons: [] }));
    assert.deepEqual(await fixture.tier.digest(systemScope, key, DAY_START_US), digestOf(facts));
    await fixture.tier.write([measurement({ client, instantUs: DAY_START_US * 1.5, values: { flow: -0 } })]);
    assert.ok(Object.is((await fixture.tier.latest(systemScope, [key]))[0]?.value, -0));
  }));

  it("keeps decimals of up to 15 digits", () => withTier(context, null, async ({ tier }) => {
    const digits = fc.tuple(fc.bigInt({ min: -(10n ** 15n) + 1n, max: 10n ** 15n - 1n }), fc.integer({ min: -18, max: 3 })).map(([n, e]) => Number(`${n}e${e}`));
    const values = fc.sample(digits, { numRuns: 500, seed: 3 });
    const client = newClient();
    await tier.write(values.map((flow, i) => measurement({ client, instantUs: DAY_START_US + i, values: { flow } })));
    const read = await readValues(tier, { client, point: "point-1", ...everything });
    assert.deepEqual(read.map(([, value]) => value), values);
  }));

  it("keeps instants from 1900 to 2250 and to the microsecond", () => withTier(context, null, async (fixture) => {
    const client = newClient();
    const instants = [Date.UTC(1900, 0, 1) * 1000, -1, 0, 1, DAY_START_US + 123_457, Date.UTC(2250, 0, 1) * 1000];
    await fixture.tier.write(instants.toReversed().map((instantUs, i) => measurement({ client, instantUs, values: { flow: i } })));
    await fixture.reopen();
    const rows = await readRows(fixture.tier, { client, point: "point-1", ...everything });
    assert.deepEqual(rows.map(({ instantUs }) => instantUs), instants);
    assert.deepEqual((await readRows(fixture.tier, { client, point: "point-1", fromUs: -1, toUs: 1 })).map(({ instantUs }) => instantUs), [-1, 0]);
    assert.equal((await fixture.tier.digest(systemScope, { client, point: "point-1" }, Date.UTC(1900, 0, 1) * 1000)).facts, 1);
  }));

  it("takes names in any script, and reasons in any order", () => withTier(context, null, async (fixture) => {
    const client = `${newClient()}-ñandú/ümläut`;
    const point = "pozo Nº 7 · 井";
    const facts = [{ variable: "nivel freático 水位 🌊", value: 1, flag: 2, reasons: ["rate", "late", "clock-ahead"] }];
    await fixture.tier.write([measurement({ client, point, instantUs: DAY_START_US, facts })]);
    await fixture.reopen();
    const [row] = await readRows(fixture.tier, { client, point, ...everything });
    assert.deepEqual(row?.facts["nivel freático 水位 🌊"]?.reasons, ["clock-ahead", "late", "rate"]);
  }));
}
