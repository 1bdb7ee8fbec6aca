import assert from "node:assert/strict";
import { test } from "node:test";
import { parseCatalog } from "./catalog.ts";
import { catalogOf } from "./test-series.ts";

test("a good row comes back with its defaults", () => {
  const [series] = parseCatalog(catalogOf({})).series;
  assert.deepEqual([series?.from, series?.to, series?.skipSilence, series?.keys[0]?.totaliser], ["", "", false, true]);
});

const WRONG: readonly [string, unknown, RegExp][] = [
  ["no object", [], /^catalog: an object/],
  ["no datasets", { series: [] }, /^datasets: an object/],
  ["no series", catalogOf(), /^series: a list/],
  ["an unknown dataset", catalogOf({ dataset: "elsewhere" }), /^series\[0\]\.dataset: one of homes/],
  ["an unknown format", catalogOf({ format: "xml" }), /^series\[0\]\.format: one of daiad-meter/],
  ["an unknown style", catalogOf({}, { device: "b", style: "loud" }), /^series\[1\]\.style/],
  ["an unknown time", catalogOf({ time: "tomorrow" }), /^series\[0\]\.time/],
  ["an empty name", catalogOf({ name: { es: "", en: "x" } }), /^series\[0\]\.name\.es: a text/],
  ["a column that is none", catalogOf({ keys: [{ key: "k", unit: "L", column: -1 }] }), /^series\[0\]\.keys\[0\]\.column: a whole number/],
  ["a device twice", catalogOf({}, {}), /^series: a device is listed twice/],
];

for (const [what, value, message] of WRONG) {
  test(`refuses ${what} and names the field`, () => {
    assert.throws(() => parseCatalog(value), { message });
  });
}
