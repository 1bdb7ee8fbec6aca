import type { Cell } from "../wire/history.ts";
import { isGap } from "./gaps.ts";

/** One line of a chart before it is laid on the common time axis. */
export interface Trace {
  readonly cells: readonly Cell[];
  readonly gapLimitMs: number;
}

/** A number, null where the line breaks, undefined where this line has no sample but goes on. */
export type Plotted = number | null | undefined;

export interface Merged {
  readonly timesMs: readonly number[];
  /** For each trace its values, and the low and high edge of its band. */
  readonly values: readonly Plotted[][];
  readonly low: readonly Plotted[][];
  readonly high: readonly Plotted[][];
}

interface Break {
  readonly timeMs: number;
}

/** Instants in the middle of gaps: there a null ends the line. */
function breaksOf(trace: Trace): Break[] {
  const breaks: Break[] = [];
  let before: Cell | undefined;
  for (const cell of trace.cells) {
    if (before !== undefined && isGap(before, cell, trace.gapLimitMs)) breaks.push({ timeMs: (before.timeMs + cell.timeMs) / 2 });
    before = cell;
  }
  return breaks;
}

/** Puts traces with times of their own on one ascending axis, as uPlot wants them. */
export function mergeTraces(traces: readonly Trace[]): Merged {
  const breaks = traces.map(breaksOf);
  const all = new Set<number>();
  traces.forEach((trace, index) => {
    for (const cell of trace.cells) all.add(cell.timeMs);
    for (const gap of breaks[index] ?? []) all.add(gap.timeMs);
  });
  const timesMs = [...all].sort((a, b) => a - b);
  const indexOf = new Map(timesMs.map((timeMs, index) => [timeMs, index]));
  const column = (trace: Trace, index: number, pick: (cell: Cell) => number | null): Plotted[] => {
    const out = new Array<Plotted>(timesMs.length).fill(undefined);
    for (const gap of breaks[index] ?? []) out[indexOf.get(gap.timeMs) ?? -1] = null;
    for (const cell of trace.cells) out[indexOf.get(cell.timeMs) ?? -1] = pick(cell);
    return out;
  };
  return {
    timesMs,
    values: traces.map((trace, index) => column(trace, index, (cell) => cell.value)),
    low: traces.map((trace, index) => column(trace, index, (cell) => cell.bucket?.min ?? null)),
    high: traces.map((trace, index) => column(trace, index, (cell) => cell.bucket?.max ?? null)),
  };
}

/** Index of the cell nearest to an instant; -1 when there is none. Cells are in time order. */
export function nearestIndex(cells: readonly { readonly timeMs: number }[], timeMs: number): number {
  let low = 0;
  let high = cells.length - 1;
  if (high < 0) return -1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((cells[middle]?.timeMs ?? 0) < timeMs) low = middle + 1;
    else high = middle;
  }
  const after = cells[low]?.timeMs ?? 0;
  const before = cells[low - 1]?.timeMs;
  return before !== undefined && timeMs - before < after - timeMs ? low - 1 : low;
}

/** Adds a live cell to raw cells in time order; one at a known instant takes its place. Cells before `keepFromMs` are let go. */
export function appendCell(cells: readonly Cell[], cell: Cell, keepFromMs: number): Cell[] {
  const kept = cells.filter((old) => old.timeMs >= keepFromMs && old.timeMs !== cell.timeMs);
  const index = kept.findLastIndex((old) => old.timeMs < cell.timeMs);
  kept.splice(index + 1, 0, cell);
  return kept;
}
