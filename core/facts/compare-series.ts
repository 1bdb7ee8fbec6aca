import type { RowBlock } from "../ports/series-tier.ts";
import { compareRevisions, type Revision } from "./revision.ts";

/** A fact as a tier holds it, with its revision. */
export interface HeldFact extends Revision {
  readonly instantUs: number;
  readonly variable: string;
  readonly value: number | null;
  readonly flag: number;
  readonly reasons: readonly string[];
}

/** What two series say of one instant and variable, where they do not say the same. At least one of the two is there. */
export interface FactDifference {
  readonly instantUs: number;
  readonly variable: string;
  readonly a: HeldFact | undefined;
  readonly b: HeldFact | undefined;
}

/**
 * Walks two series of one point in lockstep, both in ascending order, and gives what differs: a fact that one lacks, or another revision or content.
 * Holds one instant of each at a time.
 */
export async function* compareSeries(a: AsyncIterable<RowBlock>, b: AsyncIterable<RowBlock>): AsyncGenerator<FactDifference> {
  const [left, right] = [instantsOf(a), instantsOf(b)];
  try {
    let [l, r] = [await left.next(), await right.next()];
    while (l.done !== true || r.done !== true) {
      const leftUs = l.done === true ? Infinity : l.value.instantUs;
      const rightUs = r.done === true ? Infinity : r.value.instantUs;
      const instantUs = Math.min(leftUs, rightUs);
      yield* differencesAt(instantUs, leftUs === instantUs ? l.value!.facts : none, rightUs === instantUs ? r.value!.facts : none);
      if (leftUs === instantUs) l = await left.next();
      if (rightUs === instantUs) r = await right.next();
    }
  } finally {
    await Promise.all([left.return(undefined), right.return(undefined)]);
  }
}

/** Negative, zero or positive as the revision of `a` is less than, equal to or greater than that of `b`; one that is missing is less than any. */
export function compareHeld(a: HeldFact | undefined, b: HeldFact | undefined): number {
  if (a === undefined || b === undefined) return Number(a !== undefined) - Number(b !== undefined);
  return compareRevisions(a, b);
}

/** True when the two say the same of the world, whatever their revisions: what a digest says. */
export function sameContent(a: HeldFact | undefined, b: HeldFact | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  if (!Object.is(a.value, b.value) || a.flag !== b.flag || a.reasons.length !== b.reasons.length) return false;
  const reasons = b.reasons.toSorted();
  return a.reasons.toSorted().every((reason, i) => reason === reasons[i]);
}

/** The facts of a block, instant by instant. */
export function* heldFacts(block: RowBlock): Generator<HeldFact> {
  for (let row = 0; row < block.rows; row++) {
    for (const { variable, values, flags, reasons, authorities, knownAtUs } of block.columns) {
      const flag = flags[row]!;
      if (flag === 0) continue;
      const value = values[row]!;
      yield {
        instantUs: block.timesUs[row]!, variable, value: Number.isNaN(value) ? null : value, flag, reasons: reasons.get(row) ?? [],
        authority: authorities[row]!, knownAtUs: knownAtUs[row]!,
      };
    }
  }
}

type FactsAt = ReadonlyMap<string, HeldFact>;
const none: FactsAt = new Map();

async function* instantsOf(blocks: AsyncIterable<RowBlock>): AsyncGenerator<{ readonly instantUs: number; readonly facts: FactsAt }, undefined> {
  let facts = new Map<string, HeldFact>();
  let instantUs = -Infinity;
  for await (const block of blocks) {
    for (const fact of heldFacts(block)) {
      if (fact.instantUs !== instantUs) {
        if (facts.size > 0) yield { instantUs, facts };
        facts = new Map();
        instantUs = fact.instantUs;
      }
      facts.set(fact.variable, fact);
    }
  }
  if (facts.size > 0) yield { instantUs, facts };
}

function* differencesAt(instantUs: number, a: FactsAt, b: FactsAt): Generator<FactDifference> {
  for (const [variable, fact] of a) {
    const other = b.get(variable);
    if (other === undefined || compareRevisions(fact, other) !== 0 || !sameContent(fact, other)) yield { instantUs, variable, a: fact, b: other };
  }
  for (const [variable, fact] of b) if (!a.has(variable)) yield { instantUs, variable, a: undefined, b: fact };
}
