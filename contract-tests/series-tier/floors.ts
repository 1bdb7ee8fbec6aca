import assert from "node:assert/strict";
import { it } from "node:test";
import { hasCode, systemScope } from "@caudal/core";
import { newClient, withTier, type SuiteContext } from "./fixture.ts";
import { counts, countsOf, everything, readValues } from "./rows.ts";
import { DAY_START_US, DAY_US, HOUR_US, measurement, series } from "./samples.ts";

export function floorTests(context: SuiteContext): void {
  const retentionMs = 3 * 86_400_000;
  const read = async (tier: Parameters<typeof readValues>[0], client: string): Promise<(number | null | undefined)[]> =>
    (await readValues(tier, { client, point: "point-1", ...everything })).map(([, value]) => value);

  it("begins a point's floor with its first fact: received time less the retention", () => withTier(context, retentionMs, async (fixture) => {
    const client = newClient();
    const key = { client, point: "point-1" };
    assert.equal(await fixture.tier.floor(systemScope, key), undefined);
    const at = (instantUs: number, receivedAtUs: number) => measurement({ client, instantUs, receivedAtUs, values: { flow: instantUs } });
    const floorUs = DAY_START_US - 3 * DAY_US;
    const first = await fixture.tier.write([at(floorUs - 1, DAY_START_US), at(floorUs, DAY_START_US - DAY_US), at(DAY_START_US, DAY_START_US)]);
    assert.deepEqual(countsOf(first), counts({ belowFloor: 1, stored: 2 }));
    for (const reopened of [false, true]) {
      if (reopened) await fixture.reopen();
      assert.equal(await fixture.tier.floor(systemScope, key), floorUs);
      assert.deepEqual(countsOf(await fixture.tier.write([at(floorUs - 1, DAY_START_US + DAY_US)])), counts({ belowFloor: 1 }));
      assert.deepEqual(await read(fixture.tier, client), [floorUs, DAY_START_US]);
    }
  }));

  it("has a floor for a point whose only fact lies below it", () => withTier(context, retentionMs, async (fixture) => {
    const client = newClient();
    await fixture.tier.write([measurement({ client, instantUs: 0, receivedAtUs: DAY_START_US, values: { flow: 1 } })]);
    await fixture.reopen();
    assert.equal(await fixture.tier.floor(systemScope, { client, point: "point-1" }), DAY_START_US - 3 * DAY_US);
    assert.deepEqual(await read(fixture.tier, client), []);
    assert.deepEqual(await fixture.tier.latest(systemScope, [{ client, point: "point-1" }]), []);
  }));

  it("holds everything where nothing is let go", () => withTier(context, null, async ({ tier }) => {
    const client = newClient();
    await tier.write([measurement({ client, instantUs: Date.UTC(1900, 0, 1) * 1000, receivedAtUs: DAY_START_US, values: { flow: 1 } })]);
    assert.equal(await tier.floor(systemScope, { client, point: "point-1" }), -Infinity);
    assert.deepEqual(await read(tier, client), [1]);
  }));

  it("raises a floor durably, never lowers it, and forgets what lies below", () => withTier(context, null, async (fixture) => {
    const client = newClient();
    const key = { client, point: "point-1" };
    await fixture.tier.write(series({ client, fromUs: DAY_START_US, stepUs: HOUR_US, count: 10 }));
    await fixture.tier.raiseFloor(systemScope, key, DAY_START_US + 4 * HOUR_US);
    await fixture.tier.raiseFloor(systemScope, key, DAY_START_US + HOUR_US);
    for (const reopened of [false, true]) {
      if (reopened) await fixture.reopen();
      assert.equal(await fixture.tier.floor(systemScope, key), DAY_START_US + 4 * HOUR_US);
      assert.deepEqual(await read(fixture.tier, client), [4, 5, 6, 7, 8, 9]);
      assert.equal((await fixture.tier.digest(systemScope, key, DAY_START_US)).facts, 6);
    }
    const again = await fixture.tier.write(series({ client, fromUs: DAY_START_US, stepUs: HOUR_US, count: 5 }));
    assert.deepEqual(countsOf(again), counts({ belowFloor: 4, duplicate: 1 }));
    await fixture.tier.raiseFloor(systemScope, key, DAY_START_US + DAY_US);
    assert.deepEqual(await read(fixture.tier, client), []);
    assert.deepEqual(await fixture.tier.latest(systemScope, [key]), []);
    await assert.rejects(fixture.tier.raiseFloor(systemScope, key, NaN), (error) => hasCode(error, "bad-request"));
  }));

  it("keeps the greater of a floor raised before the first fact and the one that begins with it", () => withTier(context, retentionMs, async (fixture) => {
    const client = newClient();
    for (const [point, raisedUs, expectedUs] of [["low", 0, DAY_START_US - 3 * DAY_US], ["high", DAY_START_US, DAY_START_US]] as const) {
      await fixture.tier.raiseFloor(systemScope, { client, point }, raisedUs);
      assert.equal(await fixture.tier.floor(systemScope, { client, point }), raisedUs);
      await fixture.reopen();
      await fixture.tier.write([measurement({ client, point, instantUs: DAY_START_US, values: { flow: 1 } })]);
      assert.equal(await fixture.tier.floor(systemScope, { client, point }), expectedUs);
    }
  }));
}
