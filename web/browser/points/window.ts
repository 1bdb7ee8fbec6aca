/** The rows of a long list that are near the screen, and the empty space that stands for the others. */
export interface ListWindow {
  readonly first: number;
  /** One past the last row. */
  readonly end: number;
  readonly beforePx: number;
  readonly afterPx: number;
}

export interface ListGeometry {
  readonly rows: number;
  readonly rowPx: number;
  /** How far the list's top is above the top of the screen; negative while it is below. */
  readonly scrolledPx: number;
  readonly screenPx: number;
}

/** Rows drawn beyond the screen on both sides, so that a keyboard can move on. */
const MARGIN_ROWS = 8;

/** Lists up to this length are drawn whole: search in page and print then find everything. */
export const WHOLE_LIST_ROWS = 150;

export function listWindow({ rows, rowPx, scrolledPx, screenPx }: ListGeometry): ListWindow {
  if (rows <= WHOLE_LIST_ROWS || rowPx <= 0) return { first: 0, end: rows, beforePx: 0, afterPx: 0 };
  const visible = Math.ceil(screenPx / rowPx) + 1;
  const first = Math.max(0, Math.min(rows - visible, Math.floor(scrolledPx / rowPx)) - MARGIN_ROWS);
  const end = Math.min(rows, Math.max(0, Math.floor(scrolledPx / rowPx)) + visible + MARGIN_ROWS);
  return { first, end: Math.max(first, end), beforePx: first * rowPx, afterPx: Math.max(0, rows - end) * rowPx };
}
