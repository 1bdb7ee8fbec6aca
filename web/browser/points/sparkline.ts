import type { Cell } from "../wire/history.ts";

/** Shape of the small chart of a row: lines with gaps, or bars for what a total counted in each bucket. */
export interface SparkPath {
  readonly line: string;
  readonly area: string;
  readonly last: { readonly x: number; readonly y: number } | null;
  readonly min: number;
  readonly max: number;
}

export interface SparkBox {
  readonly width: number;
  readonly height: number;
  readonly fromMs: number;
  readonly toMs: number;
  /** Cells further apart than this are not joined. */
  readonly gapMs: number;
}

const INSET = 3;

interface Plotted {
  readonly x: number;
  readonly y: number;
  readonly timeMs: number;
}

/** Null when there is nothing to draw. */
export function sparkline(cells: readonly Cell[], box: SparkBox): SparkPath | null {
  const shown = cells.filter((cell) => cell.value !== null && cell.timeMs >= box.fromMs && cell.timeMs <= box.toMs);
  if (shown.length === 0) return null;
  const values = shown.map((cell) => cell.value ?? 0);
  const min = values.reduce((low, value) => Math.min(low, value));
  const max = values.reduce((high, value) => Math.max(high, value));
  const round = (value: number) => Math.round(value * 10) / 10;
  const place = (cell: Cell): Plotted => ({
    timeMs: cell.timeMs,
    x: round(INSET + ((cell.timeMs - box.fromMs) / Math.max(1, box.toMs - box.fromMs)) * (box.width - 2 * INSET)),
    y: max === min ? round(box.height / 2) : round(box.height - INSET - (((cell.value ?? 0) - min) / (max - min)) * (box.height - 2 * INSET)),
  });
  const runs = split(shown.map(place), box.gapMs);
  const last = runs.at(-1)?.at(-1);
  return {
    line: runs.map(lineOf).join(""), area: runs.map((run) => areaOf(run, box.height)).join(""),
    last: last === undefined ? null : { x: last.x, y: last.y }, min, max,
  };
}

function split(points: readonly Plotted[], gapMs: number): Plotted[][] {
  const runs: Plotted[][] = [];
  for (const point of points) {
    const run = runs.at(-1);
    const before = run?.at(-1);
    if (run === undefined || before === undefined || point.timeMs - before.timeMs > gapMs) runs.push([point]);
    else run.push(point);
  }
  return runs;
}

/** A lone value is a short stroke, so that it is seen. */
function lineOf(run: readonly Plotted[]): string {
  const [first] = run;
  if (first === undefined) return "";
  if (run.length === 1) return `M${first.x - 1} ${first.y}h2`;
  return run.map((point, index) => `${index === 0 ? "M" : "L"}${point.x} ${point.y}`).join("");
}

function areaOf(run: readonly Plotted[], height: number): string {
  const first = run[0];
  const last = run.at(-1);
  if (first === undefined || last === undefined || run.length === 1) return "";
  return `${lineOf(run)}L${last.x} ${height}L${first.x} ${height}Z`;
}
