import type { LedgerEntry, TakenValue } from "../ledger/entry.ts";

/** The newest entry that says what a slot's values are. */
export function basisOf(entries: readonly LedgerEntry[]): { readonly seq: number; readonly taken: readonly TakenValue[]; readonly edited: Readonly<Record<string, string>> } | undefined {
  const last = entries.findLast(({ body }) => body.kind === "held" || body.kind === "frozen");
  if (last?.body.kind === "held") return { seq: last.seq, taken: last.body.taken, edited: {} };
  return last?.body.kind === "frozen" ? { seq: last.seq, taken: last.body.taken, edited: last.body.edit?.values ?? {} } : undefined;
}
