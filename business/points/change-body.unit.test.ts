import assert from "node:assert/strict";
import { test } from "node:test";
import { changeOf, changeSchema } from "./change-body.ts";

test("settings come with the instant that they hold from", () => {
  const body = changeSchema.parse({ settings: [{ values: { pulseFactorL: 100 } }, { validFrom: "2026-03-01T12:00:00Z", values: { levelKind: "pressure", barometer: null } }], variables: [{ key: "nivel", spike: 0.5 }] });
  assert.deepEqual(changeOf(body), {
    variables: [{ key: "nivel", spike: 0.5 }],
    settings: [{ values: { pulseFactorL: 100 } }, { validFromUs: 1_772_366_400_000_000, values: { levelKind: "pressure", barometer: null } }],
  });
  assert.throws(() => changeOf(changeSchema.parse({ settings: [{ validFrom: "ayer", values: {} }] })), { code: "invalid-body" });
});

test("limits come by variable, with the instant that they hold from and why", () => {
  const body = changeSchema.parse({ limits: [{ variable: "flow", values: { max: 40 } }, { variable: "total", validFrom: "2026-03-01T12:00:00Z", values: { stuckM3: 5, max: null }, reason: "new meter" }, { variable: "flow", validFrom: null, forget: ["min"] }] });
  assert.deepEqual(changeOf(body), {
    limits: [
      { variable: "flow", values: { max: 40 } }, { variable: "total", validFromUs: 1_772_366_400_000_000, values: { stuckM3: 5, max: null }, reason: "new meter" },
      { variable: "flow", validFromUs: null, values: {}, forget: ["min"] },
    ],
  });
  assert.throws(() => changeOf(changeSchema.parse({ limits: [{ variable: "flow", validFrom: "ayer", values: {} }] })), { code: "invalid-body" });
});
