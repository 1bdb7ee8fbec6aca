import assert from "node:assert/strict";
import { test } from "node:test";
import { Pace } from "./pace.ts";

const SECOND_US = 1_000_000;
const START_US = Date.UTC(2026, 2, 10, 20) * 1000;

function after(hours: number, stepUs: number, times = 1): number | undefined {
  const pace = new Pace();
  for (let us = 0; us <= hours * 3_600_000_000; us += stepUs) for (let i = 0; i < times; i++) pace.note(START_US + us);
  return pace.daysFromUs();
}

test("a point is fast when six hours of it are", () => {
  assert.equal(after(6, 5 * SECOND_US), Date.UTC(2026, 2, 13) * 1000, "from a day on with a whole one between");
  assert.equal(after(5.9, 5 * SECOND_US), undefined);
  assert.equal(after(6, 10 * SECOND_US), undefined);
  assert.equal(after(6, 60 * SECOND_US, 20), undefined, "an instant that comes again is none more");
});

test("a burst and a silence are not fast", () => {
  const pace = new Pace();
  for (let i = 0; i < 1000; i++) pace.note(START_US + i * SECOND_US);
  pace.note(START_US + 7 * 3_600_000_000);
  assert.equal(pace.daysFromUs(), undefined);
});

test("what comes late says nothing", () => {
  const pace = new Pace();
  for (let i = 0; i < 10_000; i++) pace.note(START_US - i * SECOND_US);
  assert.equal(pace.daysFromUs(), undefined);
});
