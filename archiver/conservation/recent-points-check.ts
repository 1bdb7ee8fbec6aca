import { CaudalError, compareRevisions, groups, heldFacts, sameDigest, systemScope, topics, type EventLog, type HeldFact, type PointKey, type TierName } from "@caudal/core";
import type { Clock, Residual } from "@caudal/runtime";
import { DAY_US, dayStart } from "../tiers/days.ts";
import { settledDifferences } from "../tiers/difference.ts";
import { GroupMarks } from "../tiers/group-marks.ts";
import type { ForgettingTier, Tiers } from "../tiers/pairs.ts";
import type { RecentPoint } from "./recent-facts.ts";

export interface RecentPointsCheckOptions {
  readonly tiers: Tiers;
  readonly log: EventLog;
  readonly clock: Clock;
  /** Milliseconds that a group is waited for before two tiers are not compared this time; 20 s when absent. */
  readonly waitMs?: number;
}

const groupOf: Readonly<Record<TierName, string>> = { hot: groups.hot, warm: groups.warm, cold: groups.cold };
const pairs: readonly (readonly [ForgettingTier, TierName])[] = [["hot", "warm"], ["warm", "cold"]];
const WAIT_MS = 20_000;

interface Floor {
  readonly tier: TierName;
  readonly floorUs: number | undefined;
}

/**
 * Holds a recently written point against the log and the tiers against each other. Each tier that is past the records must hold their facts, or newer
 * ones; and what two tiers hold of the UTC day of the newest fact must have one digest. What differs is looked at again once the tiers have taken all
 * that the log held when it was seen.
 */
export class RecentPointsCheck {
  readonly #options: RecentPointsCheckOptions;
  readonly #marks: GroupMarks;

  constructor(options: RecentPointsCheckOptions) {
    this.#options = options;
    this.#marks = new GroupMarks({ log: options.log, clock: options.clock, waitMs: options.waitMs ?? WAIT_MS });
  }

  /** What does not add up. `reach` are the tiers whose groups are past the point's records; one that cannot be asked is left out. */
  async check(point: RecentPoint, reach: readonly TierName[], signal: AbortSignal): Promise<readonly Residual[]> {
    const floors: Floor[] = [];
    const found: Residual[] = [];
    for (const tier of reach) {
      const floorUs = await unlessAway(() => this.#options.tiers[tier].floor(systemScope, point));
      if (floorUs === "away") continue;
      const lacking = await unlessAway(() => this.#lacking(tier, point));
      if (lacking === "away") continue;
      floors.push({ tier, floorUs });
      if (lacking.length > 0) found.push(residual(point, tier, lacking.length, `${tier} lacks ${lacking.length} facts that the log holds, the first ${nameOf(point, lacking[0]!)}`));
    }
    for (const [faster, slower] of pairs) {
      const both = floors.filter(({ tier }) => tier === faster || tier === slower);
      if (both.length === 2) found.push(...(await this.#difference(point, { faster, slower, floorUs: Math.max(...both.map(({ floorUs }) => floorUs ?? Infinity)), signal })));
    }
    return found;
  }

  async #lacking(tier: TierName, point: RecentPoint): Promise<readonly HeldFact[]> {
    const { facts } = point;
    const times = facts.map(({ instantUs }) => instantUs);
    const span = { client: point.client, point: point.point, fromUs: Math.min(...times), toUs: Math.max(...times) + 1, variables: [...new Set(facts.map(({ variable }) => variable))] };
    const held = new Map<string, HeldFact>();
    for await (const block of this.#options.tiers[tier].read(systemScope, { ...span, includeWithdrawn: true })) for (const fact of heldFacts(block)) held.set(placeOf(fact), fact);
    // Asked for after the facts: a floor that was raised meanwhile is known.
    const floorUs = await this.#options.tiers[tier].floor(systemScope, point);
    return facts.filter((fact) => {
      const holds = held.get(placeOf(fact));
      return fact.instantUs >= (floorUs ?? -Infinity) && (holds === undefined || compareRevisions(holds, fact) < 0);
    });
  }

  async #difference(point: RecentPoint, pair: { readonly faster: ForgettingTier; readonly slower: TierName; readonly floorUs: number; readonly signal: AbortSignal }): Promise<readonly Residual[]> {
    const { tiers } = this.#options;
    const { faster, slower, floorUs, signal } = pair;
    const fromUs = dayStart(Math.max(...point.facts.map(({ instantUs }) => instantUs)));
    // A digest tells nothing of a part of a day.
    if (floorUs > fromUs) return [];
    const answer = await unlessAway(async () => {
      const [mine, theirs] = await Promise.all([faster, slower].map((tier) => tiers[tier].digest(systemScope, point, fromUs)));
      const lacking = new Map<TierName, number>();
      let conflicts = 0;
      if (sameDigest(mine!, theirs!)) return { lacking, conflicts };
      const comparison = { key: { client: point.client, point: point.point }, faster, slower, fromUs, toUs: fromUs + DAY_US };
      for await (const differences of settledDifferences(comparison, { tiers, marks: this.#marks, signal })) {
        for (const { holder, isSilent } of differences) {
          if (holder === null) conflicts++;
          else if (!isSilent) lacking.set(holder === faster ? slower : faster, (lacking.get(holder === faster ? slower : faster) ?? 0) + 1);
        }
      }
      return { lacking, conflicts };
    });
    if (answer === "away") return [];
    const day = new Date(fromUs / 1000).toISOString().slice(0, 10);
    const told = [...answer.lacking].map(([tier, count]) => residual(point, tier, count, `${tier} lacks ${count} facts of ${day} that ${tier === faster ? slower : faster} holds, of point ${point.point}`));
    if (answer.conflicts > 0) told.push(residual(point, faster, answer.conflicts, `${faster} and ${slower} say otherwise of ${answer.conflicts} facts of ${day}, of point ${point.point}`));
    return told;
  }
}

/** What the tier answers; "away" when it cannot be asked, or its group is too far behind. */
async function unlessAway<T>(ask: () => Promise<T>): Promise<T | "away"> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof CaudalError && error.retry !== "no") return "away";
    throw error;
  }
}

function residual(point: RecentPoint, tier: TierName, missing: number, detail: string): Residual {
  const { partition, fromOffset, toOffset } = point;
  return { check: "tiers", group: groupOf[tier], topic: topics.measurements, partition, fromOffset, toOffset, missing, detail, about: point.point };
}

const placeOf = ({ instantUs, variable }: HeldFact): string => `${instantUs} ${variable}`;

function nameOf({ point }: PointKey, { variable, instantUs }: HeldFact): string {
  return `${variable} of point ${point} at ${new Date(instantUs / 1000).toISOString()}`;
}
