import assert from "node:assert/strict";
import { test } from "node:test";
import { systemScope, type SeriesTier, type TierName, type WriteResult } from "@caudal/core";
import { withEngine } from "../../../tools/engines/for-tests.ts";
import { droppedDatabaseUrl } from "../test-database.ts";
import { openMongoTier, type MongoTierOptions } from "./open-tier.ts";
import { flowsOf, sample } from "./tier-samples.ts";

const CLIENT = "client";
const POINTS = 5;
const INSTANTS = 40;
const REVISIONS = 12;
const pointNames = Array.from({ length: POINTS }, (_, p) => `p${p}`);

withEngine("mongo", (server) => {
  const url = droppedDatabaseUrl(server);

  /** Two of one tier, as two processes have it. */
  async function withTwo(name: TierName, more: Partial<MongoTierOptions>, work: (one: SeriesTier, other: SeriesTier) => Promise<void>): Promise<void> {
    const open = (): Promise<SeriesTier> => openMongoTier({ url, name, retentionMs: null, lanes: 2, ...more });
    const [one, other] = [await open(), await open()];
    try {
      await work(one, other);
      await one.eraseClient(CLIENT);
    } finally {
      await Promise.all([one.close(), other.close()]);
    }
  }

  for (const [what, more] of [["", {}], [", folding all the time", { foldAfter: { facts: 60, entries: 5 } }]] as const) {
    test(`two writers of the same points end at the greatest revision, and their counts add up${what}`, () => withTwo("warm", more, async (one, other) => {
      const results: WriteResult[] = [];
      const revise = async (tier: SeriesTier, first: number): Promise<void> => {
        // Both send every revision in another order: what one stores is the other's duplicate.
        for (let i = 0; i < REVISIONS; i++) {
          const revision = (first + i * 5) % REVISIONS;
          const batch = pointNames.flatMap((point) => Array.from({ length: INSTANTS }, (_, instant) => sample({ client: CLIENT, point, instantUs: instant * 1000, flow: revision, knownAtUs: revision })));
          results.push(await tier.write(batch));
        }
      };
      await Promise.all([revise(one, 0), revise(other, 7)]);
      const total = (key: "stored" | "superseded" | "duplicate"): number => results.reduce((sum, result) => sum + result[key], 0);
      const keys = POINTS * INSTANTS;
      assert.equal(total("stored") + total("superseded") + total("duplicate"), 2 * REVISIONS * keys);
      // Of one key the greatest revision is stored once, by whoever was first, and is the other's duplicate.
      assert.ok(total("stored") >= keys && total("stored") <= REVISIONS * keys, `${total("stored")} stored`);
      assert.ok(total("duplicate") >= keys, `${total("duplicate")} duplicates`);
      for (const tier of [one, other]) {
        for (const point of pointNames) assert.deepEqual([...new Set((await flowsOf(tier, CLIENT, point)).values())], [REVISIONS - 1]);
      }
      const again = await other.write(pointNames.map((point) => sample({ client: CLIENT, point, instantUs: 0, flow: REVISIONS - 1, knownAtUs: REVISIONS - 1 })));
      assert.equal(again.duplicate, POINTS);
    }));
  }

  test("of new facts that two send at once each is stored by exactly one", () => withTwo("hot", { foldAfter: { facts: 200, entries: 7 } }, async (one, other) => {
    const batches = Array.from({ length: 60 }, (_, b) => pointNames.flatMap((point) => Array.from({ length: 8 }, (_, i) => sample({ client: CLIENT, point, instantUs: b * 8 + i, flow: b }))));
    const write = async (tier: SeriesTier, order: readonly (typeof batches)[number][]): Promise<number> => {
      let stored = 0;
      for (const batch of order) stored += (await tier.write(batch)).stored;
      return stored;
    };
    const stored = await Promise.all([write(one, batches), write(other, batches.toReversed())]);
    assert.equal(stored[0] + stored[1], 60 * 8 * POINTS);
    for (const point of pointNames) assert.equal((await flowsOf(other, CLIENT, point)).size, 480);
  }));

  test("what one writes, raises and erases the other sees at once", () => withTwo("cold", { foldAfter: { facts: 20, entries: 3 } }, async (one, other) => {
    const key = { client: CLIENT, point: "p0" };
    for (let round = 0; round < 10; round++) {
      const [writer, reader] = round % 2 === 0 ? [one, other] : [other, one];
      await writer.write(Array.from({ length: 10 }, (_, i) => sample({ ...key, instantUs: round * 10 + i, flow: round })));
      assert.equal((await flowsOf(reader, CLIENT, "p0")).size, 10);
      assert.equal((await reader.latest(systemScope, [key]))[0]?.instantUs, round * 10 + 9);
      await reader.raiseFloor(systemScope, key, round * 10 + 5);
      assert.equal(await writer.floor(systemScope, key), round * 10 + 5);
      const late = await writer.write([sample({ ...key, instantUs: round * 10 + 4, flow: -1 }), sample({ ...key, instantUs: round * 10 + 5, flow: round })]);
      assert.deepEqual([late.belowFloor, late.duplicate], [1, 1]);
      assert.equal((await flowsOf(writer, CLIENT, "p0")).size, 5);
      await reader.raiseFloor(systemScope, key, (round + 1) * 10);
    }
    assert.deepEqual(await one.eraseClient(CLIENT), { points: 1 });
    assert.equal(await other.floor(systemScope, key), undefined);
    assert.equal((await other.write([sample({ ...key, instantUs: 1, flow: 7 })])).stored, 1);
    assert.deepEqual([...(await flowsOf(one, CLIENT, "p0"))], [[1, 7]]);
  }));
});
