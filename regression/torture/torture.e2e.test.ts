import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { installationEngines } from "../../bench/promise/engine-environment.ts";
import { withEngines } from "../../tools/engines/for-tests.ts";
import { scenarios, shortNames } from "./scenarios/scenarios.ts";
import { torture } from "./torture.ts";

/*
 * Some of the troubles of `npm run torture`, shorter and on one node of each engine. The servers are its own, since they are killed.
 */
withEngines(installationEngines, () => {
  suite("trouble on the real engines", () => {
    test("in each: nothing acknowledged is lost or doubled, the tiers agree, who is not hurt is not delayed", { timeout: 280_000 }, async (context) => {
      const results = await torture({
        scenarios: scenarios.filter(({ name }) => shortNames.includes(name)), seed: "short", ratePerS: 20, scale: 0.5, nodes: 1, logs: undefined,
        onStep: (text) => context.diagnostic(text), onResult: ({ name, recoveredMs, acknowledged, sent }) => context.diagnostic(`${name}: ${acknowledged} of ${sent} acknowledged, recovered after ${recoveredMs} ms`),
      });
      assert.equal(results.length, shortNames.length);
      assert.deepEqual(results.flatMap(({ name, findings }) => findings.map((finding) => `${name}: ${finding}`)), []);
      for (const { name, acknowledged, verdict } of results) assert.ok(acknowledged > 50 && verdict?.ok === true, `${name}: ${acknowledged} acknowledged`);
    });
  });
});
