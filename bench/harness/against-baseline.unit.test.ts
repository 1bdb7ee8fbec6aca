import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite, test } from "node:test";
import { againstBaseline } from "./against-baseline.ts";
import { holdAgainst } from "./against-report.ts";
import { keepBaseline, readBaseline } from "./baseline-file.ts";
import { baselineOf, type Baseline } from "./baseline.ts";
import type { Figure } from "./benchmark.ts";
import type { BenchmarkReport } from "./report.ts";
import { middleHalf, pairedRatio, spreadOf } from "./statistics.ts";

const HERE = "2026-01-02, 2 × Some CPU, Node v24.0.0";
const ELSEWHERE = "2026-05-06, 8 × Another CPU, Node v24.0.0";

interface Run {
  readonly ours?: readonly number[];
  readonly bare?: readonly number[];
  readonly cpuUs?: readonly number[];
  readonly figures?: readonly Figure[];
  readonly machine?: string;
  readonly seconds?: number;
}

function reportOf({ ours = [90, 90, 90, 90], bare = [100, 100, 100, 100], cpuUs = [10, 10, 10, 10], figures = [], machine = HERE, seconds = 20 }: Run): BenchmarkReport {
  const mean = cpuUs.reduce((sum, us) => sum + us, 0) / cpuUs.length;
  const side = (name: string, rates: readonly number[], cpu: readonly number[]) => ({
    name, rates, rate: spreadOf(rates), ratio: pairedRatio(rates, bare), cpuUs: name === "bare" ? 10 : mean, serverCpuUs: {}, roundCpuUs: cpu, cpuRatio: name === "bare" ? 1 : 10 / mean,
  });
  return {
    name: "some", about: "", machine, seconds, figures, notes: [],
    comparisons: [{ name: "rows", unit: "rows", contenders: [side("ours", ours, cpuUs), side("bare", bare, [10, 10, 10, 10])], ok: true }],
  };
}

const verdicts = (now: Run, before: Run): Record<string, string> => Object.fromEntries(againstBaseline(baselineOf(reportOf(now)), baselineOf(reportOf(before))).map(({ what, verdict }) => [what, verdict]));
const ratio = "rows: ours, ratio";
const cpu = "rows: ours, CPU";

suite("a run against its baseline", () => {
  test("the same again is like it, and the other side's ratio to itself is not asked", () => {
    const said = verdicts({}, {});
    assert.deepEqual(said, { [ratio]: "like it", "rows: ours, ratio by CPU": "like it", "rows: ours, rate": "told", [cpu]: "like it", "rows: bare, rate": "told", "rows: bare, CPU": "told" });
  });

  test("steady rounds give a twentieth, and no more", () => {
    assert.equal(verdicts({ ours: [86, 86, 86, 86] }, {})[ratio], "like it");
    assert.equal(verdicts({ ours: [85, 85, 85, 85] }, {})[ratio], "worse");
    assert.equal(verdicts({ ours: [99, 99, 99, 99] }, {})[ratio], "better");
  });

  test("rounds that differ, of either run, widen what may be; a half is worse whatever they do", () => {
    const restless = [60, 80, 100, 120];
    assert.equal(verdicts({ ours: [70, 70, 70, 70] }, { ours: restless })[ratio], "like it");
    assert.equal(verdicts({ ours: [50, 65, 75, 90] }, {})[ratio], "like it");
    assert.equal(verdicts({ ours: [10, 40, 44, 400] }, { ours: [100, 100, 100, 100] })[ratio], "worse");
  });

  test("a slower machine is no regression: ratios are judged there, CPU times are told", () => {
    const slower = { ours: [45, 45, 45, 45], bare: [50, 50, 50, 50], cpuUs: [20, 20, 20, 20], machine: ELSEWHERE };
    assert.equal(verdicts(slower, {})[ratio], "like it");
    assert.equal(verdicts(slower, {})[cpu], "told");
    assert.equal(verdicts({ cpuUs: [20, 20, 20, 20] }, {})[cpu], "worse");
    assert.equal(verdicts({ ...slower, ours: [20, 20, 20, 20] }, {})[ratio], "worse");
  });

  test("figures: bytes anywhere, times on the machine, counts over as many seconds, rates and what has no limit never", () => {
    const figure = (unit: string, value: number, limit: Partial<Figure> = { atMost: 1000 }): readonly Figure[] => [{ name: "it", unit, value, ...limit }];
    const of = (unit: string, [was, is]: readonly [number, number], more: Run = {}, limit?: Partial<Figure>) => verdicts({ figures: figure(unit, is, limit), ...more }, { figures: figure(unit, was, limit) })["it"];
    assert.equal(of("bytes", [10, 11], { machine: ELSEWHERE }), "worse");
    assert.equal(of("ms", [10, 12]), "like it");
    assert.equal(of("ms", [10, 13]), "worse");
    assert.equal(of("ms", [10, 13], { machine: ELSEWHERE }), "told");
    assert.equal(of("readings", [10, 5], {}, { atLeast: 1 }), "worse");
    assert.equal(of("readings", [10, 5], { seconds: 2 }, { atLeast: 1 }), "told");
    assert.equal(of("readings/s", [10, 5], {}, { atLeast: 1 }), "told");
    assert.equal(of("ms", [10, 500], {}, {}), "told");
    assert.equal(of("rows", [0, 0], {}, { atMost: 1 }), "like it");
    assert.equal(of("ms", [10, Number.NaN]), "worse");
  });

  test("a limit that was kept and is missed is worse, however near; one that was missed before is not", () => {
    const of = (was: number, is: number) => verdicts({ figures: [{ name: "it", unit: "ms", value: is, atMost: 100 }] }, { figures: [{ name: "it", unit: "ms", value: was, atMost: 100 }] })["it"];
    assert.equal(of(99, 101), "worse");
    assert.equal(of(101, 102), "like it");
  });

  test("a CPU time is judged without a limit", () => {
    const of = (value: number): readonly Figure[] => [{ name: "CPU a reading", unit: "µs", value }];
    assert.equal(verdicts({ figures: of(20) }, { figures: of(10) })["CPU a reading"], "worse");
  });

  test("what is new and what is gone is said", () => {
    const said = verdicts({ figures: [{ name: "b", value: 1, unit: "ms" }] }, { figures: [{ name: "a", value: 1, unit: "ms" }] });
    assert.deepEqual([said["a"], said["b"]], ["gone", "new"]);
  });

  test("the table marks what is worse and says when the machine is another", () => {
    const before = baselineOf(reportOf({}));
    const { text, worse } = holdAgainst(reportOf({ ours: [40, 40, 40, 40], machine: ELSEWHERE }), before);
    assert.equal(worse, 1);
    assert.match(text, /This machine is another/);
    assert.match(text, /rows: ours, ratio +\| 0\.900 +\| 0\.400 +\| −56 % +\| 5 % +\| WORSE/);
  });
});

test("a baseline is read as it was kept, in the same bytes, and what is none is refused", async () => {
  const folder = await mkdtemp(join(tmpdir(), "caudal-baseline-"));
  try {
    const baseline: Baseline = baselineOf(reportOf({ figures: [{ name: "p99", value: 1.23456, unit: "ms", atMost: 5 }, { name: "none", value: Number.NaN, unit: "ms" }] }));
    assert.equal(await readBaseline("some", folder), undefined);
    await keepBaseline(baseline, folder);
    const text = await readFile(join(folder, "some.json"), "utf8");
    const read = await readBaseline("some", folder);
    assert.deepEqual(read, baseline);
    assert.deepEqual(read?.figures.map(({ value }) => value), [1.235, null]);
    await keepBaseline(read, folder);
    assert.equal(await readFile(join(folder, "some.json"), "utf8"), text);
    await writeFile(join(folder, "other.json"), text);
    await assert.rejects(readBaseline("other", folder), /is of some/);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test("the middle half says nothing of the ends", () => {
  assert.equal(middleHalf([1, 100, 100, 100, 900]), 0);
  assert.equal(middleHalf([80, 90, 100, 110, 120]), 0.2);
});
