import type { Principal } from "@caudal/core";
import type { ObraBook } from "../obra-book.ts";
import { rowErrors, type PlannedRow } from "./import-plan.ts";

const AT_ONCE = 16;

export interface AppliedRow extends PlannedRow {
  /** True when this import wrote it. */
  readonly written: boolean;
}

/** Writes the rows that are new or changed, each whole or not at all, on the version that the plan was made from. What could not be written is refused with its reason; the others stand. */
export async function applyImport(rows: readonly PlannedRow[], { book, principal, reason, signal }: { readonly book: ObraBook; readonly principal: Principal; readonly reason: string; readonly signal: AbortSignal }): Promise<readonly AppliedRow[]> {
  const applied: AppliedRow[] = [];
  for (let at = 0; at < rows.length; at += AT_ONCE) {
    signal.throwIfAborted();
    applied.push(...await Promise.all(rows.slice(at, at + AT_ONCE).map(async (row): Promise<AppliedRow> => {
      if (row.put === undefined) return { ...row, written: false };
      try {
        await book.put(principal.name, row.put.draft, reason, { scope: principal.scope, version: row.put.version });
        return { ...row, written: true };
      } catch (error) {
        return { ...row, outcome: "refused", changes: [], errors: rowErrors(error), written: false };
      }
    })));
  }
  return applied;
}
