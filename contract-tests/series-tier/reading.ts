import assert from "node:assert/strict";
import { it } from "node:test";
import { hasCode, systemScope } from "@caudal/core";
import { newClient, withTier, type SeriesTierFixture, type SuiteContext } from "./fixture.ts";
import { everything, readRows, readValues } from "./rows.ts";
import { DAY_START_US, measurement, MINUTE_US, series } from "./samples.ts";

export function readingTests(context: SuiteContext): void {
  const minute = (n: number): number => DAY_START_US + n * MINUTE_US;
  const tenMinutes = async ({ tier }: SeriesTierFixture): Promise<{ client: string; point: string }> => {
    const client = newClient();
    await tier.write(series({ client, fromUs: DAY_START_US, stepUs: MINUTE_US, count: 10, variables: ["flow", "total"] }));
    return { client, point: "point-1" };
  };
  const minutes = (rows: readonly { instantUs: number }[]): number[] => rows.map(({ instantUs }) => (instantUs - DAY_START_US) / MINUTE_US);

  it("reads half-open ranges", () => withTier(context, null, async (fixture) => {
    const key = await tenMinutes(fixture);
    const read = async (fromUs: number, toUs: number) => minutes(await readRows(fixture.tier, { ...key, fromUs, toUs }));
    assert.deepEqual(await read(minute(2), minute(5)), [2, 3, 4]);
    assert.deepEqual(await read(minute(2) + 1, minute(5) + 1), [3, 4, 5]);
    assert.deepEqual(await read(minute(3), minute(3)), []);
    assert.deepEqual(await read(minute(5), minute(2)), []);
    assert.deepEqual(await read(minute(20), minute(30)), []);
    assert.deepEqual(await read(-Infinity, minute(1)), [0]);
    assert.deepEqual(await read(minute(9), Infinity), [9]);
  }));

  it("reads both ways and stops at the limit", () => withTier(context, null, async ({ tier, ...rest }) => {
    const key = { ...(await tenMinutes({ tier, ...rest })), ...everything };
    assert.deepEqual(minutes(await readRows(tier, { ...key, limit: 3 })), [0, 1, 2]);
    assert.deepEqual(minutes(await readRows(tier, { ...key, limit: 3, order: "descending" })), [9, 8, 7]);
    assert.deepEqual(minutes(await readRows(tier, { ...key, limit: 0 })), []);
    const [newest] = await readRows(tier, { ...key, limit: 1, order: "descending", toUs: minute(4) });
    assert.deepEqual(newest?.facts["total"]?.value, 3.1);
  }));

  it("gives only the variables asked for, and no rows without them", () => withTier(context, null, async ({ tier, ...rest }) => {
    const key = { ...(await tenMinutes({ tier, ...rest })), ...everything };
    await tier.write([measurement({ client: key.client, instantUs: minute(4) + 1, values: { level: 7 } })]);
    assert.deepEqual((await readRows(tier, { ...key, variables: ["level"] })).map(({ facts }) => facts["level"]?.value), [7]);
    const rows = await readRows(tier, { ...key, variables: ["total", "never-seen"], limit: 2 });
    assert.deepEqual(rows.map(({ facts }) => Object.keys(facts)), [["total"], ["total"]]);
    assert.deepEqual(await readRows(tier, { ...key, variables: [] }), []);
  }));

  it("keeps points of one client and variables of one instant apart", () => withTier(context, null, async ({ tier }) => {
    const client = newClient();
    await tier.write(["a", "b"].map((point, value) => measurement({ client, point, instantUs: DAY_START_US, values: { flow: value } })));
    assert.deepEqual(await readValues(tier, { client, point: "a", ...everything }), [[DAY_START_US, 0]]);
    assert.deepEqual(await readValues(tier, { client, point: "b", ...everything }), [[DAY_START_US, 1]]);
    assert.deepEqual(await readValues(tier, { client, point: "c", ...everything }), []);
  }));

  it("refuses a range that is no range, and everything once it is closed", () => withTier(context, null, async (fixture) => {
    const key = await tenMinutes(fixture);
    const { tier } = fixture;
    await assert.rejects(readRows(tier, { ...key, fromUs: NaN, toUs: 1 }), (error) => hasCode(error, "bad-request"));
    const reading = tier.read(systemScope, { ...key, ...everything })[Symbol.asyncIterator]();
    assert.equal((await reading.next()).done, false);
    await reading.return?.();
    await tier.close();
    await tier.close();
    const isClosed = (error: unknown): boolean => hasCode(error, "closed");
    await assert.rejects(tier.write([measurement({ ...key, instantUs: minute(0), values: { flow: 1 } })]), isClosed);
    await assert.rejects(readRows(tier, { ...key, ...everything }), isClosed);
    await assert.rejects(tier.latest(systemScope, [key]), isClosed);
    await assert.rejects(tier.floor(systemScope, key), isClosed);
  }));
}
