import type { Cell } from "../wire/history.ts";
import { bucketMs } from "./resolution.ts";

/** Steps between samples that are looked at to learn their usual distance. */
const SAMPLED_STEPS = 2_000;
const PERIODS_TO_GAP = 2.5;
const MEDIANS_TO_GAP = 4;
const SHORTEST_GAP_MS = 1_500;

/** Distance between two neighbours from which on the line between them is not drawn, in ms. */
export function gapLimitMs(cells: readonly Cell[], resolution: string, periodS: number | null): number {
  const step = bucketMs(resolution);
  if (step !== null) return step * 1.5;
  if (periodS !== null && periodS > 0) return Math.max(SHORTEST_GAP_MS, periodS * 1000 * PERIODS_TO_GAP);
  const median = medianStepMs(cells);
  return median === null ? Number.POSITIVE_INFINITY : Math.max(SHORTEST_GAP_MS, median * MEDIANS_TO_GAP);
}

/** Usual distance of neighbours; null with fewer than three cells. */
export function medianStepMs(cells: readonly Cell[]): number | null {
  if (cells.length < 3) return null;
  const stride = Math.max(1, Math.floor(cells.length / SAMPLED_STEPS));
  const steps: number[] = [];
  for (let index = 1; index < cells.length; index += stride) {
    const step = (cells[index]?.timeMs ?? 0) - (cells[index - 1]?.timeMs ?? 0);
    if (step > 0) steps.push(step);
  }
  steps.sort((a, b) => a - b);
  return steps[Math.floor(steps.length / 2)] ?? null;
}

export interface Gap {
  readonly fromMs: number;
  readonly toMs: number;
}

/** True when no line may run from `before` to `after`: too far apart, or the pipeline itself saw that something is missing. */
export function isGap(before: Cell, after: Cell, limitMs: number): boolean {
  return after.timeMs - before.timeMs > limitMs || after.reasons.includes("gap-before");
}

/** The gaps between cells that hold a value, longest first. */
export function gapsOf(cells: readonly Cell[], limitMs: number): Gap[] {
  const gaps: Gap[] = [];
  let before: Cell | undefined;
  for (const cell of cells) {
    if (cell.value === null) continue;
    if (before !== undefined && isGap(before, cell, limitMs)) gaps.push({ fromMs: before.timeMs, toMs: cell.timeMs });
    before = cell;
  }
  return gaps.sort((a, b) => b.toMs - b.fromMs - (a.toMs - a.fromMs));
}
