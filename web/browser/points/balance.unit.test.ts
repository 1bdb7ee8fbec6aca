import assert from "node:assert/strict";
import { test } from "node:test";
import { readBalance } from "../wire/balance.ts";
import { balanceHeights, hasBalance } from "./balance.ts";

test("a balance is read as it comes; what is unknown cannot be compared, and what is no day is left out", () => {
  const { zone, days } = readBalance({
    tz: "America/Santiago",
    items: [
      { day: "2026-04-04", hours: 25, flowM3: 180, coverage: 1, totaliserM3: 90, differenceM3: 90, differencePercent: 100, verdict: "differs", why: null },
      { day: "2026-04-05", hours: 24, flowM3: null, coverage: 0, totaliserM3: null, verdict: "not-comparable", why: "no-counts" }, { day: "2026-04-06", verdict: "something new" }, { verdict: "agrees" }, 7,
    ],
  });
  assert.equal(zone, "America/Santiago");
  assert.deepEqual(days.map(({ day, hours, verdict, why }) => [day, hours, verdict, why]), [["2026-04-04", 25, "differs", ""], ["2026-04-05", 24, "not-comparable", "no-counts"], ["2026-04-06", 24, "not-comparable", ""]]);
  assert.deepEqual(balanceHeights(days), [{ flow: 1, totaliser: 0.5 }, { flow: 0, totaliser: 0 }, { flow: 0, totaliser: 0 }]);
  assert.deepEqual(readBalance(null), { zone: "", days: [] });
  assert.deepEqual(balanceHeights([]), []);
});

test("a point has a balance where it has a flow and something that counts", () => {
  assert.ok(hasBalance(["level", "flow", "pulses"]) && hasBalance(["total", "flow"]));
  assert.ok(!hasBalance(["flow", "level"]) && !hasBalance(["total"]) && !hasBalance([]));
});
