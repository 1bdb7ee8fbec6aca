import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { keepsLimit } from "./benchmark.ts";
import { amount, keepsLimits, renderSection, renderTable, type BenchmarkReport } from "./report.ts";
import { mergeSections } from "./results-file.ts";
import { spreadOf } from "./statistics.ts";

const side = (name: string, rates: number[], ratios: number[]) => ({ name, rates, rate: spreadOf(rates), cpuUs: 12.345, serverCpuUs: { redis: 3 }, roundCpuUs: rates.map(() => 15.345), ratio: spreadOf(ratios), cpuRatio: 1.01 });

const report: BenchmarkReport = {
  name: "redis-write", about: "Ours against bare.", machine: "2026-01-02, 2 × Some CPU, Node v24.0.0", seconds: 20,
  comparisons: [{ name: "fresh rows", unit: "rows", contenders: [side("ours", [900, 1000], [0.9, 1]), side("bare", [1000, 1000], [1, 1])], leastRatio: 0.8, ok: true }],
  figures: [{ name: "p99", value: 120, unit: "ms", atMost: 100 }, { name: "size", value: 31.25, unit: "bytes" }],
  notes: ["A note."],
};

suite("the report of a benchmark", () => {
  test("stands as a section with a row a contender and each figure beside its limit", () => {
    assert.equal(renderSection(report), `## redis-write

Ours against bare.

2026-01-02, 2 × Some CPU, Node v24.0.0; 20 s a comparison.

| comparison |      | rate (lowest–highest)      | ratio (lowest–highest) | limit |     | by CPU | CPU µs: client, servers |
|------------|------|----------------------------|------------------------|-------|-----|--------|-------------------------|
| fresh rows | ours | 950 (900–1,000) rows/s     | 0.95 (0.90–1.00)       | ≥ 0.8 | ok  | 1.01   | 12.3, redis 3           |
|            | bare | 1,000 (1,000–1,000) rows/s | 1                      |       |     | 1      | 12.3, redis 3           |

| figure | value      | limit    |        |
|--------|------------|----------|--------|
| p99    | 120 ms     | < 100 ms | MISSED |
| size   | 31.3 bytes |          |        |

- A note.
`);
  });

  test("tables of counts stand under their names", () => {
    const counted = { ...report, comparisons: [], figures: [], tables: [{ name: "what rows are", head: ["is", "jitter"], rows: [["step back", "21"]] }] };
    assert.ok(renderSection(counted).includes("### what rows are\n\n| is        | jitter |\n|-----------|--------|\n| step back | 21     |\n\n- A note."));
  });

  test("misses when a figure, a ratio or the run itself does", () => {
    assert.equal(keepsLimits(report), false);
    assert.equal(keepsLimits({ ...report, figures: [] }), true);
    assert.equal(keepsLimits({ ...report, figures: [], failure: "gone" }), false);
    assert.equal(keepsLimits({ ...report, figures: [], comparisons: report.comparisons.map((each) => ({ ...each, ok: false })) }), false);
  });

  test("a figure without a number misses its limit", () => {
    const figure = { name: "p99", unit: "ms", value: Number.NaN };
    assert.equal(keepsLimit({ ...figure, atMost: 100 }), false);
    assert.equal(keepsLimit(figure), true);
    assert.equal(keepsLimit({ ...figure, value: 5, atLeast: 5, atMost: 6 }), true);
    assert.equal(keepsLimit({ ...figure, value: 6, atMost: 6 }), false);
  });

  test("numbers have three figures", () => {
    assert.deepEqual([0.12345, 1.2345, 12.345, 123.45, 1234567, 3, Number.NaN].map(amount), ["0.123", "1.23", "12.3", "123", "1,234,567", "3", "–"]);
  });

  test("a bar in a cell does not end it", () => {
    assert.ok(renderTable(["a"], [["x|y"]]).includes("x\\|y"));
  });
});

suite("the file of results", () => {
  test("a section is replaced in place, others stay, all in the order of their names", () => {
    const first = mergeSections("", new Map([["b", "## b\n\nold\n"], ["c", "## c\n\nkept\n"]]));
    const second = mergeSections(first, new Map([["b", "## b\n\nnew\n"], ["a", "## a\n\nadded\n"]]));
    assert.equal(second.slice(second.indexOf("## ")), "## a\n\nadded\n\n## b\n\nnew\n\n## c\n\nkept\n");
    assert.ok(second.startsWith("# Results\n"));
    assert.equal(mergeSections(second, new Map()), second);
  });
});
