import { FactList, type FactArrays } from "./fact-list.ts";
import type { FactRun } from "./fact-merge.ts";
import type { Words } from "./words.ts";

/** Rows of one block at most, as the port's readers hold it in memory. */
export const MAX_ROWS = 8192;
const MAX_FACTS = 65_536;
/** Facts looked at in one go, so that a long stretch of withdrawn ones does not hold up the tier. */
const MAX_SCANNED = 262_144;

export interface RowQuery {
  readonly fromUs: number;
  readonly toUs: number;
  readonly descending: boolean;
  readonly maxRows: number;
  /** All when absent. */
  readonly variables: ReadonlySet<number> | undefined;
  readonly asOfUs: number | undefined;
  readonly includeWithdrawn?: boolean | undefined;
  /** Lesser revisions as well: see the port. */
  readonly allRevisions?: boolean | undefined;
}

/** Facts that hold, row after row in the order asked for, and the range that is still to be read. */
export interface RowSelection {
  readonly facts: FactList;
  readonly rows: number;
  readonly rest: { readonly fromUs: number; readonly toUs: number };
}

/**
 * Picks the facts that hold: the greatest revision (known by `asOfUs`) of each, without the withdrawn unless they are asked for. `runs` hold the facts of the query's
 * range, in order within a run; the latest run first when descending, no instant split over two.
 */
export function selectRows(runs: Iterable<FactRun>, words: Words, query: RowQuery): RowSelection {
  const { fromUs, toUs, descending, maxRows } = query;
  const picker = new RowPicker(words, query);
  let scanned = 0;
  for (const { facts, start, end } of runs) {
    for (let at = descending ? end : start; descending ? at > start : at < end;) {
      const [first, last] = descending ? [rowStart(facts, start, at), at] : [at, rowEnd(facts, at, end)];
      picker.pick(facts, first, last);
      at = descending ? first : last;
      scanned += last - first;
      if (picker.rows >= Math.min(maxRows, MAX_ROWS) || picker.facts.length >= MAX_FACTS || scanned >= MAX_SCANNED) {
        const instantUs = facts.instants[first]!;
        return { ...picker, rest: descending ? { fromUs, toUs: instantUs } : { fromUs: instantUs + 1, toUs } };
      }
    }
  }
  return { ...picker, rest: { fromUs: toUs, toUs } };
}

class RowPicker {
  readonly facts = new FactList(1024);
  rows = 0;
  readonly #words: Words;
  readonly #variables: ReadonlySet<number> | undefined;
  readonly #asOfUs: number;
  readonly #includeWithdrawn: boolean;
  readonly #allRevisions: boolean;

  constructor(words: Words, { variables, asOfUs = Infinity, includeWithdrawn = false, allRevisions = false }: RowQuery) {
    this.#words = words;
    this.#variables = variables;
    this.#asOfUs = asOfUs;
    this.#includeWithdrawn = includeWithdrawn;
    this.#allRevisions = allRevisions;
  }

  /** Takes what holds of the facts of one instant, `facts[first..last)`. */
  pick(facts: FactArrays, first: number, last: number): void {
    if (this.#allRevisions) return this.#pickAll(facts, first, last);
    const before = this.facts.length;
    for (let at = first; at < last;) {
      const variable = facts.variables[at]!;
      let chosen = at;
      while (chosen < last && facts.variables[chosen] === variable && facts.knownAts[chosen]! > this.#asOfUs) chosen += 1;
      const isKnown = chosen < last && facts.variables[chosen] === variable;
      while (at < last && facts.variables[at] === variable) at += 1;
      if (!isKnown || this.#variables?.has(variable) === false) continue;
      if (this.#includeWithdrawn || !this.#words.isWithdrawn(facts.reasons[chosen]!)) this.facts.add(facts, chosen);
    }
    if (this.facts.length > before) this.rows += 1;
  }

  /** A row a rank: the facts' greatest revisions, the next ones … Withdrawn ones are passed over where they are not wanted. */
  #pickAll(facts: FactArrays, first: number, last: number): void {
    const ranks: number[][] = [];
    for (let at = first; at < last;) {
      const variable = facts.variables[at]!;
      for (let rank = 0; at < last && facts.variables[at] === variable; at++) {
        if (facts.knownAts[at]! > this.#asOfUs || this.#variables?.has(variable) === false) continue;
        if (!this.#includeWithdrawn && this.#words.isWithdrawn(facts.reasons[at]!)) continue;
        (ranks[rank++] ??= []).push(at);
      }
    }
    for (const rank of ranks) for (const at of rank) this.facts.add(facts, at);
    this.rows += ranks.length;
  }
}

function rowEnd(facts: FactArrays, at: number, end: number): number {
  let last = at + 1;
  while (last < end && facts.instants[last] === facts.instants[at]) last += 1;
  return last;
}

function rowStart(facts: FactArrays, start: number, at: number): number {
  let first = at - 1;
  while (first > start && facts.instants[first - 1] === facts.instants[first]) first -= 1;
  return first;
}
