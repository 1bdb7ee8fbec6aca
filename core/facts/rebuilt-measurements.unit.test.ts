import assert from "node:assert/strict";
import { test } from "node:test";
import type { RowBlock } from "../ports/series-tier.ts";
import { rebuiltMeasurements } from "./rebuilt-measurements.ts";

const column = (variable: string, more: Partial<RowBlock["columns"][number]> = {}): RowBlock["columns"][number] => ({
  variable, values: Float64Array.of(1, NaN), flags: Uint8Array.of(1, 4), reasons: new Map(), authorities: Uint8Array.of(0, 0), knownAtUs: Float64Array.of(7, 8), ...more,
});

test("a block comes back as measurements that give every fact its own revision, its reasons and its missing value", () => {
  const block: RowBlock = {
    rows: 2, timesUs: Float64Array.of(100, 200), columns: [
      column("flow", { reasons: new Map([[1, ["withdrawn"]]]) }), column("level"), column("total", { authorities: Uint8Array.of(1, 0), flags: Uint8Array.of(2, 0) }),
    ],
  };
  const rebuilt = rebuiltMeasurements({ client: "acme", point: "p" }, block, { origin: "copy", receivedAtUs: 900 });
  assert.deepEqual(rebuilt.map(({ client, point, instantUs, receivedAtUs, authority, knownAtUs, facts }) => ({ client, point, instantUs, receivedAtUs, authority, knownAtUs, facts })), [
    { client: "acme", point: "p", instantUs: 100, receivedAtUs: 900, authority: 0, knownAtUs: 7, facts: [{ variable: "flow", value: 1, flag: 1, reasons: [] }, { variable: "level", value: 1, flag: 1, reasons: [] }] },
    { client: "acme", point: "p", instantUs: 100, receivedAtUs: 900, authority: 1, knownAtUs: 7, facts: [{ variable: "total", value: 1, flag: 2, reasons: [] }] },
    { client: "acme", point: "p", instantUs: 200, receivedAtUs: 900, authority: 0, knownAtUs: 8, facts: [{ variable: "flow", value: null, flag: 4, reasons: ["withdrawn"] }, { variable: "level", value: null, flag: 4, reasons: [] }] },
  ]);
});
