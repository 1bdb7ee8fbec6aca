import type { TierFact } from "./evidence.ts";
import type { ExpectedFact } from "./expectation.ts";
import type { FindingKind } from "./finding-kinds.ts";
import type { Findings } from "./findings.ts";
import { isWithdrawn } from "./tier-cursor.ts";
import { isSameValue } from "./units.ts";

/** What one tier shows at one (variable, instant). */
export interface Shown {
  readonly tier: string;
  readonly floorUs: number | undefined;
  /** Instant from which the tier must hold everything: its floor, or where it may have forgotten. */
  readonly mustFromUs: number;
  readonly fact: TierFact | undefined;
}

export interface FactPlace {
  readonly device: string;
  readonly point: string;
  readonly variable: string;
  readonly instantUs: number;
}

/** What is wrong with a fact, worst first, and where; and what stands. */
export interface FactJudgement {
  readonly fault: "lost" | "doubled" | "altered" | "stale" | undefined;
  readonly where: readonly string[];
  /** What the tier shows that keeps most; undefined where nothing is. */
  readonly standing: TierFact | undefined;
}

const ranks = ["lost", "altered", "stale", "doubled"] as const;

/** Judges what the tiers show of one fact against what was sent of it. */
export function judgeFact(place: FactPlace, expected: ExpectedFact | undefined, shown: readonly Shown[], findings: Findings, isTwin: (value: number | null) => boolean): FactJudgement {
  const faults = new Map<FindingKind, string[]>();
  const tell = (kind: FindingKind, where: string, detail: string, more: { expected?: unknown; found?: unknown } = {}): void => {
    const named = expected?.sends.at(-1);
    findings.add({ kind, where, detail, ...place, ...(named === undefined ? {} : { seq: named.message.seq, key: named.key }), ...more });
    const known = faults.get(kind);
    if (known === undefined) faults.set(kind, [where]);
    else if (!known.includes(where)) known.push(where);
  };
  for (const { tier, floorUs, mustFromUs, fact } of shown) {
    if (fact !== undefined && floorUs !== undefined && place.instantUs < floorUs) {
      tell("below-floor", tier, "shown although it lies under the tier's floor", { found: fact });
      continue;
    }
    const visible = fact !== undefined && !isWithdrawn(fact) ? fact : undefined;
    if (expected === undefined) {
      if (visible === undefined) continue;
      const isDoubled = visible.reasons.includes("edge-time") || isTwin(visible.value);
      tell(isDoubled ? "doubled" : "invented", tier, isDoubled ? "a second fact of a reading that stands at another instant" : "no reading that was sent explains it", { found: visible });
    } else if (visible !== undefined) {
      judgeValue(visible, expected, (kind, detail) => tell(kind, tier, detail, { expected: expected.finals.map(({ value }) => value), found: visible.value }));
    } else if (expected.mustStand && place.instantUs >= mustFromUs) {
      tell("lost", tier, fact === undefined ? "acknowledged, and not there" : "acknowledged, and taken back", { expected: expected.finals.map(({ value }) => value), ...(fact === undefined ? {} : { found: fact }) });
    }
  }
  compareTiers(place, shown, expected?.mustStand === true, tell);
  const fault = ranks.find((kind) => faults.has(kind));
  const above = shown.filter(({ fact, floorUs }) => fact !== undefined && place.instantUs >= (floorUs ?? -Infinity));
  const standing = above.at(-1)?.fact;
  return { fault, where: [...new Set([...faults.values()].flat())], standing: standing === undefined || isWithdrawn(standing) ? undefined : standing };
}

function judgeValue(found: TierFact, { finals, sends }: ExpectedFact, tell: (kind: FindingKind, detail: string) => void): void {
  if (finals.some((value) => isSameValue(value, found.value))) return;
  const older = sends.some(({ value }) => isSameValue(value, found.value));
  tell(older ? "stale" : "altered", older ? "shows a value that a later one has replaced" : "shows a value that was never sent");
}

/** Tiers that hold the instant must say the same, to the revision. */
function compareTiers(place: FactPlace, shown: readonly Shown[], mustStand: boolean, tell: (kind: FindingKind, where: string, detail: string, more?: { expected?: unknown; found?: unknown }) => void): void {
  const holding = shown.filter(({ mustFromUs }) => place.instantUs >= mustFromUs);
  const first = holding.findLast(({ fact }) => fact !== undefined);
  if (first?.fact === undefined) return;
  for (const { tier, fact } of holding) {
    if (tier === first.tier) continue;
    if (fact === undefined) {
      // What must stand is told as lost already; what was withdrawn before the tier saw it need not be there.
      if (!mustStand && !isWithdrawn(first.fact)) tell("tiers-differ", tier, `${first.tier} has it, ${tier} has not`, { expected: first.fact });
      continue;
    }
    const difference = differenceOf(first.fact, fact);
    if (difference === undefined) continue;
    const older = revisionOrder(first.fact, fact) > 0 ? { tier, fact } : revisionOrder(first.fact, fact) < 0 ? { tier: first.tier, fact: first.fact } : undefined;
    const newer = older?.fact === fact ? first.fact : fact;
    if (older !== undefined && isWithdrawn(newer) && !isWithdrawn(older.fact)) tell("withdrawn-visible", older.tier, "taken back by a later revision, and still shown", { expected: newer, found: older.fact });
    else tell("tiers-differ", tier, `${tier} and ${first.tier} differ in ${difference}`, { expected: first.fact, found: fact });
  }
}

function differenceOf(a: TierFact, b: TierFact): string | undefined {
  if (!Object.is(a.value, b.value)) return "the value";
  if (a.flag !== b.flag) return "the flag";
  if (a.reasons.length !== b.reasons.length || a.reasons.some((reason, at) => reason !== b.reasons[at])) return "the reasons";
  if (a.knownAtUs === null || b.knownAtUs === null) return undefined;
  return a.authority !== b.authority || a.knownAtUs !== b.knownAtUs ? "the revision" : undefined;
}

function revisionOrder(a: TierFact, b: TierFact): number {
  if (a.authority === null || b.authority === null || a.knownAtUs === null || b.knownAtUs === null) return 0;
  return a.authority - b.authority || a.knownAtUs - b.knownAtUs;
}
