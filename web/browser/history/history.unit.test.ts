import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { readPoint, type Point } from "../wire/point.ts";
import type { BucketCell, Cell, History } from "../wire/history.ts";
import { gapLimitMs, gapsOf, isGap, medianStepMs } from "./gaps.ts";
import { linesOf, variablesOf } from "./lines.ts";
import { withMeasurements } from "./live-tail.ts";
import { appendCell, mergeTraces, nearestIndex } from "./merge.ts";
import { panelsOf, type Line } from "./panels.ts";
import { between, moved, presets, spanOf, zoomed } from "./range.ts";
import { bucketMs, isResolution, refreshMs } from "./resolution.ts";
import { markedCells, summarise } from "./summary.ts";
import { rowPage, tableRows } from "./table-rows.ts";
import { csvHref } from "./load.ts";
import { firstView, rangeName, readViewState, writeViewState } from "./view-state.ts";

function cell(timeMs: number, value: number | null, more: Partial<Cell> = {}): Cell {
  return { time: new Date(timeMs).toISOString(), timeMs, value, flag: 1, reasons: [], bucket: null, ...more };
}

function bucket(more: Partial<BucketCell> = {}): BucketCell {
  return { min: 1, max: 3, mean: 2, first: 1, last: 3, consumption: 2, count: 4, coverage: 1, flagged: 0, ...more };
}

function line(variable: string, unit: string, cells: Cell[], more: Partial<Line> = {}): Line {
  return { point: "p", pointName: "P", variable, variableName: variable, kind: "rate", unit, draw: "line", colour: 0, cells, gapLimitMs: 100, ...more };
}

describe("ranges", () => {
  test("a preset ends now, all begins at the first reading, fixed stays", () => {
    assert.deepEqual(spanOf({ kind: "last", preset: "1h" }, 10_000_000, null), { fromMs: 10_000_000 - presets["1h"], toMs: 10_000_000 });
    assert.deepEqual(spanOf({ kind: "all" }, 10_000_000, 5_000), { fromMs: 5_000, toMs: 10_000_000 });
    assert.equal(spanOf({ kind: "all" }, 10_000_000, null).toMs, 10_000_000);
    assert.deepEqual(spanOf(between(9_000, 1_000), 10_000_000, null), { fromMs: 1_000, toMs: 9_000 });
  });

  test("zooming keeps the middle and never shows less than a second, moving keeps the length", () => {
    assert.deepEqual(zoomed({ fromMs: 0, toMs: 100_000 }, 0.5), between(25_000, 75_000));
    assert.deepEqual(zoomed({ fromMs: 0, toMs: 1_000 }, 0.5), between(0, 1_000));
    assert.deepEqual(moved({ fromMs: 0, toMs: 100_000 }, -0.5), between(-50_000, 50_000));
    assert.deepEqual(between(5, 5), { kind: "between", fromMs: 5, toMs: 1_005 });
  });
});

describe("resolutions", () => {
  test("buckets have lengths, samples none; open buckets are asked again a few times each", () => {
    assert.equal(bucketMs("15m"), 900_000);
    assert.equal(bucketMs("raw"), null);
    assert.equal(isResolution("1h"), true);
    assert.equal(isResolution("2h"), false);
    assert.equal(refreshMs("1m"), 15_000);
    assert.equal(refreshMs("15m"), 225_000);
    assert.equal(refreshMs("1d"), 300_000);
    assert.equal(refreshMs("raw"), 60_000);
  });
});

describe("gaps", () => {
  const steady = [0, 1_000, 2_000, 3_000, 9_000, 10_000].map((timeMs) => cell(timeMs, 1));

  test("the limit comes from the bucket, the period, or the usual step", () => {
    assert.equal(gapLimitMs([], "15m", 60), 1_350_000);
    assert.equal(gapLimitMs([], "raw", 60), 150_000);
    assert.equal(gapLimitMs(steady, "raw", null), 4_000);
    assert.equal(gapLimitMs(steady.slice(0, 2), "raw", null), Number.POSITIVE_INFINITY);
    assert.equal(medianStepMs(steady), 1_000);
  });

  test("a step above the limit is a gap, and so is what the pipeline said", () => {
    assert.deepEqual(gapsOf(steady, 4_000), [{ fromMs: 3_000, toMs: 9_000 }]);
    assert.deepEqual(gapsOf([cell(0, 1), cell(50, null), cell(100, 2)], 80), [{ fromMs: 0, toMs: 100 }]);
    assert.equal(isGap(cell(0, 1), cell(10, 1, { reasons: ["gap-before"] }), 1_000), true);
  });
});

describe("merging traces", () => {
  test("lines of different times share an axis: null breaks, undefined goes on", () => {
    const merged = mergeTraces([
      { cells: [cell(0, 1), cell(10, 2), cell(500, 3)], gapLimitMs: 100 }, { cells: [cell(5, 7, { bucket: bucket({ min: 6, max: 8 }) })], gapLimitMs: 100 },
    ]);
    assert.deepEqual(merged.timesMs, [0, 5, 10, 255, 500]);
    assert.deepEqual(merged.values[0], [1, undefined, 2, null, 3]);
    assert.deepEqual(merged.values[1], [undefined, 7, undefined, undefined, undefined]);
    assert.equal(merged.low[1]?.[1], 6);
    assert.equal(merged.high[1]?.[1], 8);
  });

  test("the nearest cell", () => {
    const cells = [0, 10, 30].map((timeMs) => ({ timeMs }));
    assert.deepEqual([-5, 4, 6, 19, 21, 99].map((timeMs) => nearestIndex(cells, timeMs)), [0, 0, 1, 1, 2, 2]);
    assert.equal(nearestIndex([], 1), -1);
  });

  test("live cells go in by time, take the place of their instant, and old ones leave", () => {
    const cells = [cell(0, 1), cell(10, 2), cell(30, 3)];
    assert.deepEqual(appendCell(cells, cell(20, 9), 10).map((row) => [row.timeMs, row.value]), [[10, 2], [20, 9], [30, 3]]);
    assert.deepEqual(appendCell(cells, cell(10, 9), 0).map((row) => row.value), [1, 9, 3]);
  });
});

describe("panels", () => {
  const lines = [line("flow", "L/s", []), line("level", "m", []), line("ph", "pH", []), line("flow", "L/s", [], { point: "q", pointName: "Q" })];

  test("apart: a chart for each variable with all its points", () => {
    assert.deepEqual(panelsOf(lines, "apart").map((panel) => panel.lines.map((row) => `${row.point}.${row.variable}.${row.colour}`)), [["p.flow.0", "q.flow.1"], ["p.level.0"], ["p.ph.0"]]);
  });

  test("together: two scales a chart and no more", () => {
    const panels = panelsOf(lines, "together");
    assert.deepEqual(panels.map((panel) => panel.units), [["L/s", "m"], ["pH"]]);
    assert.deepEqual(panels[0]?.lines.map((row) => row.colour), [0, 1, 2]);
  });
});

describe("summaries", () => {
  test("extremes, last, gaps and marks of samples", () => {
    const cells = [cell(0, 2), cell(10, 8, { flag: 4 }), cell(20, null, { flag: 9 }), cell(500, 1, { flag: 3 })];
    const summary = summarise({ cells, gapLimitMs: 100 }, "rate");
    assert.deepEqual([summary.count, summary.min?.value, summary.max?.value, summary.last?.value, summary.gaps, summary.flagged, summary.consumption], [3, 1, 8, 1, 1, 2, null]);
    assert.deepEqual(markedCells(cells).map((row) => row.timeMs), [10, 500]);
  });

  test("extremes of buckets are those of their samples, consumption is their sum", () => {
    const cells = [cell(0, 2, { bucket: bucket({ min: 0.5, consumption: 0.1 }) }), cell(10, 2, { bucket: bucket({ max: 9, consumption: 0.2, flagged: 1 }) })];
    const summary = summarise({ cells, gapLimitMs: 100 }, "total");
    assert.deepEqual([summary.min?.bucket?.min, summary.max?.bucket?.max, summary.flagged, summary.consumption], [0.5, 9, 1, 0.3]);
  });

  test("consumption of samples is last minus first, of a total that went down nobody knows", () => {
    assert.equal(summarise({ cells: [cell(0, 10.1), cell(1, 10.4)], gapLimitMs: 10 }, "total").consumption, 0.3);
    assert.equal(summarise({ cells: [cell(0, 10), cell(1, 4)], gapLimitMs: 10 }, "total").consumption, null);
    assert.equal(summarise({ cells: [], gapLimitMs: 10 }, "total").consumption, null);
  });
});

describe("the address of a view", () => {
  test("what is as at first is left out, the rest comes back as it went", () => {
    assert.equal(writeViewState(firstView), "");
    const then = { ...firstView, asOfMs: Date.UTC(2026, 2, 1, 8) };
    assert.equal(writeViewState(then), "?asof=2026-03-01T08%3A00%3A00.000Z");
    assert.deepEqual(readViewState(writeViewState(then)), then);
    assert.equal(readViewState("?asof=then").asOfMs, null);
    const query = { span: { fromMs: 0, toMs: 1000 }, resolution: "1h", zone: "UTC" } as const;
    assert.match(csvHref("p", { ...query, asOfMs: then.asOfMs }), /asOf=2026-03-01T08%3A00%3A00.000Z/);
    assert.doesNotMatch(csvHref("p", { ...query, asOfMs: null }), /asOf/);
    const state = { ...firstView, range: between(1_000, 61_000), resolution: "1h" as const, beside: ["q", "r"], hidden: ["ph"], layout: "together" as const, view: "table" as const, measure: "consumption" as const };
    assert.deepEqual(readViewState(writeViewState(state)), state);
    assert.deepEqual(readViewState(writeViewState({ ...firstView, range: { kind: "all" } })).range, { kind: "all" });
    assert.equal(writeViewState({ ...firstView, range: { kind: "last", preset: "7d" } }), "?range=7d");
  });

  test("nonsense is as at first, and no more points than can be told apart", () => {
    assert.deepEqual(readViewState("?range=soon&res=2h&layout=x&from=b&to=a"), firstView);
    assert.equal(readViewState("?with=a,b,c,d,e,f,g,a").beside.length, 5);
    const fast = { ...firstView, range: { kind: "last" as const, preset: "15m" as const } };
    assert.deepEqual(readViewState("", fast).range, fast.range);
    assert.equal(rangeName(between(1, 2)), null);
  });
});

describe("lines", () => {
  const point: Point = readPoint({ id: "p", name: "Well", variables: [{ key: "t", variable: "total", kind: "total", unit: "m3", name: { en: "Total", es: "Totalizador" } }] }) ?? assert.fail("no point");
  const history: History = {
    point: "p", resolution: "1h", columns: [{ variable: "total", unit: "m3" }, { variable: "extra", unit: "V" }], cells: new Map([["total", [cell(0, 3, { bucket: bucket() })]], ["extra", []]]),
    coverage: { expected: 0, received: 0, flagged: 0, ratio: null }, served: [], next: null,
  };

  test("named in the page's language, also what the configuration does not know", () => {
    assert.deepEqual(variablesOf(point, history, "es").map((row) => [row.name, row.unit]), [["Totalizador", "m3"], ["extra", "V"]]);
    assert.deepEqual(variablesOf(point, undefined, "en").map((row) => row.name), ["Total"]);
  });

  test("totals are drawn as what they counted when asked, and hidden variables not at all", () => {
    const choice = { hidden: new Set(["extra"]), measure: "consumption" as const, language: "en" as const };
    const [counted, ...others] = linesOf([{ point, history }], choice);
    assert.equal(others.length, 0);
    assert.deepEqual([counted?.draw, counted?.cells[0]?.value, counted?.cells[0]?.bucket?.min], ["bars", 2, null]);
    assert.equal(linesOf([{ point, history }], { ...choice, measure: "value" })[0]?.draw, "line");
    assert.equal(linesOf([{ point, history: { ...history, resolution: "raw" } }], choice)[0]?.draw, "line");
  });

  test("live measurements join raw histories of their point alone", () => {
    const raw = { ...history, resolution: "raw", cells: new Map([["total", [cell(1_000, 1), cell(2_000, 2)]]]) };
    const value = (timeMs: number) => ({ variable: "fresh", unit: "m", value: 7, flag: 1, reasons: [], time: "", timeMs });
    const batch = [{ point: "p", client: "c", timeMs: 3_000, values: [value(3_000), value(10)] }];
    const [joined] = withMeasurements([raw], batch, 500);
    assert.deepEqual(joined?.cells.get("fresh")?.map((row) => row.timeMs), [3_000]);
    assert.deepEqual(joined.columns.at(-1), { variable: "fresh", unit: "m" });
    const untouched = [history];
    assert.equal(withMeasurements(untouched, batch, 0), untouched);
  });
});

describe("the table", () => {
  const lines = [line("flow", "L/s", [cell(1, 1), cell(2, 2, { flag: 4 }), cell(3, null)]), line("level", "m", [cell(2, 9)])];

  test("one row an instant, newest first, marked ones alone when asked", () => {
    const rows = tableRows(lines, false);
    assert.deepEqual(rows.map((row) => [row.timeMs, row.cells.map((value) => value?.value)]), [[2, [2, 9]], [1, [1, undefined]]]);
    assert.deepEqual(tableRows(lines, true).map((row) => row.timeMs), [2]);
  });

  test("a page beyond the end is the last one", () => {
    const rows = tableRows(lines, false);
    assert.deepEqual([rowPage(rows, 9, 1).page, rowPage(rows, 9, 1).pages, rowPage(rows, 9, 1).rows.length], [1, 2, 1]);
    assert.deepEqual(rowPage([], 0, 100), { rows: [], page: 0, pages: 1 });
  });
});
