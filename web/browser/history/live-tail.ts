import type { LiveMeasurement } from "../wire/point.ts";
import type { Cell, History } from "../wire/history.ts";
import { appendCell } from "./merge.ts";

/**
 * Raw histories with live measurements at their ends; samples that left the range are let go. Gives back the same array when nothing
 * changed, so that nothing is drawn anew.
 */
export function withMeasurements<T extends History>(histories: readonly T[], batch: readonly LiveMeasurement[], keepFromMs: number): readonly T[] {
  let changed = false;
  const next = histories.map((history) => {
    const mine = batch.filter((measurement) => measurement.point === history.point);
    if (mine.length === 0 || history.resolution !== "raw") return history;
    changed = true;
    return { ...history, ...withSamples(history, mine, keepFromMs) };
  });
  return changed ? next : histories;
}

function withSamples(history: History, batch: readonly LiveMeasurement[], keepFromMs: number): Pick<History, "cells" | "columns"> {
  const cells = new Map(history.cells);
  const columns = [...history.columns];
  for (const value of batch.flatMap((measurement) => measurement.values)) {
    if (value.timeMs < keepFromMs) continue;
    const cell: Cell = { time: value.time, timeMs: value.timeMs, value: value.value, flag: value.flag, reasons: value.reasons, bucket: null };
    if (!columns.some((column) => column.variable === value.variable)) columns.push({ variable: value.variable, unit: value.unit });
    cells.set(value.variable, appendCell(cells.get(value.variable) ?? [], cell, keepFromMs));
  }
  return { cells, columns };
}
