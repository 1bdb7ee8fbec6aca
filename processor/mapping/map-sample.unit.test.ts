import assert from "node:assert/strict";
import { test } from "node:test";
import type { DirectoryEntry } from "@caudal/core";
import type { Reading, Sample } from "@caudal/schemas";
import { mapSample, type Placed } from "./map-sample.ts";
import { differenceOf, Mapping } from "./mapping.ts";
import { readValue } from "./sample-value.ts";
import { isSentinel } from "./sentinel.ts";

const S = 1_000_000;
const T = 1_772_366_400 * S;

function entry(key: string, variable: string, unit: string, more: Partial<DirectoryEntry> = {}): DirectoryEntry {
  return { key, channel: "", point: "p1", variable, unit, guessed: true, validFromUs: null, ...more };
}

function reading(more: Partial<Reading> = {}): Reading {
  return {
    eventId: "r1", client: "acme", device: "w-07", source: "mqtt", transport: "mqtt", origin: "t", observedAtUs: null, receivedAtUs: T, samples: [],
    contentType: "application/json", raw: Buffer.alloc(0), rawSha256: Buffer.alloc(32), labels: {}, ...more,
  };
}

function mapped(sample: Partial<Sample>, entries: readonly DirectoryEntry[], of: Partial<Reading> = {}): Placed["sample"] {
  const outcome = mapSample({ key: "k", value: 1, unit: null, timeUs: T, ...sample }, reading(of), new Mapping(1, entries), () => true);
  return outcome.kind === "keep" && outcome.value !== undefined ? outcome.value.sample : assert.fail(outcome.kind);
}

const why = (value: Sample["value"]): string => {
  const outcome = readValue(value);
  return outcome.kind === "keep" ? String(outcome.value) : outcome.kind === "drop" ? outcome.why : "";
};

test("numbers, text that is one, true and false have a value; all else says why not", () => {
  const cases: readonly (readonly [Sample["value"], string])[] = [
    [12.5, "12.5"], ["12.5", "12.5"], ["  -7 ", "-7"], [".5", "0.5"], ["5.", "5"], ["1e3", "1000"], [true, "1"], [false, "0"],
    [null, "no-value"], ["", "no-value"], ["  ", "no-value"], ["NaN", "not-numeric"], ["12,5", "not-numeric"], ["0x10", "not-numeric"], ["1e999", "not-numeric"],
    ["Online", "not-numeric"], [NaN, "not-numeric"], [Infinity, "not-numeric"],
  ];
  for (const [value, expected] of cases) assert.equal(why(value), expected, JSON.stringify(value));
});

test("sentinels are told from quantities by variable and unit", () => {
  for (const value of [-999, -3200, -9999, -999999]) assert.ok(isSentinel(value, "level", "m"), String(value));
  assert.ok(isSentinel(-9999, "level", "cm"), "Logan River's fault code");
  assert.equal(isSentinel(-999, "level", "cm"), false, "ten metres below a datum");
  assert.equal(isSentinel(-12, "temperature", "Cel"), false);
  assert.ok(isSentinel(-999, "temperature", "Cel"));
  assert.ok(isSentinel(-1, "pulses", "pulse"), "a negative count is a status code");
  assert.equal(isSentinel(0, "pulses", "pulse"), false);
  assert.equal(isSentinel(999, "level", "m"), false);
});

test("a value in the stored unit is untouched, others are converted", () => {
  assert.equal(mapped({ value: 999_999_999_999.999 }, [entry("k", "total", "m3")]).value, 999_999_999_999.999);
  assert.equal(mapped({ value: 46.8 }, [entry("k", "flow", "m3/h")]).value, 13);
  assert.equal(mapped({ value: 7 }, [entry("k", "wind", "knots")]).value, 7);
});

test("while the unit is a guess, the one beside the sample counts; once a person said it, theirs", () => {
  assert.equal(mapped({ value: 36, unit: "m3/h" }, [entry("k", "flow", "L/s")]).value, 10);
  assert.equal(mapped({ value: 36, unit: "m3/h" }, [entry("k", "flow", "L/s", { guessed: false })]).value, 36);
  assert.equal(mapped({ value: 36, unit: "bar" }, [entry("k", "flow", "L/s")]).value, 36, "another quantity is no unit of it");
});

test("a sentinel keeps its instant and loses its value", () => {
  const { value, reasons } = mapped({ value: -999 }, [entry("k", "level", "m")]);
  assert.deepEqual([value, reasons], [null, ["sentinel"]]);
});

test("what is no double in the stored unit has no value, and says so", () => {
  const { value, reasons } = mapped({ value: 1e308 }, [entry("k", "flow", "m3/s")]);
  assert.deepEqual([value, reasons], [null, ["not-a-number"]]);
});

test("time: the sample's, else the reading's, else the edge's", () => {
  const known = [entry("k", "flow", "L/s")];
  assert.deepEqual([mapped({ timeUs: T - 5 }, known).timeUs, mapped({ timeUs: T - 5 }, known).timeFrom], [T - 5, "source"]);
  assert.equal(mapped({ timeUs: null }, known, { observedAtUs: T - 9 }).timeUs, T - 9);
  const edge = mapped({ timeUs: null }, known);
  assert.deepEqual([edge.timeUs, edge.timeFrom, edge.reasons], [T, "edge", ["edge-time"]]);
  assert.deepEqual(mapped({ timeUs: T + 301 * S }, known).reasons, ["clock-ahead"]);
  assert.deepEqual(mapped({ timeUs: T + 300 * S }, known).reasons, []);
});

test("the entry that is in force at the instant decides; ignored and unknown keys are unmapped", () => {
  const entries = [entry("k", "flow", "L/s"), entry("k", "level", "m", { validFromUs: T }), entry("old", "flow", "L/s", { validFromUs: T + 1 }), entry("x", "flow", "L/s", { ignored: true })];
  assert.equal(mapped({ timeUs: T - 1 }, entries).variable, "flow");
  assert.equal(mapped({ timeUs: T }, entries).variable, "level");
  for (const key of ["old", "x", "nobody"]) {
    const outcome = mapSample({ key, value: 1, unit: null, timeUs: T }, reading(), new Mapping(1, entries), () => true);
    assert.equal(outcome.kind, "divert", key);
  }
});

test("a new version of the directory asks for a remap only when a known key means something else", () => {
  const before = new Mapping(1, [entry("a", "flow", "L/s"), entry("b", "level", "m")]);
  const of = (...entries: DirectoryEntry[]): ReturnType<typeof differenceOf> => differenceOf(before, new Mapping(2, entries));
  assert.deepEqual(of(entry("a", "flow", "L/s", { guessed: false }), entry("b", "level", "m")), { added: [], remap: false });
  const more = entry("c", "ph", "pH");
  assert.deepEqual(of(entry("a", "flow", "L/s"), entry("b", "level", "m"), more), { added: [more], remap: false });
  assert.equal(of(entry("a", "flow", "m3/h"), entry("b", "level", "m")).remap, true);
  assert.equal(of(entry("a", "flow", "L/s"), entry("b", "level", "m", { ignored: true })).remap, true);
  assert.equal(of(entry("a", "flow", "L/s"), entry("b", "level", "m"), entry("b", "depth", "m", { validFromUs: T })).remap, true);
  assert.equal(of(entry("a", "flow", "L/s", { point: "p2", channel: "2" }), entry("b", "level", "m")).remap, true);
});
