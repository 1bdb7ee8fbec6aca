import { compareFacts, decodeBucket, encodeBucket, FactList, type FactArrays, type Words } from "@caudal/core";
import type { PointDocument } from "./tier-store.ts";

interface NewestVariable {
  readonly variable: number;
  /** Newest instant of any fact, withdrawn or not. */
  lastUs: number;
  /** Where its newest fact that holds lies in the list; -1 without any. */
  at: number;
  /** That fact was withdrawn since; which one holds instead must be looked up. */
  isUnsettled: boolean;
}

/** The newest fact of each variable of a point that is not withdrawn. */
export class NewestFacts {
  readonly facts = new FactList(4);
  readonly #variables: NewestVariable[] = [];

  static fromDocument({ n, u }: Pick<PointDocument, "n" | "u">, words: Words): NewestFacts {
    const newest = new NewestFacts();
    const stored = decodeBucket(n, words);
    for (let i = 0; i < stored.length; i++) {
      const one = newest.#findOrAdd(stored.variables[i]!);
      newest.#set(one, stored, i);
      one.lastUs = stored.instants[i]!;
    }
    for (const [name, lastUs, isUnsettled] of u) {
      const one = newest.#findOrAdd(words.idOf(name));
      one.lastUs = lastUs;
      one.isUnsettled = isUnsettled === 1;
    }
    return newest;
  }

  toDocument(words: Words): Pick<PointDocument, "n" | "u"> {
    const { facts } = this;
    const order = Array.from({ length: facts.length }, (_, i) => i).sort((a, b) => compareFacts(facts, a, facts, b));
    const sorted = new FactList(facts.length);
    for (const index of order) sorted.add(facts, index);
    const odd = this.#variables.filter(({ lastUs, at, isUnsettled }) => isUnsettled || at < 0 || facts.instants[at] !== lastUs);
    return {
      n: encodeBucket({ facts: sorted, start: 0, end: sorted.length }, words),
      u: odd.map(({ variable, lastUs, isUnsettled }) => [words.textOf(variable), lastUs, isUnsettled ? 1 : 0] as const),
    };
  }

  /** Newest instant that the variable has a fact of; -Infinity without any. */
  lastUs(variable: number): number {
    return this.#find(variable)?.lastUs ?? -Infinity;
  }

  /** Takes note of a fact that became the greatest revision of its key. */
  note(from: FactArrays, index: number, isWithdrawn: boolean): void {
    const instantUs = from.instants[index]!;
    const one = this.#findOrAdd(from.variables[index]!);
    one.lastUs = Math.max(one.lastUs, instantUs);
    const newestUs = one.at < 0 ? -Infinity : this.facts.instants[one.at]!;
    if (!isWithdrawn && instantUs >= newestUs) this.#set(one, from, index);
    else if (isWithdrawn && instantUs === newestUs) one.isUnsettled = true;
  }

  /** Variables whose newest fact was withdrawn: what holds instead must be looked up. */
  unsettled(): number[] {
    return this.#variables.filter(({ isUnsettled }) => isUnsettled).map(({ variable }) => variable);
  }

  #set(one: NewestVariable, from: FactArrays, index: number): void {
    if (one.at < 0) one.at = this.facts.add(from, index);
    else this.facts.set(one.at, from, index);
    one.isUnsettled = false;
  }

  #find(variable: number): NewestVariable | undefined {
    return this.#variables.find((one) => one.variable === variable);
  }

  #findOrAdd(variable: number): NewestVariable {
    const known = this.#find(variable);
    if (known !== undefined) return known;
    const added = { variable, lastUs: -Infinity, at: -1, isUnsettled: false };
    this.#variables.push(added);
    return added;
  }
}
