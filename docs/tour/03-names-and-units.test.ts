/*
 * 3. Names and units
 *
 * A source calls its values as it likes. Mapping guesses variable and unit from the name and shows the guess as a guess; a person confirms or corrects
 * it, and then the past is mapped anew from the raw archive. Facts are stored in one unit a variable, so that nobody adds litres to cubic metres.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { convert, guessVariable, parseUnit, pointIdOf, storedUnit, type UnitRow } from "@caudal/core";

function unit(text: string): UnitRow {
  const row = parseUnit(text);
  assert.ok(row);
  return row;
}

test("names in two languages, with the unit in the name or beside it", () => {
  assert.deepEqual(guessVariable("caudal_lps"), { variable: "flow", unit: "L/s" });
  assert.deepEqual(guessVariable("Totalizado", "M3"), { variable: "total", unit: "m3" });
  assert.deepEqual(guessVariable("water_level"), { variable: "level", unit: "m" });
});

test("a key that says nothing keeps its own name, and is a variable all the same", () => {
  assert.deepEqual(guessVariable("AI23"), { variable: "ai23", unit: "" });
});

test("conversion rounds once, to fifteen digits; a value in its own unit is not touched at all", () => {
  assert.equal(convert(46.8, unit("m3/h"), unit("L/s")), 13);
  assert.equal(convert(0.1, unit("L"), unit("m3")), 0.0001);
  assert.equal(convert(999_999_999_999.999, unit("m3"), unit("m3")), 999_999_999_999.999);
  assert.equal(storedUnit("flow", "m3/h"), "L/s");
});

test("a point's id follows from client, device and channel, so replaying the past gives the same points", () => {
  assert.equal(pointIdOf("apr-norte", "pozo-1"), pointIdOf("apr-norte", "pozo-1"));
  assert.notEqual(pointIdOf("apr-norte", "pozo-1"), pointIdOf("apr-sur", "pozo-1"));
});
