import assert from "node:assert/strict";
import { test } from "node:test";
import { hostileDay, ofEach } from "./hostile-providers/hostile-day.ts";
import { assertWhole } from "./hostile-providers/test-whole.ts";

/* Every failure and every oddity of eight providers for half a day of simulated time, through the whole of an installation, judged by the auditor. */

test("twelve hours of hostile providers through every tier: no reading lost, doubled or invented, each correction seen, no limit exceeded", async (t) => {
  const day = await hostileDay({ seed: "hostile-day", hours: 12, devices: ofEach(1), everyMs: 600_000 });
  assertWhole(t, day, { rows: 1500, corrected: 25, requests: 1000 });
  for (const quirk of ["auth-storm", "outage", "half-json", "hang", "reset", "moving-pages", "stale-repeats", "text-numbers"]) assert.ok((day.quirks[quirk] ?? 0) > 0, quirk);
});
