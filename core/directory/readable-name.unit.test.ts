import assert from "node:assert/strict";
import { test } from "node:test";
import { firstName, MAX_POINT_NAME_CHARACTERS, readableName } from "./readable-name.ts";

test("an id of words reads as words, one that is a code keeps its shape", () => {
  assert.deepEqual(["my-meter", "pozo_norte", "W-07", "eui-70b3d5", "_"].map(readableName), ["My meter", "Pozo norte", "W-07", "eui-70b3d5", "_"]);
});

test("a device that calls itself something is called so, unless the name is blank or too long", () => {
  assert.equal(firstName("hogar-01", { name: " Casa de Ana " }), "Casa de Ana");
  assert.equal(firstName("hogar-01", { name: "  " }), "hogar-01");
  assert.equal(firstName("pozo-norte", { name: "x".repeat(MAX_POINT_NAME_CHARACTERS + 1) }), "Pozo norte");
  assert.equal(firstName("pozo-norte", {}), "Pozo norte");
});
