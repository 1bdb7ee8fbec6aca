import assert from "node:assert/strict";
import { test } from "node:test";
import { entryAt, guessEntries, MAX_KEYS_PER_DEVICE } from "./entries.ts";
import { changeEntries, type KeyChange } from "./key-change.ts";
import { pointIdOf } from "./point-id.ts";
import { readableName } from "./readable-name.ts";
import type { DeviceRecord, DirectoryEntry } from "./records.ts";

const owner = { client: "acme", device: "w-07" };
const keys = (...names: readonly (string | readonly [string, string])[]): { key: string; unit: string | null }[] =>
  names.map((name) => (typeof name === "string" ? { key: name, unit: null } : { key: name[0], unit: name[1] }));

function device(...names: readonly (string | readonly [string, string])[]): DeviceRecord {
  return { ...owner, state: "active", entries: guessEntries(owner, keys(...names), []), labels: {}, keysSeen: [], firstSeenAtUs: 1, directoryVersion: 1, changedAtUs: 1 };
}

const seen = (entries: readonly DirectoryEntry[]): unknown[] => entries.map(({ key, variable, unit }) => [key, variable, unit]);

test("ids become names, codes keep their shape", () => {
  const cases = [["my-meter", "My meter"], ["pozo_norte", "Pozo norte"], ["W-07", "W-07"], ["eui-70b3d5", "eui-70b3d5"], ["María", "María"], ["__", "__"], ["demo", "Demo"], ["pozo-ñandú", "Pozo ñandú"], ["iPhone", "iPhone"]];
  for (const [id = "", name] of cases) assert.equal(readableName(id), name);
});

test("guesses from name and unit; the second key of a variable keeps its own name", () => {
  const entries = guessEntries(owner, keys(["caudal", "m3/h"], "flow", "Flow", "FLOW", "total_m3", "wind"), []);
  assert.deepEqual(seen(entries), [
    ["caudal", "flow", "m3/h"], ["flow", "flow_2", "L/s"], ["Flow", "flow_3", "L/s"], ["FLOW", "flow_4", "L/s"], ["total_m3", "total", "m3"], ["wind", "wind", ""],
  ]);
  assert.ok(entries.every(({ point, guessed, validFromUs, channel }) => point === pointIdOf("acme", "w-07") && guessed && validFromUs === null && channel === ""));
});

test("known keys are left, and a device has so many and no more", () => {
  const first = guessEntries(owner, keys("flow"), []);
  assert.deepEqual(guessEntries(owner, keys("flow"), first), []);
  assert.deepEqual(seen(guessEntries(owner, keys("caudal"), first)), [["caudal", "caudal", "L/s"]]);
  assert.equal(guessEntries(owner, Array.from({ length: 400 }, (_, at) => ({ key: `k${at}`, unit: null })), first).length, MAX_KEYS_PER_DEVICE - 1);
});

test("the newest entry that is not after the instant holds", () => {
  const [entry] = guessEntries(owner, keys("flow"), []);
  assert.ok(entry !== undefined);
  const later = { ...entry, variable: "level", validFromUs: 100 };
  assert.equal(entryAt([later, entry], "flow", 99)?.variable, "flow");
  assert.equal(entryAt([later, entry], "flow", 100)?.variable, "level");
  assert.equal(entryAt([later], "flow", 99), undefined);
  assert.equal(entryAt([later, entry], "other", 100), undefined);
});

test("a person's change replaces what held from the first reading, or adds to it from an instant on", () => {
  const before = device(["caudal", "L/s"], "nivel");
  assert.deepEqual(seen(changeEntries(before, [{ key: "caudal", unit: "m³/h" }])), [["nivel", "level", "m"], ["caudal", "flow", "m3/h"]]);
  const from = changeEntries(before, [{ key: "caudal", unit: "L/min", validFromUs: 500 }]);
  assert.deepEqual([entryAt(from, "caudal", 499)?.unit, entryAt(from, "caudal", 500)?.unit, entryAt(from, "caudal", 500)?.guessed], ["L/s", "L/min", false]);
  const again = changeEntries({ ...before, entries: from }, [{ key: "caudal", unit: "L/h", validFromUs: 500 }]);
  assert.equal(again.filter(({ key }) => key === "caudal").length, 2);
  assert.equal(changeEntries({ ...before, entries: from }, [{ key: "caudal", ignored: true }]).filter(({ key }) => key === "caudal").length, 1);
  assert.deepEqual(changeEntries(before, [{ key: "caudal", min: 3 }]), before.entries);
});

test("a known variable takes a unit of its own, its stored one when nobody knows it; a variable of its own takes any", () => {
  const before = device("sensor1", ["caudal", "L/s"]);
  const of = (change: KeyChange): string | undefined => entryAt(changeEntries(before, [change]), change.key, 0)?.unit;
  assert.equal(of({ key: "sensor1", variable: "level" }), "m");
  assert.equal(of({ key: "sensor1", variable: "level", unit: "cm" }), "cm");
  assert.equal(of({ key: "sensor1", variable: "wind", unit: " knots " }), "knots");
  assert.throws(() => of({ key: "sensor1", variable: "level", unit: "bar" }), /"sensor1" cannot be level in "bar"/);
  assert.throws(() => of({ key: "caudal", variable: "level" }), /cannot be level in "L\/s"/);
  assert.throws(() => of({ key: "sensor1", variable: "wind", unit: "x".repeat(40) }), /unit that is too long/);
});

test("a channel names a point of its own; two keys of a device cannot share a variable of a point, and may swap", () => {
  const before = device("flow", "caudal");
  const moved = changeEntries(before, [{ key: "caudal", channel: "2", variable: "flow" }]);
  assert.equal(entryAt(moved, "caudal", 0)?.point, pointIdOf("acme", "w-07", "2"));
  assert.equal(entryAt(changeEntries({ ...before, entries: moved }, [{ key: "caudal", point: "elsewhere" }]), "caudal", 0)?.channel, "");
  assert.throws(() => changeEntries(before, [{ key: "caudal", variable: "flow" }]), { code: "bad-request", message: /key "flow" of the same device is/ });
  assert.equal(changeEntries(before, [{ key: "caudal", variable: "flow" }, { key: "flow", variable: "discharge" }]).length, 2);
});

test("what cannot be is refused in words", () => {
  const before = device("flow");
  assert.throws(() => changeEntries(before, [{ key: "nobody", unit: "L/s" }]), /"nobody" is not a key of this device/);
  assert.throws(() => changeEntries(before, [{ key: "flow", variable: "Caudal Ñ" }]), /cannot be variable "Caudal Ñ"/);
  assert.throws(() => changeEntries(before, [{ key: "flow", channel: "\u0007" }]), /channel/);
  assert.throws(() => changeEntries(before, Array.from({ length: 1100 }, (_, at) => ({ key: "flow", unit: "L/s", validFromUs: at + 1 }))), /more than 1024 entries/);
});
