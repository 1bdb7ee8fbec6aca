import type uPlot from "uplot";
import { axisLabels } from "../format/instant.ts";
import { formatExact, formatUnit } from "../format/number.ts";
import { mergeTraces, type Merged } from "../history/merge.ts";
import type { Line, Panel } from "../history/panels.ts";
import type { Span } from "../history/range.ts";
import type { Language } from "../text/catalog.ts";

/** Colours of a chart, from the page's theme. */
export interface ChartColours {
  readonly series: readonly string[];
  readonly axis: string;
  readonly grid: string;
  readonly surface: string;
  readonly suspect: string;
  readonly bad: string;
  readonly corrected: string;
  readonly font: string;
}

/** Dashes tell lines apart without colour. */
export const dashes: readonly (readonly number[])[] = [[], [7, 4], [2, 3], [10, 3, 2, 3], [4, 2], [12, 4]];

export function colourOf(colours: readonly string[], line: { readonly colour: number }): string {
  return colours[line.colour % Math.max(1, colours.length)] ?? "#000";
}

/** True when a line is drawn with the band between the least and greatest value of each bucket. */
export function hasBand(line: Line): boolean {
  return line.draw === "line" && line.cells.some((cell) => cell.bucket !== null && cell.bucket.min !== null && cell.bucket.min !== cell.bucket.max);
}

/** What decides the shape of a chart: while it stays the same only data are exchanged. */
export function shapeOf(panel: Panel): string {
  return JSON.stringify([panel.id, panel.units, panel.lines.map((line) => [line.point, line.variable, line.draw, line.colour, hasBand(line)])]);
}

/** uPlot's columns: times, then a line's values and, with a band, its low and high edge. */
export function columnsOf(panel: Panel): { data: uPlot.AlignedData; merged: Merged } {
  const merged = mergeTraces(panel.lines);
  const columns = panel.lines.flatMap((line, index) => {
    const values = merged.values[index] ?? [];
    return hasBand(line) ? [values, merged.low[index] ?? [], merged.high[index] ?? []] : [values];
  });
  return { data: [merged.timesMs as number[], ...columns], merged };
}

export interface LayoutOptions {
  readonly panel: Panel;
  readonly colours: ChartColours;
  readonly language: Language;
  readonly width: number;
  readonly height: number;
  readonly span: () => Span;
  readonly syncKey: string;
  readonly bars: uPlot.Series.PathBuilder | undefined;
}

const AXIS_FONT_PX = 12;
const DIGIT_PX = 7.2;
/** Bands of several lines lie over each other, so they are thinner. */
const BAND_ALPHA = "2e";
const SHARED_BAND_ALPHA = "16";

/** A chart's options, without hooks: those belong to the view. */
export function layoutOf(options: LayoutOptions): uPlot.Options {
  const { panel, colours, language, span } = options;
  const series: uPlot.Series[] = [{}];
  const bands: uPlot.Band[] = [];
  for (const line of panel.lines) {
    const colour = colourOf(colours.series, line);
    series.push(lineSeries(line, colour, panel.lines.length, options));
    if (!hasBand(line)) continue;
    series.push(edge(line), edge(line));
    bands.push({ series: [series.length - 1, series.length - 2], fill: colour + (panel.lines.length > 1 ? SHARED_BAND_ALPHA : BAND_ALPHA) });
  }
  return {
    width: options.width, height: options.height, ms: 1, series, bands, legend: { show: false }, padding: [12, panel.units.length > 1 ? 0 : 14, 0, 0],
    cursor: { drag: { x: true, y: false, setScale: false }, y: false, sync: { key: options.syncKey }, points: { size: 7 } },
    scales: {
      x: { time: true, range: () => [span().fromMs, span().toMs] },
      ...Object.fromEntries(panel.units.map((unit) => [unit, scaleOf(panel.lines.filter((line) => line.unit === unit))])),
    },
    axes: [timeAxis(colours, language), ...panel.units.map((unit, index) => valueAxis(unit, index, options))],
  };
}

function lineSeries(line: Line, colour: string, lines: number, { bars }: LayoutOptions): uPlot.Series {
  const dash = lines > 1 ? dashes[line.colour % dashes.length] : undefined;
  const builder = line.draw === "bars" ? bars : undefined;
  return {
    scale: line.unit, stroke: colour, width: line.draw === "bars" ? 1 : 1.75, spanGaps: false, ...(dash === undefined ? {} : { dash: [...dash] }),
    ...(line.draw === "bars" ? { fill: `${colour}99` } : {}), ...(builder === undefined ? {} : { paths: builder }),
    points: { show: line.draw !== "bars" && sparse, size: 5, fill: colour, filter: (self, index, show) => (show === true ? null : isolated(self.data[index] as Column)) },
  };
}

type Column = readonly (number | null | undefined)[];

/** Few samples on a wide chart are drawn as dots too. */
function sparse(self: uPlot, _index: number, first: number, last: number): boolean {
  return last - first < self.bbox.width / uPlotRatio(self) / 14;
}

function uPlotRatio(self: uPlot): number {
  return self.width === 0 ? 1 : Math.max(1, self.ctx.canvas.width / self.width);
}

/** Samples with a break on both sides: no line shows them, so a dot must. */
export function isolated(column: Column): number[] {
  const out: number[] = [];
  let open: number | null = null;
  let run = 0;
  const close = () => {
    if (run === 1 && open !== null) out.push(open);
    run = 0;
  };
  column.forEach((value, index) => {
    if (value === undefined) return;
    if (value === null) return close();
    run += 1;
    open = index;
  });
  close();
  return out;
}

function edge(line: Line): uPlot.Series {
  return { scale: line.unit, width: 0, points: { show: false }, spanGaps: false };
}

/** Flows and counts are seen against zero; levels fill the chart. */
function scaleOf(lines: readonly Line[]): uPlot.Scale {
  const fromZero = lines.some((line) => line.kind === "rate" || line.draw === "bars");
  return { auto: true, range: { min: fromZero ? { pad: 0.06, soft: 0, mode: 1 } : { pad: 0.08, mode: 0 }, max: { pad: 0.1, mode: 0 } } };
}

function timeAxis(colours: ChartColours, language: Language): uPlot.Axis {
  return {
    stroke: colours.axis, font: `${AXIS_FONT_PX}px ${colours.font}`, space: 76, size: 44, gap: 6,
    grid: { stroke: colours.grid, width: 1 }, ticks: { stroke: colours.grid, width: 1, size: 5 },
    values: (...[, splits, , , incrMs]) => axisLabels(splits, incrMs, language),
  };
}

/** With one scale the chart's title says the unit. */
function valueAxis(unit: string, index: number, { colours, language, panel }: LayoutOptions): uPlot.Axis {
  const labelled = panel.units.length > 1 && formatUnit(unit) !== "";
  return {
    scale: unit, side: index === 0 ? 3 : 1, stroke: colours.axis, font: `${AXIS_FONT_PX}px ${colours.font}`, labelFont: `${AXIS_FONT_PX}px ${colours.font}`,
    ...(labelled ? { label: formatUnit(unit), labelSize: 18 } : {}), gap: 6, space: 34,
    grid: { show: index === 0, stroke: colours.grid, width: 1 }, ticks: { stroke: colours.grid, width: 1, size: 5 },
    values: (_self, splits) => splits.map((split) => formatExact(Number(split.toPrecision(12)), language)),
    size: (_self, values) => 16 + DIGIT_PX * Math.max(2, ...(values ?? []).map((value) => value.length)),
  };
}
