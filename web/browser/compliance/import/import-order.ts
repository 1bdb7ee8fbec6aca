import { rowOutcomes, type ImportRow, type RowOutcome } from "../../wire/obra-import.ts";

/** What wants a look first: refused, then changed, then new, in the file's order each. */
const order: readonly RowOutcome[] = ["refused", "changed", "new", "unchanged"];

/** Rows of one outcome, or those that a person looks at: all but the unchanged, refused first. */
export function shownRows(rows: readonly ImportRow[], outcome: RowOutcome | "all"): readonly ImportRow[] {
  if (outcome !== "all") return rows.filter((row) => row.outcome === outcome);
  return order.flatMap((each) => rows.filter((row) => row.outcome === each));
}

/** Works that the rows would set live. */
export function goLive(rows: readonly ImportRow[]): number {
  return rows.filter(({ outcome, changes }) => (outcome === "new" || outcome === "changed") && changes.some(({ field, after }) => field === "mode" && after === "live")).length;
}

export const importFilters = ["all", ...rowOutcomes] as const;
