import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createCalendar } from "../buckets/calendar.ts";
import { levels, quarterUs } from "../rollups/level.ts";
import { mergeSpans } from "../rollups/spans.ts";
import { piecesOf } from "./pieces.ts";

const us = (text: string): number => Date.parse(text) * 1000;
const text = (timeUs: number): string => new Date(timeUs / 1000).toISOString().slice(0, 16);
const pieces = (resolution: "1d" | "1mo" | "1h", zone: string, from: string, to: string): string[] =>
  [...piecesOf({ fromUs: us(from), toUs: us(to) }, createCalendar(resolution, zone), [])].map((piece) => `${piece.from} ${text(piece.fromUs)} ${text(piece.toUs)}`);

test("the coarsest level that fits is taken", () => {
  assert.deepEqual(pieces("1d", "UTC", "2026-01-01T00:00Z", "2026-02-01T00:00Z"), ["1d 2026-01-01T00:00 2026-02-01T00:00"]);
  assert.deepEqual(pieces("1d", "America/Santiago", "2026-01-01T03:00Z", "2026-01-03T03:00Z"), ["1h 2026-01-01T03:00 2026-01-03T03:00"]);
  assert.deepEqual(pieces("1h", "Asia/Kolkata", "2026-01-01T00:30Z", "2026-01-01T03:30Z"), ["15m 2026-01-01T00:30 2026-01-01T03:30"]);
  assert.deepEqual(pieces("1mo", "-04:00", "2026-01-01T04:00Z", "2026-02-01T04:00Z"), [
    "1h 2026-01-01T04:00 2026-01-02T00:00", "1d 2026-01-02T00:00 2026-02-01T00:00", "1h 2026-02-01T00:00 2026-02-01T04:00",
  ]);
});

test("a zone of old whose offset fits no level is folded from rows at its edges", () => {
  const [first] = piecesOf({ fromUs: us("1905-01-01T04:42:45Z"), toUs: us("1905-01-02T04:42:45Z") }, createCalendar("1d", "America/Santiago"), []);
  assert.equal(first?.from, "raw");
});

test("pieces cover the range once, in order; what must be raw is raw, and stored pieces lie in whole buckets of their level", () => {
  const quarter = fc.integer({ min: 0, max: 400 });
  const spans = fc.array(fc.tuple(quarter, fc.integer({ min: 1, max: 12 })), { maxLength: 6 });
  const zone = fc.constantFrom("UTC", "America/Santiago", "Asia/Kolkata", "-04:00", "Asia/Kathmandu");
  fc.assert(fc.property(spans, quarter, fc.integer({ min: 1, max: 300 }), fc.tuple(zone, fc.constantFrom("15m" as const, "1h" as const, "1d" as const, "1mo" as const)), (raw, start, length, [name, resolution]) => {
    const base = us("2026-04-03T00:00Z");
    const spansUs = mergeSpans(raw.map(([from, count]) => ({ fromUs: base + from * quarterUs, toUs: base + (from + count) * quarterUs })));
    const range = { fromUs: base + start * quarterUs, toUs: base + (start + length) * quarterUs };
    let at = range.fromUs;
    for (const piece of piecesOf(range, createCalendar(resolution, name), spansUs)) {
      assert.equal(piece.fromUs, at);
      at = piece.toUs;
      if (piece.from === "raw") continue;
      const { stepUs } = levels[piece.from];
      assert.ok(piece.fromUs % stepUs === 0 && piece.toUs % stepUs === 0);
      assert.ok(!spansUs.some(({ fromUs, toUs }) => fromUs < piece.toUs && toUs > piece.fromUs));
    }
    assert.equal(at, range.toUs);
  }), { numRuns: 300 });
});
