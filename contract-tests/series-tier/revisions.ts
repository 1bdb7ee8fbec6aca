import assert from "node:assert/strict";
import { it } from "node:test";
import { hasCode, systemScope } from "@caudal/core";
import { newClient, withTier, type SuiteContext } from "./fixture.ts";
import { everything, readRows, readValues } from "./rows.ts";
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
}
