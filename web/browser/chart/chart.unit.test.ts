import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type uPlot from "uplot";
import type { Line, Panel } from "../history/panels.ts";
import type { Cell } from "../wire/history.ts";
import { columnsOf, hasBand, isolated, layoutOf, shapeOf, type ChartColours } from "./layout.ts";
import { drawMarks, marksOf, thinned, type MarkCanvas } from "./marks.ts";
import { nextStop, readoutAt, stopsOf } from "./readout.ts";

const colours: ChartColours = { series: ["#000001", "#000002"], axis: "#333333", grid: "#eeeeee", surface: "#ffffff", suspect: "#aa8800", bad: "#aa0000", corrected: "#5500aa", font: "sans-serif" };

function cell(timeMs: number, value: number | null, more: Partial<Cell> = {}): Cell {
  return { time: "", timeMs, value, flag: 1, reasons: [], bucket: null, ...more };
}

const bucket = { min: 1, max: 3, mean: 2, first: 1, last: 3, consumption: 2, count: 4, coverage: 1, flagged: 0 };

function line(unit: string, cells: Cell[], more: Partial<Line> = {}): Line {
  return { point: "p", pointName: "P", variable: unit, variableName: unit, kind: "level", unit, draw: "line", colour: 0, cells, gapLimitMs: 100, ...more };
}

function layout(panel: Panel): uPlot.Options {
  return layoutOf({ panel, colours, language: "es", width: 600, height: 280, span: () => ({ fromMs: 5, toMs: 95 }), syncKey: "k", bars: undefined });
}

describe("the layout of a chart", () => {
  const banded = line("m", [cell(0, 2, { bucket })]);
  const panel: Panel = { id: "x", units: ["m", "L/s"], lines: [banded, line("L/s", [cell(10, 1)], { kind: "rate", colour: 1 })] };

  test("a line with a band has three columns and its edges are no lines", () => {
    const { data } = columnsOf(panel);
    assert.equal(data.length, 5);
    assert.deepEqual(data.map((column) => column.length), [2, 2, 2, 2, 2]);
    const options = layout(panel);
    assert.equal(options.series.length, data.length);
    assert.deepEqual(options.bands?.map((band) => band.series), [[3, 2]]);
    assert.equal(options.series[2]?.width, 0);
  });

  test("each unit has its own scale and side, the time scale is what is asked to be shown", () => {
    const options = layout(panel);
    assert.deepEqual(options.axes?.map((axis) => axis.side), [undefined, 3, 1]);
    assert.deepEqual(Object.keys(options.scales ?? {}), ["x", "m", "L/s"]);
    const range = options.scales?.["x"]?.range as unknown as () => number[];
    assert.deepEqual(range(), [5, 95]);
    const rate = options.scales?.["L/s"]?.range as uPlot.Range.Config;
    assert.equal(rate.min.soft, 0);
  });

  test("axes speak the page's language", () => {
    const [time, value] = layout(panel).axes ?? [];
    const values = value?.values as unknown as (self: unknown, splits: number[]) => string[];
    assert.deepEqual(values(null, [0, 0.30000000000000004, 1_234.5]), ["0", "0,3", "1.234,5"]);
    const size = value?.size as unknown as (self: unknown, values: string[] | null) => number;
    assert.ok(size(null, ["1.234.567"]) > size(null, ["1"]));
    assert.ok(size(null, null) > 0);
    const times = time?.values as unknown as (self: unknown, splits: number[], axis: number, space: number, incr: number) => string[];
    assert.equal(times(null, [0], 0, 0, 86_400_000).length, 1);
  });

  test("a new shape is a new chart, new values are not", () => {
    const shape = shapeOf(panel);
    assert.equal(shapeOf({ ...panel, lines: panel.lines.map((row) => ({ ...row, cells: [...row.cells, cell(50, 3)] })) }), shape);
    assert.notEqual(shapeOf({ ...panel, lines: panel.lines.slice(1) }), shape);
    assert.equal(hasBand(line("m", [cell(0, 2, { bucket: { ...bucket, min: 3, max: 3 } })])), false);
    assert.equal(hasBand({ ...banded, draw: "bars" }), false);
  });

  test("a value between two breaks is found, so that a dot shows it", () => {
    assert.deepEqual(isolated([1, null, 2, undefined, null, 3, 4, null, 5]), [0, 2, 8]);
    const points = layout({ ...panel, units: ["m"], lines: [line("m", [cell(0, 1)])] }).series[1]?.points;
    const filter = points?.filter as unknown as (self: unknown, index: number, show: boolean) => number[] | null;
    assert.equal(filter({ data: [[0], [1]] }, 1, true), null);
    assert.deepEqual(filter({ data: [[0], [1]] }, 1, false), [0]);
    const show = points?.show as unknown as (self: unknown, index: number, first: number, last: number) => boolean;
    const self = { bbox: { width: 1_200 }, width: 600, ctx: { canvas: { width: 1_200 } } };
    assert.equal(show(self, 1, 0, 10), true);
    assert.equal(show(self, 1, 0, 1_000), false);
  });
});

describe("marks", () => {
  test("suspect and bad samples and buckets that hold any are marked on their scale", () => {
    const panel: Panel = { id: "x", units: ["m"], lines: [line("m", [cell(0, 1), cell(1, 2, { flag: 3 }), cell(2, null, { flag: 4 }), cell(3, 3, { bucket: { ...bucket, flagged: 2 } })])] };
    assert.deepEqual(marksOf(panel).map((mark) => [mark.scale, mark.cell.timeMs]), [["m", 1], ["m", 3]]);
  });

  test("in a crowd one mark stands for all, a bad one before others", () => {
    const marks = [{ x: 1, y: 1, tone: "suspect" as const }, { x: 2, y: 2, tone: "bad" as const }, { x: 2, y: 1, tone: "corrected" as const }, { x: 100, y: 1, tone: "corrected" as const }];
    assert.deepEqual(thinned(marks, 1), [{ x: 2, y: 2, tone: "bad" }, { x: 100, y: 1, tone: "corrected" }]);
  });

  test("suspect has three corners and bad four", () => {
    const calls: string[] = [];
    const canvas: MarkCanvas = {
      fillStyle: "", strokeStyle: "", lineWidth: 0, save: () => calls.push("save"), restore: () => calls.push("restore"), beginPath: () => calls.push("begin"), moveTo: () => calls.push("corner"),
      lineTo: () => calls.push("corner"), closePath: () => calls.push("close"), fill: () => calls.push(String(canvas.fillStyle)), stroke: () => calls.push("stroke"),
    };
    drawMarks(canvas, [{ x: 0, y: 0, tone: "suspect" }, { x: 9, y: 9, tone: "bad" }], 2, colours);
    assert.deepEqual(calls.filter((call) => call === "corner").length, 7);
    assert.deepEqual(calls.filter((call) => call.startsWith("#")), [colours.suspect, colours.bad]);
    assert.deepEqual([calls[0], calls.at(-1)], ["save", "restore"]);
  });
});

describe("the readout", () => {
  const panel: Panel = { id: "x", units: ["m"], lines: [line("m", [cell(0, 1), cell(1_000, 2), cell(2_000, null)]), line("m", [cell(50_000, 9)])] };

  test("each line says its nearest value, a far one nothing", () => {
    assert.deepEqual(readoutAt(panel, 900, 60_000).map((row) => row.cell?.value ?? null), [2, null]);
  });

  test("the keyboard moves along all samples and stops at the ends", () => {
    const stops = stopsOf(panel);
    assert.deepEqual(stops, [0, 1_000, 50_000]);
    assert.equal(nextStop(stops, null, "back"), 50_000);
    assert.equal(nextStop(stops, 50_000, "back"), 1_000);
    assert.equal(nextStop(stops, 50_000, "on"), 50_000);
    assert.equal(nextStop(stops, 1_000, "first"), 0);
    assert.equal(nextStop(stops, 0, "last"), 50_000);
    assert.equal(nextStop([], 0, "on"), null);
  });
});
