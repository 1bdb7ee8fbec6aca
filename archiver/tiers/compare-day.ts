import { partitionOf, sameDigest, systemScope, type HeldFact, type PointKey, type TierName } from "@caudal/core";
import type { Arrivals } from "./arrivals.ts";
import { settledDifferences, type SettledDifference } from "./difference.ts";
import { DAY_US } from "./days.ts";
import type { GroupMarks, Mark } from "./group-marks.ts";
import type { Suspect } from "./log-witness.ts";
import { measurementsOf } from "./measurements-of.ts";
import { partsOf, slowerThan, type ForgettingTier, type Part, type Span, type Tiers } from "./pairs.ts";

/** What came of comparing a point's UTC day, or the part of it that the tier holds. Counts are of facts. */
export interface DayVerdict {
  readonly differences: number;
  readonly repaired: number;
  /** One revision with two contents: reported, and the day is not forgotten. */
  readonly conflicts: number;
  /** Lies below every slower tier's floor. */
  readonly uncovered: boolean;
  /** The tiers are equal here, as far as digests tell, as they were left. */
  readonly same: boolean;
  /** What is held against the log, and where: the mark that the groups had passed. */
  readonly mark: Mark;
}

export interface DayTask {
  readonly tier: ForgettingTier;
  readonly key: PointKey;
  readonly dayStartUs: number;
  /** Where the tier begins to hold the point. */
  readonly floorUs: number;
  readonly repair: boolean;
  /** The compare was restarted: a mark from before will not do. */
  readonly isAgain?: boolean;
  readonly signal: AbortSignal;
}

export interface CompareDaysOptions {
  readonly tiers: Tiers;
  readonly marks: GroupMarks;
  readonly arrivals: Arrivals;
  /** Told of each fact that one tier has and the other lacks. */
  readonly suspect: (suspect: Suspect) => void;
  /** Of such a client nothing is written any more. */
  readonly isErased: (client: string) => Promise<boolean>;
  /** Told of each fact written into a tier. */
  readonly repaired: (tier: TierName, facts: number) => void;
}

/** Compares days of points between the tier that forgets and those that hold for longer, and makes them equal where that is asked for. */
export class DayComparer {
  readonly #options: CompareDaysOptions;

  constructor(options: CompareDaysOptions) {
    this.#options = options;
  }

  /** CaudalError "timeout" when a tier's group is behind, and what the tiers reject with. */
  async compare(task: DayTask): Promise<DayVerdict> {
    const { tiers, marks } = this.#options;
    const { tier, key, dayStartUs, floorUs, signal } = task;
    const span = { fromUs: Math.max(dayStartUs, floorUs), toUs: dayStartUs + DAY_US };
    const floors = await Promise.all(slowerThan[tier].map(async (slower, i, all) => ({ tier: slower, floorUs: await tiers[slower].floor(systemScope, key), isLast: i === all.length - 1 })));
    const parts = partsOf(span, floors);
    const slower = parts.flatMap((part) => part.slower ?? []);
    const mark = await (task.isAgain === true ? marks.taken([tier, ...slower], signal) : marks.recent([tier, ...slower], signal));
    const total = { differences: 0, repaired: 0, conflicts: 0 };
    for (const part of parts) {
      if (part.slower === null || (await this.#digestsAgree(task, { ...part, slower: part.slower }))) continue;
      const found = await this.#part(task, { ...part, slower: part.slower });
      total.differences += found.differences;
      total.repaired += found.repaired;
      total.conflicts += found.conflicts;
    }
    const uncovered = parts.some((part) => part.slower === null);
    return { ...total, uncovered, mark, same: !uncovered && total.conflicts === 0 && (total.differences === 0 || task.repair) };
  }

  /** True when a fact of the point and span came since the mark: what was compared is not what stands now. */
  async isTouched(key: PointKey, { ends }: Mark, span: Span): Promise<boolean> {
    const partition = partitionOf(key.point, ends.length);
    return this.#options.arrivals.touched(partition, ends[partition]!, key, span);
  }

  /** Only of days that both hold whole: a digest tells nothing of a part. */
  async #digestsAgree({ tier, key, dayStartUs }: DayTask, { slower, fromUs, toUs }: Part & { readonly slower: TierName }): Promise<boolean> {
    if (toUs - fromUs < DAY_US) return false;
    const { tiers } = this.#options;
    const [mine, theirs] = await Promise.all([tier, slower].map((name) => tiers[name].digest(systemScope, key, dayStartUs)));
    return sameDigest(mine!, theirs!);
  }

  async #part(task: DayTask, part: Part & { readonly slower: TierName }): Promise<{ differences: number; repaired: number; conflicts: number }> {
    const { tiers, marks, suspect } = this.#options;
    const { tier: faster, key, signal, repair } = task;
    const total = { differences: 0, repaired: 0, conflicts: 0 };
    for await (const found of settledDifferences({ ...part, key, faster }, { tiers, marks, signal })) {
      for (const difference of found) {
        if (difference.isSilent) continue;
        total.differences += 1;
        if (difference.holder === null) total.conflicts += 1;
        else suspect({ ...key, fact: heldBy(difference, faster), holder: difference.holder, lacking: difference.holder === faster ? part.slower : faster });
      }
      if (!repair) continue;
      for (const [holder, into] of [[faster, part.slower], [part.slower, faster]] as const) {
        const facts = found.filter((difference) => difference.holder === holder).map((difference) => heldBy(difference, faster));
        if (facts.length > 0) total.repaired += await this.#write(into, key, { facts, floorUs: task.floorUs });
      }
    }
    return total;
  }

  /** Merges facts into a tier; gives how many changed it. The floor goes first where the point is new to the tier, so that it claims no more than it is given. */
  async #write(into: TierName, key: PointKey, { facts, floorUs }: { readonly facts: readonly HeldFact[]; readonly floorUs: number }): Promise<number> {
    if (await this.#options.isErased(key.client)) return 0;
    const tier = this.#options.tiers[into];
    if (tier.capabilities.retentionMs !== null && floorUs !== -Infinity && (await tier.floor(systemScope, key)) === undefined) await tier.raiseFloor(systemScope, key, floorUs);
    const result = await tier.write(measurementsOf(key, facts));
    const [failed] = result.failed;
    if (failed !== undefined) throw failed.error;
    this.#options.repaired(into, result.stored);
    return result.stored;
  }
}

function heldBy({ a, b, holder }: SettledDifference, faster: ForgettingTier): HeldFact {
  return (holder === faster ? a : b)!;
}
