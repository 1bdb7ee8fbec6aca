import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { convert, parseUnit, storedUnitOf, unitSlug, units, type UnitRow } from "./units.ts";
import { variables } from "./variable.ts";

function unit(text: string): UnitRow {
  const row = parseUnit(text);
  assert.ok(row, text);
  return row;
}

const worked: readonly [value: number, from: string, to: string, result: number][] = [
  [46.8, "m3/h", "L/s", 13],
  [500, "m3/h", "L/s", 138.888888888889],
  [150, "L/s", "m3/h", 540],
  [7.8, "L/min", "L/s", 0.13],
  [86.4, "m3/d", "L/s", 1],
  [0.1, "L", "m3", 0.0001],
  [1234, "cm", "m", 12.34],
  [1, "ft", "m", 0.3048],
  [212, "°F", "°C", 100],
  [1, "ft3/s", "L/s", 28.316846592],
];

for (const [value, from, to, result] of worked) {
  test(`${value} ${from} is ${result} ${to}`, () => assert.equal(convert(value, unit(from), unit(to)), result));
}

test("a value in the unit that it is stored in is the very same double", () => {
  fc.assert(fc.property(fc.double({ noNaN: true }), (value) => Object.is(convert(value, unit("m3"), unit("m3")), value)));
  assert.equal(convert(999_999_999_999.999, unit("m³"), unit("m3")), 999_999_999_999.999);
});

test("there and back gives the same number to 13 digits", () => {
  fc.assert(fc.property(fc.double({ noNaN: true, min: 1e-6, max: 1e9 }), (value) => {
    const back = convert(convert(value, unit("m3/h"), unit("L/s")), unit("L/s"), unit("m3/h"));
    return Math.abs(back - value) <= Math.abs(value) * 1e-13;
  }));
});

test("units of different quantities do not convert", () => {
  assert.throws(() => convert(1, unit("bar"), unit("m")), /bar does not convert to m/);
});

test("no spelling belongs to two units, and every variable is stored in its quantity's first unit", () => {
  const spellings = units.flatMap((row) => [...new Set([row.code.toLowerCase(), ...row.aliases])]);
  assert.equal(new Set(spellings).size, spellings.length);
  for (const variable of variables) assert.equal(storedUnitOf(unit(variable.unit)).code, variable.unit, variable.id);
});

test("column names are safe even for units that nobody knows", () => {
  assert.equal(unitSlug("m³/h"), "m3ph");
  assert.equal(unitSlug("kWh / día"), "kwh_d_a");
  assert.equal(unitSlug(""), "");
});
