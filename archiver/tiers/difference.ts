import { compareHeld, compareRevisions, compareSeries, heldFacts, sameContent, systemScope, type FactDifference, type HeldFact, type PointKey, type TierName } from "@caudal/core";
import type { GroupMarks } from "./group-marks.ts";
import type { ForgettingTier, Span, Tiers } from "./pairs.ts";

/** A difference that stands when both tiers hold all that the log held when it was first seen. */
export interface SettledDifference extends FactDifference {
  /** The tier whose revision holds; null where both have one revision and do not say the same, which no merge can mend. */
  readonly holder: TierName | null;
  /** The two say the same of the world, by another revision: no digest shows it. */
  readonly isSilent: boolean;
}

/** Two tiers, side `a` the one that forgets, and what of a point they are asked for. */
export interface Comparison extends Span {
  readonly key: PointKey;
  readonly faster: ForgettingTier;
  readonly slower: TierName;
}

const BATCH_FACTS = 1000;

/** What differs between two tiers in a span, some at a time: whatever a tier was only yet to be told of is left out. */
export async function* settledDifferences(
  comparison: Comparison, { tiers, marks, signal }: { readonly tiers: Tiers; readonly marks: GroupMarks; readonly signal: AbortSignal },
): AsyncGenerator<readonly SettledDifference[]> {
  const { key, faster, slower, fromUs, toUs } = comparison;
  const all = { ...key, fromUs, toUs, includeWithdrawn: true };
  const settle = async (seen: readonly FactDifference[]): Promise<SettledDifference[]> => {
    await marks.taken([faster, slower], signal);
    return settled(comparison, seen, tiers);
  };
  let seen: FactDifference[] = [];
  for await (const difference of compareSeries(tiers[faster].read(systemScope, all), tiers[slower].read(systemScope, all))) {
    signal.throwIfAborted();
    seen.push(difference);
    if (seen.length < BATCH_FACTS) continue;
    yield await settle(seen);
    seen = [];
  }
  if (seen.length > 0) yield await settle(seen);
}

/** Looks again at what differed. */
async function settled({ key, faster, slower, fromUs }: Comparison, seen: readonly FactDifference[], tiers: Tiers): Promise<SettledDifference[]> {
  const wanted = new Set(seen.map(nameOf));
  const span = { ...key, fromUs: seen[0]!.instantUs, toUs: seen.at(-1)!.instantUs + 1, variables: [...new Set(seen.map(({ variable }) => variable))] };
  const look = async (tier: TierName): Promise<ReadonlyMap<string, HeldFact>> => {
    const found = new Map<string, HeldFact>();
    for await (const block of tiers[tier].read(systemScope, { ...span, includeWithdrawn: true })) {
      for (const fact of heldFacts(block)) if (wanted.has(nameOf(fact))) found.set(nameOf(fact), fact);
    }
    return found;
  };
  const [inFaster, inSlower] = await Promise.all([look(faster), look(slower)]);
  const floors = await Promise.all([faster, slower].map((tier) => tiers[tier].floor(systemScope, key)));
  const floorUs = Math.max(fromUs, ...floors.map((floor) => floor ?? -Infinity));
  return seen.flatMap((before) => {
    const now: FactDifference = { ...before, a: inFaster.get(nameOf(before)), b: inSlower.get(nameOf(before)) };
    return before.instantUs < floorUs ? [] : verdictOf(before, now, { faster, slower });
  });
}

function verdictOf(before: FactDifference, now: FactDifference, { faster, slower }: { readonly faster: TierName; readonly slower: TierName }): SettledDifference[] {
  const isSilent = sameContent(now.a, now.b);
  const order = compareHeld(now.a, now.b);
  if (order === 0) return isSilent ? [] : [{ ...now, holder: null, isSilent }];
  // What the other side had at the first look stood in the log then, so this side has been told of it. A still newer one may be on its way.
  const lesser = order > 0 ? now.b : now.a;
  const greaterBefore = order > 0 ? before.a : before.b;
  if (greaterBefore === undefined || (lesser !== undefined && compareRevisions(lesser, greaterBefore) >= 0)) return [];
  return [{ ...now, holder: order > 0 ? faster : slower, isSilent }];
}

function nameOf({ instantUs, variable }: { readonly instantUs: number; readonly variable: string }): string {
  return `${instantUs} ${variable}`;
}
