import { test } from "node:test";
import { installationEngines } from "../../bench/promise/engine-environment.ts";
import { withEngines } from "../../tools/engines/for-tests.ts";
import { hostileDay, ofEach } from "./hostile-providers/hostile-day.ts";
import { assertWhole } from "./hostile-providers/test-whole.ts";

withEngines(installationEngines, (urls) => {
  // Whole days are run by hand: see the report beside hostile-providers/main.ts.
  test("three hours of hostile providers on the engines: no reading lost, doubled or invented, each correction seen, no limit exceeded", { timeout: 200_000 }, async (t) => {
    assertWhole(t, await hostileDay({ seed: "hostile-kafka", hours: 3, devices: ofEach(1), everyMs: 600_000, urls }), { rows: 600, corrected: 5, requests: 300 });
  });
});
