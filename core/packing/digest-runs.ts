import { DigestBuilder } from "../facts/digest.ts";
import type { Digest } from "../ports/series-tier.ts";
import type { FactArrays } from "./fact-list.ts";
import type { FactRun } from "./fact-merge.ts";
import type { Words } from "./words.ts";

/** Digest of runs of facts in order, each fact at its greatest revision, withdrawn ones included. */
export function digestRuns(runs: Iterable<FactRun>, words: Words): Digest {
  const builder = new DigestBuilder();
  for (const { facts, start, end } of runs) {
    for (let at = start; at < end;) {
      const greatest: number[] = [];
      const first = at;
      for (; at < end && facts.instants[at] === facts.instants[first]; at++) {
        if (at === first || facts.variables[at] !== facts.variables[at - 1]) greatest.push(at);
      }
      addInstant(builder, facts, greatest, words);
    }
  }
  return builder.finish();
}

function addInstant(builder: DigestBuilder, facts: FactArrays, indexes: readonly number[], words: Words): void {
  // Facts are in order of the variables' numbers, a digest in order of their names.
  const named = indexes.map((index) => ({ index, variable: words.textOf(facts.variables[index]!) })).sort((a, b) => (a.variable < b.variable ? -1 : 1));
  for (const { index, variable } of named) {
    const value = facts.values[index]!;
    builder.add({
      instantUs: facts.instants[index]!, variable, value: Number.isNaN(value) ? null : value, flag: facts.flags[index]!,
      reasons: words.reasonsOf(facts.reasons[index]!),
    });
  }
}
