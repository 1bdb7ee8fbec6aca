import { compareRevisionsAt, FactList, firstAt, mergeRuns, sameKey, type FactArrays, type FactRun } from "@caudal/core";
import type { StoredHour } from "./hour-codec.ts";

/** Facts counted by what became of them. */
export interface MergeCounts {
  stored: number;
  superseded: number;
  duplicate: number;
}

/** Room of an hour that begins; most loggers send so much or less. */
const FIRST_FACTS = 32;

/** One hour of a point as it is, or will be once what was merged is written. */
export class HourFacts {
  #facts: FactList;
  /** Bytes stored in all; 0 while it has no key. */
  storedBytes: number;
  /** Bytes of the first chunk: what was whole when it was last written whole. */
  firstBytes: number;

  constructor(stored: StoredHour | undefined, storedBytes: number) {
    this.#facts = new FactList(FIRST_FACTS);
    if (stored !== undefined) this.#facts.addRun(stored.run.facts, stored.run.start, stored.run.end);
    this.storedBytes = storedBytes;
    this.firstBytes = stored?.firstBytes ?? 0;
  }

  /** In order, each fact at its greatest revision. */
  get run(): FactRun {
    return { facts: this.#facts, start: 0, end: this.#facts.length };
  }

  get capacity(): number {
    return this.#facts.capacity;
  }

  /** Bytes that were appended since it was last written whole. */
  get looseBytes(): number {
    return this.storedBytes - this.firstBytes;
  }

  /**
   * Takes facts, named by their indexes in the order they came, and counts them as if one by one. Gives the indexes of those that became the
   * greatest revision, in order.
   */
  merge(from: FactArrays, indexes: number[], counts: MergeCounts): number[] {
    const order = inOrder(from, indexes);
    const facts = this.#facts;
    const first = order[0];
    if (first === undefined) return [];
    const last = facts.length - 1;
    if (order === indexes && (last < 0 || facts.instants[last]! < from.instants[first]!)) {
      for (const index of indexes) facts.add(from, index);
      counts.stored += indexes.length;
      return indexes;
    }
    const winners = this.#winners(from, order, counts);
    this.#take(from, winners);
    return winners;
  }

  #winners(from: FactArrays, order: readonly number[], counts: MergeCounts): number[] {
    const facts = this.#facts;
    const winners: number[] = [];
    let at = firstAt(facts, from.instants[order[0]!]!, 0, facts.length);
    for (let i = 0; i < order.length;) {
      const first = order[i]!;
      while (at < facts.length && compareKeys(facts, at, from, first) < 0) at += 1;
      const isKnown = at < facts.length && sameKey(facts, at, from, first);
      let best = -1;
      for (; i < order.length && sameKey(from, order[i]!, from, first); i++) {
        const one = order[i]!;
        const compared = best >= 0 ? compareRevisionsAt(from, one, from, best) : isKnown ? compareRevisionsAt(from, one, facts, at) : 1;
        if (compared > 0) {
          counts.stored += 1;
          best = one;
        } else if (compared === 0) counts.duplicate += 1;
        else counts.superseded += 1;
      }
      if (best >= 0) winners.push(best);
    }
    return winners;
  }

  #take(from: FactArrays, winners: readonly number[]): void {
    if (winners.length === 0) return;
    const run = new FactList(winners.length);
    for (const index of winners) run.add(from, index);
    const merged = mergeRuns(this.run, { facts: run, start: 0, end: run.length }, false);
    // One side alone comes back as it is, and it may not be our own to write to.
    if (merged.facts === run) this.#facts.addRun(run, 0, run.length);
    else this.#facts = merged.facts as FactList;
  }
}

/** Indexes by instant and variable, and as they came where those are the same; the very array where they are in strict order already. */
function inOrder(facts: FactArrays, indexes: number[]): number[] {
  for (let i = 1; i < indexes.length; i++) {
    if (compareKeys(facts, indexes[i - 1]!, facts, indexes[i]!) >= 0) return [...indexes].sort((a, b) => compareKeys(facts, a, facts, b) || a - b);
  }
  return indexes;
}

function compareKeys(a: FactArrays, i: number, b: FactArrays, j: number): number {
  return a.instants[i]! - b.instants[j]! || a.variables[i]! - b.variables[j]!;
}
