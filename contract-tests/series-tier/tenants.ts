import assert from "node:assert/strict";
import { it } from "node:test";
import { digestOf, hasCode, systemScope } from "@caudal/core";
import { newClient, withTier, type SuiteContext } from "./fixture.ts";
import { everything, readRows } from "./rows.ts";
import { DAY_START_US, measurement, MINUTE_US, series } from "./samples.ts";

export function tenantTests(context: SuiteContext): void {
  it("shows a scope only its own clients", () => withTier(context, null, async ({ tier }) => {
    const [mine, other] = [newClient(), newClient()];
    await tier.write([mine, other].map((client) => measurement({ client, instantUs: DAY_START_US, values: { flow: 1 } })));
    const scope = { clients: [mine] };
    const key = { client: other, point: "point-1" };
    assert.deepEqual(await readRows(tier, { ...key, ...everything }, scope), []);
    assert.deepEqual((await tier.latest(scope, [key, { ...key, client: mine }])).map(({ client }) => client), [mine]);
    assert.deepEqual(await tier.digest(scope, key, DAY_START_US), digestOf([]));
    assert.equal(await tier.floor(scope, key), undefined);
    await assert.rejects(tier.raiseFloor(scope, key, DAY_START_US + 1), (error) => hasCode(error, "forbidden"));
    assert.equal((await readRows(tier, { ...key, ...everything })).length, 1);
    assert.equal((await readRows(tier, { ...key, client: mine, ...everything }, scope)).length, 1);
  }));

  it("erases all that a client has and nothing else", () => withTier(context, 3 * 86_400_000, async (fixture) => {
    const [gone, stays] = [newClient(), newClient()];
    const write = (client: string) => fixture.tier.write(["a", "b"].flatMap((point) => series({ client, point, fromUs: DAY_START_US, stepUs: MINUTE_US, count: 20 })));
    await write(gone);
    await write(stays);
    assert.deepEqual(await fixture.tier.eraseClient(gone), { points: 2 });
    for (const reopened of [false, true]) {
      if (reopened) await fixture.reopen();
      assert.deepEqual(await readRows(fixture.tier, { client: gone, point: "a", ...everything }), []);
      assert.deepEqual(await fixture.tier.latest(systemScope, [{ client: gone, point: "b" }]), []);
      assert.equal(await fixture.tier.floor(systemScope, { client: gone, point: "a" }), undefined);
      assert.equal((await readRows(fixture.tier, { client: stays, point: "b", ...everything })).length, 20);
    }
    assert.deepEqual(await fixture.tier.eraseClient(gone), { points: 0 });
    assert.equal((await write(gone)).stored, 40, "it may come back");
    assert.equal((await readRows(fixture.tier, { client: gone, point: "a", ...everything })).length, 20);
  }));
}
