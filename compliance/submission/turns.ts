/** A work of a control centre that has something to send now. */
export interface Turn {
  readonly work: string;
  readonly slotUs: number;
  /** It was never tried and is of this hour. */
  readonly isFresh: boolean;
  readonly lastSendUs: number | undefined;
}

/** So many fresh ones go before one that was left over, when both wait. */
const FRESH_BEFORE_OLD = 3;

/**
 * The order in which a control centre sends for its works, one slot each: fresh slots first, the one that is late soonest at the front; what was left over has every fourth place, the
 * work that waits longest since its last send first. So no work waits behind another's backlog, and no backlog behind an endless row of fresh ones.
 */
export function inTurns<T extends Turn>(due: readonly T[]): T[] {
  const byWork = (a: T, b: T): number => (a.work < b.work ? -1 : 1);
  const fresh = due.filter(({ isFresh }) => isFresh).sort((a, b) => a.slotUs - b.slotUs || byWork(a, b));
  const old = due.filter(({ isFresh }) => !isFresh).sort((a, b) => (a.lastSendUs ?? 0) - (b.lastSendUs ?? 0) || a.slotUs - b.slotUs || byWork(a, b));
  const turns: T[] = [];
  for (let [atFresh, atOld] = [0, 0]; atFresh < fresh.length || atOld < old.length; ) {
    const next = old[atOld];
    if (next !== undefined && (atFresh >= fresh.length || turns.length % (FRESH_BEFORE_OLD + 1) === FRESH_BEFORE_OLD)) {
      turns.push(next);
      atOld += 1;
    } else turns.push(fresh[atFresh++]!);
  }
  return turns;
}
