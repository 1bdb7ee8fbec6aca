import assert from "node:assert/strict";
import { test } from "node:test";
import type { Fact, Measurement } from "@caudal/schemas";
import { faultOf } from "./storable.ts";

const fact: Fact = { variable: "flow", value: 1, flag: 1, reasons: [] };
const good: Measurement = {
  eventId: "e", client: "demo", point: "p", device: "", channel: "", source: "", transport: "", instantUs: 1, observedAtUs: null, receivedAtUs: 1, authority: 0,
  knownAtUs: 1, causeId: "", facts: [fact, { ...fact, variable: "nivel 🌊", value: null, reasons: ["late"] }], labels: {},
};

test("a measurement of the usual kind has no fault", () => {
  assert.equal(faultOf(good), undefined);
  assert.equal(faultOf({ ...good, client: "ñ".repeat(200), instantUs: -Number.MAX_SAFE_INTEGER, facts: [] }), undefined);
});

test("what no tier can keep is told in words", () => {
  const faults: readonly [Partial<Measurement>, RegExp][] = [
    [{ client: "" }, /^client/], [{ client: "x".repeat(513) }, /^client/], [{ point: "a\0b" }, /^point/], [{ point: "\ud800" }, /^point/],
    [{ instantUs: 0.5 }, /^instantUs/], [{ receivedAtUs: NaN }, /^receivedAtUs/], [{ knownAtUs: 2 ** 53 }, /^knownAtUs/], [{ authority: 256 }, /^authority/],
    [{ authority: -1 }, /^authority/], [{ facts: Array.from({ length: 4097 }, () => fact) }, /facts/], [{ facts: [{ ...fact, variable: "" }] }, /variable/],
    [{ facts: [fact, { ...fact, value: Infinity }] }, /not finite/], [{ facts: [{ ...fact, value: NaN }] }, /not finite/], [{ facts: [{ ...fact, flag: 0 }] }, /^flag/],
    [{ facts: [{ ...fact, flag: 1.5 }] }, /^flag/], [{ facts: [{ ...fact, reasons: [""] }] }, /^reasons/],
    [{ facts: [{ ...fact, reasons: Array.from({ length: 65 }, () => "late") }] }, /^reasons/],
  ];
  for (const [change, expected] of faults) assert.match(faultOf({ ...good, ...change }) ?? "no fault", expected);
});
