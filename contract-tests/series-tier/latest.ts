import assert from "node:assert/strict";
import { it } from "node:test";
import { systemScope } from "@caudal/core";
import { newClient, withTier, type SuiteContext } from "./fixture.ts";
import { sortedLatest } from "./rows.ts";
import { DAY_START_US, measurement, MINUTE_US, series, shuffled } from "./samples.ts";

export function latestTests(context: SuiteContext): void {
  it("gives each variable's newest fact by instant, in whatever order they came", () => withTier(context, null, async (fixture) => {
    const client = newClient();
    const batch = [
      ...series({ client, fromUs: DAY_START_US, stepUs: MINUTE_US, count: 20, variables: ["flow", "total"] }),
      measurement({ client, instantUs: DAY_START_US - MINUTE_US, values: { battery: 3.6 }, flag: 3, reasons: ["late"], knownAtUs: 77, authority: 1 }),
    ];
    for (const one of shuffled(batch, 5)) await fixture.tier.write([one]);
    const expected = [
      { variable: "battery", instantUs: DAY_START_US - MINUTE_US, value: 3.6, flag: 3, reasons: ["late"], authority: 1, knownAtUs: 77 },
      { variable: "flow", instantUs: DAY_START_US + 19 * MINUTE_US, value: 19, flag: 1, reasons: [], authority: 0, knownAtUs: DAY_START_US + 19 * MINUTE_US },
      { variable: "total", instantUs: DAY_START_US + 19 * MINUTE_US, value: 19.1, flag: 1, reasons: [], authority: 0, knownAtUs: DAY_START_US + 19 * MINUTE_US },
    ].map((fact) => ({ client, point: "point-1", ...fact }));
    for (const reopened of [false, true]) {
      if (reopened) await fixture.reopen();
      assert.deepEqual(sortedLatest(await fixture.tier.latest(systemScope, [{ client, point: "point-1" }])), expected);
    }
  }));

  it("answers for many points at once and leaves out those without facts", () => withTier(context, null, async ({ tier }) => {
    const client = newClient();
    const points = Array.from({ length: 300 }, (_, i) => `p${i}`);
    await tier.write(points.map((point, i) => measurement({ client, point, instantUs: DAY_START_US + i, values: { flow: i } })));
    const asked = [...points, "nowhere"].map((point) => ({ client, point }));
    const latest = await tier.latest(systemScope, asked);
    assert.deepEqual(new Map(latest.map(({ point, value }) => [point, value])), new Map(points.map((point, i) => [point, i])));
    assert.equal(latest.length, 300);
    assert.deepEqual(await tier.latest(systemScope, []), []);
  }));

  it("falls back to the fact before when the newest is withdrawn", () => withTier(context, null, async (fixture) => {
    const client = newClient();
    const key = { client, point: "point-1" };
    const withdraw = (minute: number) => fixture.tier.write([measurement({
      client, instantUs: DAY_START_US + minute * MINUTE_US, values: { flow: null }, flag: 4, reasons: ["withdrawn"], authority: 1,
    })]);
    const newest = async () => (await fixture.tier.latest(systemScope, [key])).map(({ instantUs }) => (instantUs - DAY_START_US) / MINUTE_US);
    await fixture.tier.write(series({ client, fromUs: DAY_START_US, stepUs: MINUTE_US, count: 5 }));
    await withdraw(4);
    assert.deepEqual(await newest(), [3]);
    await withdraw(2);
    await withdraw(3);
    await fixture.reopen();
    assert.deepEqual(await newest(), [1]);
    await fixture.tier.write([measurement({ client, instantUs: DAY_START_US + 1.5 * MINUTE_US, values: { flow: 1.5 } })]);
    assert.deepEqual(await newest(), [1.5]);
    await withdraw(0);
    await withdraw(1);
    await withdraw(1.5);
    assert.deepEqual(await newest(), []);
  }));
}
