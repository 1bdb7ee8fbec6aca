import type { Line, Panel } from "../history/panels.ts";
import { nearestIndex } from "../history/merge.ts";
import type { Cell } from "../wire/history.ts";

/** What a line says at an instant: its nearest cell, or none where the line is broken. */
export interface ReadoutRow {
  readonly line: Line;
  readonly cell: Cell | null;
}

/** Cells further from the pointer than this share of what is shown are not meant. */
const NEAR_SHARE = 0.02;

export function readoutAt(panel: Panel, timeMs: number, spanMs: number): ReadoutRow[] {
  return panel.lines.map((line) => {
    const cell = line.cells[nearestIndex(line.cells, timeMs)];
    const nearMs = Math.max(spanMs * NEAR_SHARE, Number.isFinite(line.gapLimitMs) ? line.gapLimitMs / 2 : 0);
    return { line, cell: cell !== undefined && Math.abs(cell.timeMs - timeMs) <= nearMs ? cell : null };
  });
}

/** Ascending instants of all samples of a panel, for moving along them by keyboard. */
export function stopsOf(panel: Panel): number[] {
  return [...new Set(panel.lines.flatMap((line) => line.cells.filter((cell) => cell.value !== null).map((cell) => cell.timeMs)))].sort((a, b) => a - b);
}

export type Step = "back" | "on" | "first" | "last";

/** The next stop from an instant; from nowhere the last one. Null when there are no stops. */
export function nextStop(stops: readonly number[], fromMs: number | null, step: Step): number | null {
  if (stops.length === 0) return null;
  if (step === "first") return stops[0] ?? null;
  if (step === "last" || fromMs === null) return stops.at(-1) ?? null;
  const index = nearestIndex(stops.map((timeMs) => ({ timeMs })), fromMs);
  return stops[Math.min(stops.length - 1, Math.max(0, index + (step === "on" ? 1 : -1)))] ?? null;
}
