const ROUND_CAP = 100;

/**
 * True when more rows may follow a page. No provider says so; a page that holds as many as were asked for does. So does a page of whole
 * hundreds: providers that cap what may be asked for do it there, and do not say that either. Asking once too often finds nothing.
 */
export function mayContinue(rows: number, limit: number): boolean {
  return rows >= limit || (rows > 0 && rows % ROUND_CAP === 0);
}

export type RowOrder = "ascending" | "descending" | "mixed";

/** The order that rows came in, by their times; of rows of one time nobody knows, so that they are "mixed". */
export function orderOf(times: readonly number[]): RowOrder {
  let rises = false;
  let falls = false;
  for (let at = 1; at < times.length; at++) {
    const step = (times[at] ?? 0) - (times[at - 1] ?? 0);
    if (step > 0) rises = true;
    else if (step < 0) falls = true;
  }
  return rises === falls ? "mixed" : falls ? "descending" : "ascending";
}

/** Spreading a page into Math.min would put each row on the stack. */
export function extent(times: readonly number[]): { readonly min: number; readonly max: number } {
  let [min, max] = [Infinity, -Infinity];
  for (const time of times) {
    if (time < min) min = time;
    if (time > max) max = time;
  }
  return { min, max };
}
