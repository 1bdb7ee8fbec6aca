import assert from "node:assert/strict";
import { it } from "node:test";
import { systemScope } from "@caudal/core";
import { newClient, withTier, type SuiteContext } from "./fixture.ts";
import { everything, readRows, rowsOf } from "./rows.ts";
import { DAY_START_US, MINUTE_US, series, shuffled } from "./samples.ts";

export function volumeTests(context: SuiteContext): void {
  it("takes 50,000 facts in one batch, out of order", () => withTier(context, null, async (fixture) => {
    const client = newClient();
    const batch = series({ client, fromUs: DAY_START_US, stepUs: MINUTE_US, count: 25_000, variables: ["flow", "total"] });
    const result = await fixture.tier.write(shuffled(batch));
    assert.equal(result.stored, 50_000);
    await fixture.reopen();
    const rows = await readRows(fixture.tier, { client, point: "point-1", ...everything });
    assert.deepEqual(rows.map(({ facts }) => facts["flow"]?.value), batch.map((_, i) => i));
  }));

  it("streams a long range in bounded blocks while writes go on", () => withTier(context, null, async ({ tier }) => {
    const client = newClient();
    const key = { client, point: "point-1" };
    const count = 20_000;
    await tier.write(series({ client, fromUs: DAY_START_US, stepUs: MINUTE_US, count }));
    let rows = 0;
    let blocks = 0;
    for await (const block of tier.read(systemScope, { ...key, fromUs: DAY_START_US, toUs: DAY_START_US + count * MINUTE_US })) {
      for (const { facts } of rowsOf(block)) if (facts["flow"] !== undefined) assert.equal(facts["flow"].value, rows++);
      blocks += 1;
      // Beside what is read, behind it and before it.
      await tier.write([
        ...series({ client, point: "point-2", fromUs: DAY_START_US, stepUs: MINUTE_US, count: 10 }),
        ...series({ client, fromUs: DAY_START_US - blocks * MINUTE_US, stepUs: MINUTE_US, count: 1 }),
        ...series({ client, fromUs: DAY_START_US + (count + blocks) * MINUTE_US, stepUs: MINUTE_US, count: 1 }),
        ...series({ client, fromUs: DAY_START_US + (count - blocks) * MINUTE_US + 1, stepUs: 1, count: 1, variables: ["level"] }),
      ]);
    }
    assert.equal(rows, count);
    assert.ok(blocks > 1, "one block would not be a stream");
  }));

  it("counts what many writers send at once", () => withTier(context, null, async ({ tier }) => {
    const client = newClient();
    const batches = Array.from({ length: 40 }, (_, i) => series({ client, point: `p${i % 4}`, fromUs: DAY_START_US, stepUs: MINUTE_US, count: 50 }));
    const results = await Promise.all(batches.map((batch) => tier.write(batch)));
    const total = (pick: "stored" | "duplicate"): number => results.reduce((sum, result) => sum + result[pick], 0);
    assert.equal(total("stored") + total("duplicate"), 2000);
    if (context.quirks.roughCounts === undefined) assert.equal(total("stored"), 200);
    assert.equal((await readRows(tier, { client, point: "p3", ...everything })).length, 50);
  }));
}
