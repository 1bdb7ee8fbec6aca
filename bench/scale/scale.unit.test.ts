import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { suite, test } from "node:test";
import type { Baseline } from "../harness/baseline.ts";
import { assumptions, fleets } from "./assumptions.ts";
import { costsOf, knownCosts } from "./costs.ts";
import { computedParts, withParts } from "./document.ts";
import { bytesOf, parts, partitionsFor, planFleet, priceOf } from "./plan.ts";

const known = knownCosts(new Map());
const costs = costsOf(known);

function baselineOf(benchmark: string, more: Partial<Baseline>): ReadonlyMap<string, Baseline> {
  return new Map([[benchmark, { benchmark, date: "2026-01-02", machine: "", seconds: 1, comparisons: [], figures: [], ...more }]]);
}

suite("the paper on scale", () => {
  test("is what the script computes from the baselines that are kept: else node bench/scale/main.ts", () => {
    const text = readFileSync(new URL("../../docs/scale.md", import.meta.url), "utf8");
    assert.equal(withParts(text, computedParts(knownCosts())), text);
  });

  test("takes a figure from its baseline and says which; a server that was not seen is not measured", () => {
    const of = (baselines: ReadonlyMap<string, Baseline>, name: string) => knownCosts(baselines).find((cost) => cost.name === name)!;
    const sizes = baselineOf("bytes-per-measurement", { figures: [{ name: "embedded cold, all pages in use", value: 5.5, unit: "bytes" }] });
    assert.deepEqual([of(sizes, "embeddedBytes").value, of(sizes, "embeddedBytes").isMeasured], [5.5, true]);
    assert.match(of(sizes, "embeddedBytes").source, /bytes-per-measurement: .* \(2026-01-02\)/);
    const ours = { name: "ours", rate: 1, ratio: 1, ratioSpread: 0, cpuUs: { client: 100, cassandra: 0 }, cpuSpread: 0, cpuRatio: 1 };
    const cold = baselineOf("cold-write", { comparisons: [{ name: "500 points, one measurement each", unit: "measurements", contenders: [ours] }] });
    assert.deepEqual([of(cold, "coldUs").value, of(cold, "cassandraUs").isMeasured], [100, false]);
    assert.ok(Math.abs(of(baselineOf("cold-packing", { figures: [{ name: "facts packed", value: 150_000, unit: "facts/s" }] }), "packUs").value - 20) < 1e-9);
  });

  test("every state of a partition's points stays in memory, and partitions come in sixes", () => {
    assert.equal(partitionsFor(100, 0.1), 6);
    assert.equal(partitionsFor(120_001, 1), 12);
    assert.equal(partitionsFor(1000, 13), 18);
    for (const fleet of fleets) {
      const { cells, partitionsACell } = planFleet(fleet, costs);
      assert.ok(cells * partitionsACell * assumptions.statesPerPartition >= fleet.points);
    }
  });

  test("bytes follow from days, bytes a measurement and copies", () => {
    const one = bytesOf({ points: 1, intervalS: 86_400 }, { ...costs, coldBytes: 10, coldRowBytes: 20, hotBytes: 5, warmBytes: 7, pointBytes: 100, rawBytes: 2 });
    assert.equal(one.cassandra, 3 * (42 * 20 + 3 * 365 * 10));
    assert.equal(one.redis, 15);
    assert.equal(one.mongo, 3 * (30 * 7 + 100));
    assert.equal(one.archive, 3 * 365 * 3 * 2);
  });

  test("machines hold what is planned for them, and three copies stand on three", () => {
    for (const fleet of fleets) {
      const { machines, cells, money, peakPerS } = planFleet(fleet, costs);
      for (const part of ["Kafka", "MongoDB", "Cassandra", "archive"] as const) assert.ok(machines[part].count >= 3 * cells, part);
      assert.ok(machines.services.count * machines.services.cores >= (peakPerS * costs.processUs) / 1e6 / assumptions.fill);
      assert.ok(Math.abs(parts.reduce((sum, part) => sum + priceOf(machines[part]), 0) - money) < 0.01);
    }
  });

  test("twice the readings cost more, and no plan is cheaper than the smallest one", () => {
    const money = fleets.map((fleet) => planFleet(fleet, costs).money);
    assert.ok(money[0]! < money[1]! && money[1]! < money[2]! && money[2]! < money[3]!);
  });

  test("a page without a marker is refused", () => {
    assert.throws(() => withParts("<!-- computed: costs -->", new Map([["costs", "x"]])), /has no/);
    assert.equal(withParts("a <!-- computed: c -->old<!-- end: c --> b", new Map([["c", "new"]])), "a <!-- computed: c -->\n\nnew\n\n<!-- end: c --> b");
  });
});
