import type { Cell } from "../wire/history.ts";
import { gapsOf } from "./gaps.ts";
import type { Trace } from "./merge.ts";

/** What a line shows, in numbers: for people who do not see the chart, and for the table under it. */
export interface LineSummary {
  readonly count: number;
  readonly min: Cell | null;
  readonly max: Cell | null;
  readonly last: Cell | null;
  readonly gaps: number;
  readonly flagged: number;
  /** Sum of what the buckets counted; of raw samples of a total, last minus first where that is not negative. */
  readonly consumption: number | null;
}

export function lowOf(cell: Cell): number | null {
  return cell.bucket?.min ?? cell.value;
}

export function highOf(cell: Cell): number | null {
  return cell.bucket?.max ?? cell.value;
}

export function isMarked(cell: Cell): boolean {
  return cell.bucket === null ? cell.flag === 3 || cell.flag === 4 : cell.bucket.flagged > 0;
}

/** True for a value that a person said. */
export function isCorrected(cell: Cell): boolean {
  return cell.bucket === null && cell.reasons.includes("corrected");
}

/** Cells to be marked on the chart: suspect, bad and corrected samples, and buckets that hold any. */
export function markedCells(cells: readonly Cell[]): Cell[] {
  return cells.filter((cell) => (isMarked(cell) || isCorrected(cell)) && cell.value !== null);
}

export function summarise(trace: Trace, kind: string): LineSummary {
  const shown = trace.cells.filter((cell) => cell.value !== null);
  let min: Cell | null = null;
  let max: Cell | null = null;
  for (const cell of shown) {
    if (min === null || (lowOf(cell) ?? 0) < (lowOf(min) ?? 0)) min = cell;
    if (max === null || (highOf(cell) ?? 0) > (highOf(max) ?? 0)) max = cell;
  }
  return {
    count: shown.length, min, max, last: shown.at(-1) ?? null, gaps: gapsOf(shown, trace.gapLimitMs).length,
    flagged: shown.filter(isMarked).length, consumption: kind === "total" ? consumptionOf(shown) : null,
  };
}

function consumptionOf(cells: readonly Cell[]): number | null {
  if (cells.some((cell) => cell.bucket !== null)) {
    const counted = cells.map((cell) => cell.bucket?.consumption ?? 0);
    return Number(counted.reduce((sum, value) => sum + value, 0).toPrecision(12));
  }
  const first = cells[0]?.value;
  const last = cells.at(-1)?.value;
  if (first === undefined || first === null || last === undefined || last === null || last < first) return null;
  return Number((last - first).toPrecision(12));
}
