import assert from "node:assert/strict";
import { it } from "node:test";
import { hasCode, systemScope, type PackResult, type PointKey, type RangeQuery, type SeriesTier } from "@caudal/core";
import { newClient, withTier, type SeriesTierFixture, type SuiteContext } from "./fixture.ts";
import { counts, countsOf, everything, readRows, rowsOf, sortedLatest } from "./rows.ts";
import { DAY_START_US, DAY_US, HOUR_US, measurement, MINUTE_US, series } from "./samples.ts";

type PackingTier = SeriesTier & Required<Pick<SeriesTier, "pack" | "unpackedDay">>;

const NOTHING: PackResult = { facts: 0, left: 0, bytesBefore: 0, bytesAfter: 0 };
const withdrawal = { values: { flow: null }, flag: 4, reasons: ["withdrawn"] };

/** Only where a tier packs; all samples lie long ago. */
export function packingTests(context: SuiteContext): void {
  const packing = (work: (tier: () => PackingTier, fixture: SeriesTierFixture) => Promise<void>) => () => withTier(context, null, async (fixture) => {
    const { pack, unpackedDay } = fixture.tier;
    assert.equal(pack === undefined, unpackedDay === undefined, "both or none");
    if (pack !== undefined) await work(() => fixture.tier as PackingTier, fixture);
  });

  it("packing changes nothing that can be read, before and after it was opened again", packing(async (tier, fixture) => {
    const key = { client: newClient(), point: "point-1" };
    await tier().write(mixed(key));
    const before = await all(tier(), key);
    const result = await tier().pack(key, DAY_START_US);
    assert.deepEqual([result.facts, result.left], [mixed(key).filter(isOfDay).length + 1, 0]);
    assert.ok(result.bytesBefore > 0 && result.bytesAfter > 0);
    for (const reopened of [false, true]) {
      if (reopened) await fixture.reopen();
      assert.deepEqual(await all(tier(), key), before);
      assert.deepEqual(await tier().pack(key, DAY_START_US), NOTHING, "a second time there is nothing to do");
    }
  }));

  it("what comes later is merged on read, counted as it is, and folded in at the next packing", packing(async (tier) => {
    const key = { client: newClient(), point: "point-1" };
    const [packed, loose] = [{ ...key, point: "packed" }, { ...key, point: "loose" }];
    const write = async (of: (key: PointKey) => Parameters<SeriesTier["write"]>[0]): Promise<ReturnType<typeof countsOf>[]> =>
      Promise.all([packed, loose].map(async (one) => countsOf(await tier().write(of(one)))));
    await write(mixed);
    await tier().pack(packed, DAY_START_US);
    const again = await write(mixed);
    assert.deepEqual(again[0], counts({ duplicate: mixed(key).reduce((sum, { facts }) => sum + facts.length, 0) }));
    const later = (one: PointKey) => [
      measurement({ ...one, instantUs: DAY_START_US + 3 * HOUR_US, values: { flow: 77 }, knownAtUs: DAY_START_US + 9 * DAY_US, authority: 1 }),
      measurement({ ...one, instantUs: DAY_START_US + 4 * HOUR_US, values: { flow: -1 }, knownAtUs: 1 }),
      measurement({ ...one, instantUs: DAY_START_US + 90 * MINUTE_US, values: { flow: 5, level: 6 } }),
      measurement({ ...one, instantUs: DAY_START_US + 23 * HOUR_US, ...withdrawal, knownAtUs: DAY_START_US + 9 * DAY_US }),
    ];
    const [ofPacked, ofLoose] = await write(later);
    if (context.quirks.roughCounts === undefined) assert.deepEqual(ofPacked, ofLoose);
    const shown = async (one: PointKey) => JSON.parse(JSON.stringify(await all(tier(), one)).replaceAll(one.point, "point")) as unknown;
    assert.deepEqual(await shown(packed), await shown(loose));
    assert.equal(await tier().unpackedDay(packed, -Infinity, Infinity), DAY_START_US - DAY_US);
    assert.equal(await tier().unpackedDay(packed, DAY_START_US, Infinity), DAY_START_US);
    assert.equal((await tier().pack(packed, DAY_START_US)).facts, 5);
    assert.equal(await tier().unpackedDay(packed, DAY_START_US, DAY_START_US + DAY_US), undefined);
    assert.deepEqual(await shown(packed), await shown(loose));
    assert.deepEqual((await write(later))[0], counts({ duplicate: 5 }));
  }));

  it("packed days are erased with their client, come back empty, and go below a floor", packing(async (tier, fixture) => {
    const [gone, stays] = [newClient(), newClient()].map((client) => ({ client, point: "point-1" })) as [PointKey, PointKey];
    for (const key of [gone, stays]) {
      await tier().write(mixed(key));
      for (const day of [DAY_START_US - DAY_US, DAY_START_US]) await tier().pack(key, day);
    }
    await tier().eraseClient(gone.client);
    assert.deepEqual(await readRows(tier(), { ...gone, ...everything }), []);
    await tier().write([measurement({ ...gone, instantUs: DAY_START_US + MINUTE_US, values: { flow: 1 } })]);
    await fixture.reopen();
    assert.equal((await readRows(tier(), { ...gone, ...everything })).length, 1, "the packed day came back with it");
    const before = (await all(tier(), stays)).rows;
    await tier().raiseFloor(systemScope, stays, DAY_START_US + 5 * HOUR_US);
    assert.deepEqual((await all(tier(), stays)).rows, before.filter(({ instantUs }) => instantUs >= DAY_START_US + 5 * HOUR_US));
    await tier().raiseFloor(systemScope, stays, DAY_START_US + 9 * DAY_US);
    assert.deepEqual((await all(tier(), stays)).rows, []);
  }));

  it("writes and packings under way at once lose nothing", packing(async (tier) => {
    const key = { client: newClient(), point: "point-1" };
    const minutes = series({ ...key, fromUs: DAY_START_US, stepUs: MINUTE_US, count: 600 });
    const batches = Array.from({ length: 12 }, (_, i) => minutes.filter((_, minute) => minute % 12 === i));
    const packed: PackResult[] = [];
    await Promise.all(batches.flatMap((batch) => [tier().write(batch), tier().pack(key, DAY_START_US).then((result) => packed.push(result))]));
    packed.push(await tier().pack(key, DAY_START_US));
    assert.deepEqual((await readRows(tier(), { ...key, ...everything })).map(({ facts }) => facts["flow"]?.value), minutes.map((_, i) => i));
    assert.equal(packed.reduce((sum, { facts }) => sum + facts, 0), 600, "each fact was packed once");
  }));

  it("refuses a day that may still be written, and knows no day of a point without facts", packing(async (tier) => {
    const key = { client: newClient(), point: "nowhere" };
    const today = Math.floor((Date.now() * 1000) / DAY_US) * DAY_US;
    for (const day of [today, today - 2 * DAY_US, DAY_START_US + 1, NaN]) await assert.rejects(tier().pack(key, day), (error) => hasCode(error, "bad-request"), String(day));
    assert.deepEqual(await tier().pack(key, DAY_START_US), NOTHING);
    assert.equal(await tier().unpackedDay(key, -Infinity, Infinity), undefined);
    await tier().write([measurement({ ...key, instantUs: today, values: { flow: 1 } })]);
    assert.equal(await tier().unpackedDay(key, -Infinity, Infinity), undefined);
  }));
}

/** A day in full, with revisions, withdrawn facts and two loggers at an instant, and some facts of the days around it. */
function mixed(key: PointKey): ReturnType<typeof series> {
  return [
    ...series({ ...key, fromUs: DAY_START_US - 2 * HOUR_US, stepUs: HOUR_US, count: 28 }),
    measurement({ ...key, instantUs: DAY_START_US, values: { level: 3, total: 1 / 3 }, knownAtUs: 5 }),
    measurement({ ...key, instantUs: DAY_START_US + 2 * HOUR_US, values: { flow: 9 }, knownAtUs: DAY_START_US + DAY_US, flag: 3, reasons: ["rate", "late"] }),
    measurement({ ...key, instantUs: DAY_START_US + 2 * HOUR_US, values: { flow: 8 }, knownAtUs: DAY_START_US - DAY_US, authority: 1 }),
    measurement({ ...key, instantUs: DAY_START_US + 7 * HOUR_US, ...withdrawal, knownAtUs: DAY_START_US + DAY_US }),
  ];
}

function isOfDay({ instantUs }: { readonly instantUs: number }): boolean {
  return instantUs >= DAY_START_US && instantUs < DAY_START_US + DAY_US;
}

/** All that can be read of a point. */
async function all(tier: SeriesTier, key: PointKey): Promise<{ readonly rows: Awaited<ReturnType<typeof readRows>>; readonly rest: unknown }> {
  const query = { ...key, ...everything };
  const rows = await readRows(tier, { ...query, includeWithdrawn: true });
  const asked: Partial<RangeQuery>[] = [
    {}, { order: "descending" }, { order: "descending", limit: 3 }, { limit: 4, fromUs: DAY_START_US + HOUR_US / 2 }, { variables: ["level"] },
    { asOfUs: DAY_START_US - HOUR_US }, { asOfUs: DAY_START_US + DAY_US / 2 }, { fromUs: DAY_START_US + 2 * HOUR_US, toUs: DAY_START_US + 7 * HOUR_US },
  ];
  const shown = [];
  for (const one of asked) if (one.asOfUs === undefined || tier.capabilities.revisions === "all") shown.push(await readRows(tier, { ...query, ...one }));
  const revisions = [];
  for await (const block of tier.read(systemScope, { ...query, includeWithdrawn: true, allRevisions: true })) revisions.push(...rowsOf(block));
  const digests = [];
  for (const day of [-1, 0, 1, 2]) digests.push(await tier.digest(systemScope, key, DAY_START_US + day * DAY_US));
  return { rows, rest: [shown, revisions, digests, sortedLatest(await tier.latest(systemScope, [key]))] };
}
