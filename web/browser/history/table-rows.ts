import type { Cell } from "../wire/history.ts";
import { isMarked } from "./summary.ts";
import type { Line } from "./panels.ts";

/** One instant of one point, with a cell for each of its lines. */
export interface TableRow {
  readonly time: string;
  readonly timeMs: number;
  readonly cells: readonly (Cell | undefined)[];
}

/** Rows of lines that belong to one point, newest first; with `markedOnly` those that hold a suspect or bad value. */
export function tableRows(lines: readonly Line[], markedOnly: boolean): TableRow[] {
  const rows = new Map<number, { time: string; cells: (Cell | undefined)[] }>();
  lines.forEach((line, index) => {
    for (const cell of line.cells) {
      if (cell.value === null && cell.flag !== 9) continue;
      const row = rows.get(cell.timeMs) ?? { time: cell.time, cells: new Array<Cell | undefined>(lines.length).fill(undefined) };
      row.cells[index] = cell;
      rows.set(cell.timeMs, row);
    }
  });
  const all = [...rows].map(([timeMs, row]) => ({ timeMs, ...row })).sort((a, b) => b.timeMs - a.timeMs);
  return markedOnly ? all.filter((row) => row.cells.some((cell) => cell !== undefined && isMarked(cell))) : all;
}

export interface RowPage {
  readonly rows: readonly TableRow[];
  readonly page: number;
  readonly pages: number;
}

/** A page of rows; a page that no longer exists gives the last one. */
export function rowPage(rows: readonly TableRow[], page: number, size: number): RowPage {
  const pages = Math.max(1, Math.ceil(rows.length / size));
  const shown = Math.min(Math.max(0, page), pages - 1);
  return { rows: rows.slice(shown * size, (shown + 1) * size), page: shown, pages };
}
