import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { guessEntries } from "./entries.ts";
import { changeFeeds, MAX_FEEDS_PER_DEVICE, MAX_POINTS_PER_KEY, type FeedChange } from "./feeds.ts";
import { changeEntries } from "./key-change.ts";
import { feedingKeys } from "./point-feed.ts";
import type { DeviceRecord, DirectoryFeed } from "./records.ts";

const owner = { client: "acme", device: "baro" };
const keys = [{ key: "presion", unit: "hPa" }, { key: "temp", unit: "Cel" }, { key: "other", unit: "kPa" }];
const barometer: DeviceRecord = { ...owner, state: "active", entries: guessEntries(owner, keys, []), labels: {}, keysSeen: [], firstSeenAtUs: 1, directoryVersion: 1, changedAtUs: 1 };

const feed = (point: string, more: Partial<FeedChange> = {}): FeedChange => ({ key: "presion", point, variable: "barometric_pressure", ...more });
const after = (...changes: readonly FeedChange[]): DeviceRecord => changes.reduce<DeviceRecord>((device, change) => ({ ...device, feeds: changeFeeds(device, [change]) }), barometer);
const spans = ({ feeds = [] }: DeviceRecord): unknown[] => feeds.map(({ point, variable, validFromUs, validUntilUs }) => [point, variable, validFromUs, validUntilUs]);
const why = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    return (error as { why?: string }).why ?? String(error);
  }
  return "";
};

describe("feeds of a device", () => {
  test("a word holds between its instants, over what was said before", () => {
    assert.deepEqual(spans(after(feed("w1"))), [["w1", "barometric_pressure", null, null]]);
    assert.deepEqual(spans(after(feed("w1", { validFromUs: 100 }), feed("w1", { validUntilUs: 200 }))), [["w1", "barometric_pressure", null, null]], "seams are closed");
    assert.deepEqual(spans(after(feed("w1"), feed("w1", { removed: true, validFromUs: 100, validUntilUs: 200 }))), [["w1", "barometric_pressure", null, 100], ["w1", "barometric_pressure", 200, null]]);
    assert.deepEqual(spans(after(feed("w1"), feed("w1", { variable: "pressure", validFromUs: 50 }))), [["w1", "barometric_pressure", null, 50], ["w1", "pressure", 50, null]]);
    assert.deepEqual(spans(after(feed("w2"), feed("w1"), feed("w2", { removed: true }))), [["w1", "barometric_pressure", null, null]]);
    assert.deepEqual(spans(after({ key: "presion", point: "w1" })), [["w1", "pressure", null, null]], "the key's own variable when none is named");
  });

  test("whatever is said in whatever order, an instant is what was said of it last", () => {
    const word = fc.record({ from: fc.option(fc.integer({ min: 0, max: 9 }), { nil: null }), length: fc.option(fc.integer({ min: 1, max: 5 }), { nil: null }), removed: fc.boolean(), variable: fc.constantFrom("barometric_pressure", "pressure") });
    fc.assert(fc.property(fc.array(word, { maxLength: 8 }), (words) => {
      const changes = words.map(({ from, length, removed, variable }) => feed("w1", { variable, removed, validFromUs: from, validUntilUs: length === null ? null : (from ?? 0) + length }));
      const { feeds = [] } = after(...changes);
      for (let at = -1; at < 16; at++) {
        const said = changes.findLast(({ validFromUs, validUntilUs }) => (validFromUs ?? -Infinity) <= at && at < (validUntilUs ?? Infinity));
        const held = feeds.filter(({ validFromUs, validUntilUs }) => (validFromUs ?? -Infinity) <= at && at < (validUntilUs ?? Infinity));
        assert.ok(held.length <= 1);
        assert.equal(held[0]?.variable, said === undefined || said.removed === true ? undefined : said.variable);
      }
      assert.deepEqual(changeFeeds({ ...barometer, feeds }, []), feeds);
    }));
  });

  test("what cannot be is refused by name", () => {
    assert.equal(why(() => after(feed("w1", { key: "nobody" }))), "unknown-key");
    assert.equal(why(() => after(feed("w1", { validFromUs: 5, validUntilUs: 5 }))), "feed-period");
    assert.equal(why(() => after(feed("w1", { variable: "Aire" }))), "variable-id");
    assert.equal(why(() => after(feed("w1", { variable: "level" }))), "unit");
    assert.equal(why(() => after(feed("w1"), feed("w1", { key: "other" }))), "shared-variable");
    assert.equal(why(() => after(feed("w1", { validUntilUs: 9 }), feed("w1", { key: "other", validFromUs: 9 }))), "", "one after the other");
    const own = barometer.entries[0]?.point ?? "";
    assert.equal(why(() => after(feed(own, { variable: "pressure" }))), "fed-already");
    const ignored = { ...barometer, entries: changeEntries(barometer, [{ key: "presion", ignored: true }]) };
    assert.equal(why(() => changeFeeds(ignored, [feed("w1")])), "feed-ignored");
  });

  test("a key feeds so many points, a device has so many periods, and no more", () => {
    const many = (count: number, key = "presion"): FeedChange[] => Array.from({ length: count }, (_, at) => ({ ...feed(`w${at}`), key }));
    assert.equal(changeFeeds(barometer, many(MAX_POINTS_PER_KEY)).length, MAX_POINTS_PER_KEY);
    assert.equal(why(() => changeFeeds(barometer, many(MAX_POINTS_PER_KEY + 1))), "too-many-feeds");
    const periods = Array.from({ length: MAX_FEEDS_PER_DEVICE + 1 }, (_, at) => feed(`w${at % 100}`, { validFromUs: at * 10, validUntilUs: at * 10 + 5 }));
    assert.equal(why(() => changeFeeds(barometer, periods)), "too-many-feeds");
  });

  test("a change of the key's own meaning that its feeds cannot follow is refused, and one that they can is taken", () => {
    const fed = after(feed("w1"));
    assert.equal(why(() => changeEntries(fed, [{ key: "presion", variable: "level", unit: "m" }])), "unit");
    assert.equal(changeEntries(fed, [{ key: "presion", variable: "barometric_pressure" }]).length, keys.length);
    assert.equal(why(() => changeEntries(fed, [{ key: "other", variable: "barometric_pressure", point: "w1" }])), "shared-variable");
  });

  test("a point shows the keys that feed it beside their own, but none that has ended where another gives the variable", () => {
    const second: DeviceRecord = { ...barometer, device: "baro-2", feeds: [{ key: "presion", point: "w1", variable: "barometric_pressure", validFromUs: 100, validUntilUs: null } satisfies DirectoryFeed] };
    const first = after(feed("w1", { validUntilUs: 100 }));
    assert.deepEqual(feedingKeys("w1", [first, second]).map(({ device, entry }) => [device, entry.key, entry.variable, entry.unit]), [["baro-2", "presion", "barometric_pressure", "mbar"]]);
    assert.deepEqual(feedingKeys("w1", [first]).map(({ device }) => device), ["baro"]);
    assert.deepEqual(feedingKeys("w2", [first, second]), []);
  });
});
