import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { planSegments } from "./seams.ts";

test("each part comes from one tier that covers it and is behind none that does; the cheapest of these", () => {
  const tier = fc.record({ floorUs: fc.option(fc.oneof(fc.integer({ min: 0, max: 100 }), fc.constant(-Infinity)), { nil: undefined }), offset: fc.integer({ min: 0, max: 3 }) });
  const range = fc.tuple(fc.integer({ min: -10, max: 110 }), fc.integer({ min: 1, max: 60 }));
  fc.assert(fc.property(fc.array(tier, { minLength: 1, maxLength: 4 }), range, (tiers, [fromUs, length]) => {
    const states = tiers.map(({ floorUs, offset }, index) => ({ tier: index, floorUs, isCurrent: (other: number) => offset >= tiers[other]!.offset }));
    const segments = planSegments(states, { fromUs, toUs: fromUs + length });
    assert.ok(segments.every((segment, i) => segment.fromUs < segment.toUs && (i === 0 || segment.fromUs >= segments[i - 1]!.toUs)));
    for (let at = fromUs; at < fromUs + length; at++) {
      const covering = tiers.map(({ floorUs, offset }, index) => ({ index, floorUs, offset })).filter(({ floorUs }) => floorUs !== undefined && floorUs <= at);
      const newest = Math.max(...covering.map(({ offset }) => offset));
      const expected = covering.find(({ offset }) => offset === newest)?.index;
      assert.equal(segments.find((segment) => segment.fromUs <= at && at < segment.toUs)?.tier, expected);
    }
  }), { numRuns: 500 });
});
