import assert from "node:assert/strict";
import { test } from "node:test";
import { chooseRows, newestMarks } from "./choose-rows.ts";
import { sameValue } from "./same-value.ts";
import { SeenRows } from "./seen-rows.ts";

const sample = (key: string, timeUs: number, value: number | string | null): { key: string; timeUs: number; value: number | string | null; unit: null } => ({ key, timeUs, value, unit: null });

test("rows are known by key, time and value; a number as text is the same number", () => {
  const seen = new SeenRows({ maxRows: 100 });
  seen.note("d", [sample("a", 1, 5), sample("a", 2, null)]);
  assert.deepEqual([sample("a", 1, 5), sample("a", 1, "5"), sample("a", 1, 6), sample("b", 1, 5), sample("a", 2, null)].map((each) => seen.look("d", each)), ["same", "same", "changed", "unknown", "same"]);
  assert.equal(seen.look("e", sample("a", 1, 5)), "unknown");
});

test("one value is one value however an answer writes it: nothing is corrected by quotes, zeros or a comma", () => {
  const same = [[12.7, "12.7"], ["12.70", "12.7"], ["12,7", 12.7], ["-999", -999], [0, -0], ["1e3", 1000], ["NaN", "NaN"]] as const;
  for (const [a, b] of same) assert.ok(sameValue(a, b) && sameValue(b, a), `${a} ${b}`);
  const other = [[12.7, "12.71"], ["NaN", 0], [null, 0], [true, 1], ["", 0], ["12345678901234567.1", "12345678901234567.2"]] as const;
  for (const [a, b] of other) assert.ok(!sameValue(a, b) && !sameValue(b, a), `${a} ${b}`);
  const seen = new SeenRows({ maxRows: 10 });
  const at = { device: "d", marks: new Map([["a", { timeUs: 10, value: 12.7 }]]), seen };
  assert.deepEqual(chooseRows([sample("a", 10, "12.7")], at).corrected, [], "at the watermark, where nobody remembers");
  assert.deepEqual(chooseRows([sample("a", 11, 5), sample("a", 11, "5.0")], at).corrected, [], "within a page");
});

test("memory is bounded: the device that was not looked at for longest goes", () => {
  const seen = new SeenRows({ maxRows: 10 });
  for (const device of ["a", "b", "c"]) seen.note(device, Array.from({ length: 4 }, (_, at) => sample("k", at, at)));
  assert.equal(seen.size(), 8);
  assert.deepEqual(["a", "b", "c"].map((device) => seen.look(device, sample("k", 0, 0))), ["unknown", "same", "same"]);
  seen.cover("c", 2);
  assert.deepEqual([seen.size(), seen.isCovered("c"), seen.isCovered("b"), seen.look("c", sample("k", 1, 1))], [6, true, false, "unknown"]);
});

test("a page's rows by what they are to us", () => {
  const seen = new SeenRows({ maxRows: 100 });
  const marks = new Map([["a", { timeUs: 10, value: 1 }]]);
  seen.note("d", [sample("a", 5, 5)]);
  const rows = [sample("a", 11, 2), sample("a", 11, 2), sample("a", 11, 3), sample("a", 10, 1), sample("a", 9, 9), sample("a", 5, 5), sample("a", 5, 6), sample("new", 3, 0)];
  const chosen = chooseRows(rows, { device: "d", marks, seen });
  assert.deepEqual(chosen, { forward: [rows[0], rows[7]], corrected: [rows[2], rows[6]], late: [], repeated: [rows[4]], stale: 3 });
  seen.cover("d", 0);
  assert.deepEqual(chooseRows([rows[4]!], { device: "d", marks, seen }).late, [rows[4]]);
  assert.deepEqual(chooseRows([sample("a", 10, 7)], { device: "e", marks, seen }).corrected, [sample("a", 10, 7)], "another value at the watermark itself, and nobody remembers");
});

test("the newest of each key, and none from the future", () => {
  assert.deepEqual(newestMarks([sample("a", 1, 1), sample("a", 3, 3), sample("a", 2, 2), sample("b", 99, 0)], 50), new Map([["a", { timeUs: 3, value: 3 }]]));
});
