import assert from "node:assert/strict";
import { test } from "node:test";
import { guessVariable, keyName, storedUnit } from "./guess.ts";
import { pointIdOf } from "./point-id.ts";

const cases: readonly [key: string, unit: string | null, variable: string, guessedUnit: string][] = [
  ["flow_lps", null, "flow", "L/s"],
  ["flow", null, "flow", "L/s"],
  ["flow", "m3/h", "flow", "m3/h"],
  ["caudal", "L/min", "flow", "L/min"],
  ["total_l", null, "total", "L"],
  ["total_m3", null, "total", "m3"],
  ["Totalizado", "M3", "total", "m3"],
  ["Nivel Freat", "m", "level", "m"],
  ["Flujo Insta", "l/s", "flow", "L/s"],
  ["water_level", null, "level", "m"],
  ["stage", "ft", "level", "ft"],
  ["temperature_celsius", null, "temperature", "Cel"],
  ["pressure_psi", null, "pressure", "psi"],
  ["co2_vol", null, "co2", "vol"],
  ["batteryV", null, "battery", "V"],
  ["do", "mg/L", "dissolved_oxygen", "mg/L"],
  ["conductivity_us_cm", null, "conductivity", "uS/cm"],
  ["AI23", null, "ai23", ""],
  ["REG4", "kWh", "reg4", "kWh"],
];

for (const [key, unit, variable, guessedUnit] of cases) {
  test(`${key}${unit === null ? "" : ` in ${unit}`} seems to be ${variable} in ${guessedUnit || "its own unit"}`, () => {
    assert.deepEqual(guessVariable(key, unit), { variable, unit: guessedUnit });
  });
}

test("a name whose unit belongs to another quantity is not taken at its word", () => {
  assert.deepEqual(guessVariable("level", "L/s"), { variable: "level_lps", unit: "L/s" });
  assert.deepEqual(guessVariable("flow", "kWh"), { variable: "flow_kwh", unit: "kWh" });
});

test("a key of nothing but signs still has a name", () => {
  assert.equal(keyName("¿?"), "value");
  assert.equal(keyName("Presión (bar)"), "presion_bar");
});

test("facts are stored in the variable's unit, and in the quantity's first unit for variables of the source's own", () => {
  assert.equal(storedUnit("flow", "m3/h"), "L/s");
  assert.equal(storedUnit("tank", "cm"), "m");
  assert.equal(storedUnit("reg4", "kWh"), "kWh");
  assert.equal(storedUnit("flow", "bar"), "kPa");
});

test("a point's id is the same for ever and differs by client, device and channel", () => {
  const id = pointIdOf("demo", "W-07");
  assert.equal(id, pointIdOf("demo", "W-07", ""));
  assert.match(id, /^[0-9a-hjkmnp-tv-z]{20}$/);
  const others = [pointIdOf("demo2", "W-07"), pointIdOf("demo", "W-08"), pointIdOf("demo", "W-07", "b"), pointIdOf("dem", "oW-07")];
  assert.equal(new Set([id, ...others]).size, 5);
});
