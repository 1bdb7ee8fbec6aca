import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { systemScope, type RangeQuery, type SeriesTier } from "@caudal/core";
import type { Measurement } from "@caudal/schemas";
import { withEngine } from "../../../tools/engines/for-tests.ts";
import { bareClient, dropKeyspace, testKeyspace } from "../test-keyspace.ts";
import { openCassandraTier } from "./open-tier.ts";

const HOUR_US = 3_600_000_000;
const DAY_US = 24 * HOUR_US;
const START_US = Date.UTC(2026, 2, 10, 5) * 1000;
const STEP_US = 5_000_000;
const point = { client: "fast-client", point: "fast" };

withEngine("cassandra", (serverUrl) => {
  describe("partitions of a point faster than 10 s", () => {
    const { url, keyspace } = testKeyspace(serverUrl, "days");
    let tier: SeriesTier;
    /** Opened and asked about the point before it was known to be fast: for a minute it goes on writing months. */
    let unaware: SeriesTier;
    const spans = async (): Promise<string[]> => {
      const client = await bareClient(serverUrl);
      const { rows } = await client.execute(`SELECT span FROM ${keyspace}.cold_spans WHERE client = ? AND point = ?`, [point.client, point.point], { prepare: true });
      await client.shutdown();
      return rows.map((row) => row["span"] as string);
    };
    before(async () => {
      tier = await openCassandraTier({ url, name: "cold" });
      unaware = await openCassandraTier({ url, name: "cold" });
      await unaware.write(series(START_US - HOUR_US, 1));
    });
    after(async () => {
      await Promise.all([tier.close(), unaware.close()]);
      await dropKeyspace(serverUrl, keyspace);
    });

    it("become days from a day on that lies ahead, and what was before stays", async () => {
      await tier.write(series(START_US, 4400));
      assert.deepEqual(await spans(), ["2026-03"]);
      await tier.write(series(Date.UTC(2026, 2, 11, 23, 59, 50) * 1000, 4));
      await tier.write(series(Date.UTC(2026, 2, 12, 12) * 1000, 3));
      assert.deepEqual(await spans(), ["2026-03", "2026-03-12"]);
    });

    it("are read as one in both directions, whoever wrote into which", async () => {
      await unaware.write(series(Date.UTC(2026, 2, 12, 12) * 1000 + 1, 3));
      await unaware.write(series(Date.UTC(2026, 2, 31, 23, 59, 50) * 1000, 2));
      const all = await instants(tier, { ...point, fromUs: -Infinity, toUs: Infinity });
      assert.equal(all.length, 1 + 4400 + 4 + 6 + 2);
      assert.deepEqual(all.toSorted((a, b) => a - b), all);
      assert.deepEqual(await instants(tier, { ...point, fromUs: -Infinity, toUs: Infinity, order: "descending" }), all.toReversed());
      const noonUs = Date.UTC(2026, 2, 12, 12) * 1000;
      const around = { ...point, fromUs: noonUs, toUs: noonUs + STEP_US + 1 };
      assert.deepEqual(await instants(tier, around), [noonUs, noonUs + 1, noonUs + STEP_US]);
      assert.deepEqual(await instants(tier, { ...around, order: "descending", limit: 2 }), [noonUs + STEP_US, noonUs + 1]);
      assert.equal((await tier.digest(systemScope, point, Date.UTC(2026, 2, 12) * 1000)).facts, 8);
    });

    it("tell what is there already, in the month too", async () => {
      const again = await tier.write(series(Date.UTC(2026, 2, 12, 12) * 1000 + 1, 2));
      assert.deepEqual({ stored: again.stored, duplicate: again.duplicate }, { stored: 0, duplicate: 2 });
    });

    it("are refused beyond a limit, unless rows are limited", async () => {
      const narrow = await openCassandraTier({ url, name: "cold", maxPartitionsPerRead: 1 });
      try {
        await assert.rejects(instants(narrow, { ...point, fromUs: -Infinity, toUs: Infinity }), { code: "bad-request" });
        assert.equal((await instants(narrow, { ...point, fromUs: -Infinity, toUs: Infinity, limit: 1 })).length, 1);
        await assert.rejects(instants(narrow, { ...point, fromUs: -Infinity, toUs: Infinity, limit: 1, variables: ["never-seen"] }), { code: "bad-request" });
        assert.equal((await instants(narrow, { ...point, fromUs: -Infinity, toUs: START_US + HOUR_US })).length, 721);
      } finally {
        await narrow.close();
      }
    });

    it("go below a floor: whole ones, and the part of one", async () => {
      const floorUs = Date.UTC(2026, 2, 12, 12) * 1000 + STEP_US;
      await tier.raiseFloor(systemScope, point, floorUs);
      assert.deepEqual(await spans(), ["2026-03", "2026-03-12"]);
      assert.equal((await instants(unaware, { ...point, fromUs: -Infinity, toUs: Infinity })).length, 6);
      await tier.raiseFloor(systemScope, point, Date.UTC(2026, 2, 13) * 1000);
      assert.deepEqual(await spans(), ["2026-03"]);
      await tier.raiseFloor(systemScope, point, Date.UTC(2026, 3, 1) * 1000);
      assert.deepEqual(await spans(), []);
      assert.equal(await unaware.floor(systemScope, point), Date.UTC(2026, 3, 1) * 1000);
    });
  });
});

function series(fromUs: number, count: number): Measurement[] {
  return Array.from({ length: count }, (_, i) => {
    const instantUs = fromUs + i * STEP_US;
    return {
      ...point, eventId: String(instantUs), device: "", channel: "", source: "test", transport: "test", instantUs, observedAtUs: null, receivedAtUs: instantUs, authority: 0,
      knownAtUs: instantUs, causeId: "", labels: {}, facts: [{ variable: "flow", value: instantUs % DAY_US, flag: 1, reasons: [] }],
    };
  });
}

async function instants(tier: SeriesTier, query: RangeQuery): Promise<number[]> {
  const found: number[] = [];
  for await (const { timesUs } of tier.read(systemScope, query)) found.push(...timesUs);
  return found;
}
