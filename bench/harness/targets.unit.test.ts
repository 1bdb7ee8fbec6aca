import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { Baseline } from "./baseline.ts";
import { readBaselines } from "./baseline-file.ts";
import { mergeSections } from "./results-file.ts";
import { explainedIn, REASONS_FILE, renderTargets, targetsOf } from "./targets.ts";

const folder = join(import.meta.dirname, "..");

function baseline(parts: Partial<Baseline>): Baseline {
  return { benchmark: "one", date: "2026-01-02", machine: "m", seconds: 1, comparisons: [], figures: [], ...parts };
}

function contender(name: string, ratio: number): Baseline["comparisons"][number]["contenders"][number] {
  return { name, rate: 10, ratio, ratioSpread: 0, cpuUs: {}, cpuSpread: 0, cpuRatio: 1 };
}

test("a ratio at its least is kept, one below is missed, one that is not judged is no target", () => {
  const comparisons = [
    { name: "a", unit: "rows", leastRatio: 0.5, contenders: [contender("ours", 0.5), contender("bare", 1)] },
    { name: "b", unit: "rows", leastRatio: 0.5, contenders: [contender("ours", 0.49), contender("bare", 1)] },
    { name: "c", unit: "rows", contenders: [contender("ours", 0.1), contender("bare", 1)] },
  ];
  assert.deepEqual(targetsOf(baseline({ comparisons })).map(({ what, measured, kept }) => [what, measured, kept]), [["a, to bare", "0.50 ×", true], ["b, to bare", "0.49 ×", false]]);
});

test("a figure is below its most and not below its least; none at all is missed", () => {
  const figures = [
    { name: "below", value: 3.9, unit: "ms", atMost: 4 }, { name: "at", value: 4, unit: "ms", atMost: 4 }, { name: "least", value: 1000, unit: "rows/s", atLeast: 1000 },
    { name: "none", value: null, unit: "ms", atMost: 4 }, { name: "told", value: 1, unit: "ms" },
  ];
  assert.deepEqual(targetsOf(baseline({ figures })).map(({ what, kept }) => [what, kept]), [["below", true], ["at", false], ["least", true], ["none", false]]);
});

test("the table counts what is missed and says where to read why", () => {
  const text = renderTargets([baseline({ figures: [{ name: "x", value: 5, unit: "ms", atMost: 4 }, { name: "y", value: 3, unit: "ms", atMost: 4 }] })]);
  assert.match(text, /1 of 2 kept, 1 missed/);
  assert.match(text, /\[MISSED\]\(MISSED\.md#one\)/);
});

test("RESULTS.md has the table that the kept baselines give", async () => {
  const text = readFileSync(join(folder, "RESULTS.md"), "utf8");
  assert.equal(mergeSections(text, new Map([["Targets", renderTargets(await readBaselines())]])), text, "npm run bench -- --targets writes it anew");
});

test("each benchmark that misses a target has its reason, and no other", async () => {
  const missed = new Set((await readBaselines()).flatMap(targetsOf).filter(({ kept }) => !kept).map(({ benchmark }) => benchmark));
  assert.deepEqual([...explainedIn(readFileSync(join(folder, REASONS_FILE), "utf8"))].sort(), [...missed].sort());
});
