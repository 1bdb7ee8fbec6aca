import { compareFacts, FactList, sameKey, type FactArrays } from "./fact-list.ts";

/** Facts in order: `facts[start..end)`. */
export interface FactRun {
  readonly facts: FactArrays;
  readonly start: number;
  readonly end: number;
}

export const emptyRun: FactRun = { facts: new FactList(0), start: 0, end: 0 };

/**
 * Two runs as one, in order. Each revision of a fact once; only the greatest of each fact unless `keepAll`.
 * The same revision in both is taken from `a`. May give one of the runs back as it is.
 */
export function mergeRuns(a: FactRun, b: FactRun, keepAll: boolean): FactRun {
  if (b.start === b.end) return a;
  if (a.start === a.end) return b;
  const merged = new FactList(a.end - a.start + b.end - b.start);
  if (lastInstant(a) < firstInstant(b)) concatenate(merged, a, b);
  else if (lastInstant(b) < firstInstant(a)) concatenate(merged, b, a);
  else interleave(merged, a, b, keepAll);
  return { facts: merged, start: 0, end: merged.length };
}

function firstInstant(run: FactRun): number {
  return run.facts.instants[run.start]!;
}

function lastInstant(run: FactRun): number {
  return run.facts.instants[run.end - 1]!;
}

function concatenate(merged: FactList, first: FactRun, second: FactRun): void {
  merged.addRun(first.facts, first.start, first.end);
  merged.addRun(second.facts, second.start, second.end);
}

function interleave(merged: FactList, a: FactRun, b: FactRun, keepAll: boolean): void {
  let i = a.start;
  let j = b.start;
  while (i < a.end || j < b.end) {
    const order = i === a.end ? 1 : j === b.end ? -1 : compareFacts(a.facts, i, b.facts, j);
    if (order <= 0) addNew(merged, a.facts, i++, keepAll);
    else addNew(merged, b.facts, j++, keepAll);
    if (order === 0) j += 1;
  }
}

function addNew(merged: FactList, from: FactArrays, index: number, keepAll: boolean): void {
  if (!keepAll && merged.length > 0 && sameKey(merged, merged.length - 1, from, index)) return;
  merged.add(from, index);
}
