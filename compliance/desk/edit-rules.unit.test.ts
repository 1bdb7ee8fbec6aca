import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { decimalTexts, editFault, editedSchema, valuesOfTexts } from "./edit-rules.ts";

const measured = { flowLps: 15.314, totalM3: 1010.7, depthM: 9.851 };
const fault = (values: Parameters<typeof editFault>[0]["values"], code: Parameters<typeof editFault>[0]["code"] = "other"): string | undefined => editFault({ water: "groundwater", measured, values, code })?.kind;

test("a flow or total below what was measured needs a fault of the instrument", () => {
  assert.equal(fault({ flowLps: 12 }), "lowers");
  assert.equal(fault({ totalM3: 1009 }, "missing-value"), "lowers");
  assert.equal(fault({ flowLps: 16, totalM3: 1009 }), "lowers");
  assert.equal(fault({ flowLps: 12 }, "instrument-fault"), undefined);
  assert.equal(fault({ flowLps: 16 }), undefined);
  assert.deepEqual(editFault({ water: "groundwater", measured, values: { flowLps: 0 }, code: "other" }), { kind: "lowers", quantity: "flow", measured: 15.314, edited: 0 });
});

test("the digits that are sent count: rounding as the regulator does lowers nothing", () => {
  assert.equal(fault({ flowLps: 15.31, totalM3: 1010 }), undefined);
  assert.equal(fault({ flowLps: 15.3 }), "lowers");
});

test("a level may go either way, and what was missing may be given", () => {
  assert.equal(fault({ depthM: 3 }), undefined);
  assert.equal(editFault({ water: "groundwater", measured: { flowLps: 2, totalM3: 10 }, values: { depthM: 9.8 }, code: "missing-value" }), undefined);
});

test("what the kind of water does not report, and what is as it was, is refused", () => {
  assert.equal(fault({ stageM: 1 }), "not-reported");
  assert.equal(editFault({ water: "surface-channel", measured: { flowLps: 1, stageM: 0.2 }, values: { totalM3: 5 }, code: "other" })?.kind, "not-reported");
  assert.equal(fault({ flowLps: 15.314 }), "changes-nothing");
  assert.equal(editedSchema.safeParse({}).success, false);
  assert.equal(editedSchema.safeParse({ flowLps: -1 }).success, false);
  assert.equal(editedSchema.safeParse({ flow: 1 }).success, false);
});

test("no edit without a fault of the instrument ever sends less than was measured", () => {
  const amount = fc.option(fc.double({ min: 0, max: 1e9, noNaN: true }), { nil: undefined });
  fc.assert(fc.property(fc.record({ flowLps: amount, totalM3: amount }), fc.record({ flowLps: amount, totalM3: amount }), (was, values) => {
    if (editFault({ water: "groundwater", measured: was, values, code: "other" }) !== undefined) return;
    for (const member of ["flowLps", "totalM3"] as const) {
      const [before, after] = [was[member], values[member]];
      if (before !== undefined && after !== undefined) assert.ok(after >= before - 0.011 || Math.trunc(after) === Math.trunc(before), `${member}: ${before} to ${after}`);
    }
  }));
});

test("values are kept as decimal texts and come back as they were", () => {
  assert.deepEqual(decimalTexts(measured), { flow: "15.314", total: "1010.7", depth: "9.851" });
  assert.deepEqual(valuesOfTexts(decimalTexts(measured)), measured);
  assert.deepEqual(valuesOfTexts({}), {});
});
