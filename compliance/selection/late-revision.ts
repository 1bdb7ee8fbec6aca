import { flags } from "@caudal/core";
import type { LedgerEntry, TakenValue } from "../ledger/entry.ts";
import type { Obra } from "../obras/obra.ts";
import type { FactWindows } from "./fact-windows.ts";
import { nearestOf, takenOf, windowOf } from "./selection.ts";

/**
 * What is otherwise now than it was when a slot was frozen, one value a feed at most: another value at the instant that was taken, the same that is not good any more, one that was taken back, or a
 * nearer measurement with another value. The same value, however often it comes, is nothing; and what the ledger holds already is not told again.
 */
export function lateRevisions(obra: Obra, slotUs: number, facts: FactWindows, entries: readonly LedgerEntry[]): TakenValue[] {
  const frozen = entries.findLast(({ body }) => body.kind === "frozen")?.body;
  if (frozen?.kind !== "frozen") return [];
  const known = [...frozen.taken, ...entries.flatMap(({ body }) => (body.kind === "late-revision" ? [body.taken] : []))];
  return frozen.taken.flatMap((taken) => {
    if (!obra.feeds.some(({ point, variable }) => point === taken.point && variable === taken.variable)) return [];
    const last = known.findLast(({ point, variable }) => point === taken.point && variable === taken.variable) ?? taken;
    const now = nowOf(obra, slotUs, facts, taken);
    return now === undefined || isSame(now, last) ? [] : [now];
  });
}

/** What would be taken of the feed now; what became of the fact that was taken, where there is nothing to take instead. */
function nowOf(obra: Obra, slotUs: number, facts: FactWindows, taken: TakenValue): TakenValue | undefined {
  const window = windowOf(obra, slotUs);
  const at = facts.within(taken, { fromUs: taken.instantUs, toUs: taken.instantUs });
  const nearest = nearestOf([...facts.within(taken, window), ...at], slotUs);
  const own = nearest ?? at[0];
  return own === undefined ? undefined : takenOf(taken, own);
}

function isSame(now: TakenValue, last: TakenValue): boolean {
  return now.value === last.value && isGood(now) === isGood(last);
}

function isGood({ flag }: TakenValue): boolean {
  return flag !== flags.suspect && flag !== flags.bad;
}
