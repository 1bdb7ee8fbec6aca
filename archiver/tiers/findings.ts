import { formatInstant, type PointKey, type TierName } from "@caudal/core";
import { dayText } from "./days.ts";
import type { Suspect, Testimony } from "./log-witness.ts";
import type { ForgettingTier } from "./pairs.ts";

/** What a tier's days came to; facts but for points and days. */
export interface TierFindings {
  readonly tier: ForgettingTier;
  points: number;
  /** Point-days compared. */
  days: number;
  differences: number;
  repaired: number;
  conflicts: number;
  /** Of the differences, those that the log does not confirm. Merged where repair was asked for, never removed. */
  unconfirmed: number;
  /** Point-days of which the tier's safety net let something go before it was compared. */
  expired: number;
  /** Point-days that were forgotten, or would be. */
  forgotten: number;
  /** Points whose due days were not forgotten now: they differ for good, no slower tier holds them, or facts kept coming. */
  held: number;
  /** Times that a compare began anew because a fact came meanwhile. */
  restarts: number;
}

export interface UnconfirmedFact {
  readonly client: string;
  readonly point: string;
  readonly variable: string;
  readonly instant: string;
  readonly knownAt: string;
  readonly value: number | null;
  readonly holder: TierName;
  readonly lacking: TierName;
  readonly log: Exclude<Testimony, "in-log">;
}

export interface HeldDay {
  readonly tier: ForgettingTier;
  readonly client: string;
  readonly point: string;
  readonly day: string;
  readonly why: "conflict" | "no-slower-tier" | "facts-keep-coming";
}

/** A point-day that was not equal. */
export interface DifferentDay {
  readonly tier: ForgettingTier;
  readonly client: string;
  readonly point: string;
  readonly day: string;
  readonly differences: number;
  readonly repaired: number;
  readonly conflicts: number;
}

/** What a job answers. The lists hold the first of each; the counts are whole. */
export interface TierReport {
  readonly dryRun: boolean;
  readonly tiers: readonly TierFindings[];
  readonly different: readonly DifferentDay[];
  readonly unconfirmed: readonly UnconfirmedFact[];
  readonly held: readonly HeldDay[];
}

const LISTED = 100;

/** Grows while a job runs. */
export class Findings {
  readonly tiers: TierFindings[] = [];
  readonly #different: DifferentDay[] = [];
  readonly #unconfirmed: UnconfirmedFact[] = [];
  readonly #held: HeldDay[] = [];

  begin(tier: ForgettingTier): TierFindings {
    const findings: TierFindings = { tier, points: 0, days: 0, differences: 0, repaired: 0, conflicts: 0, unconfirmed: 0, expired: 0, forgotten: 0, held: 0, restarts: 0 };
    this.tiers.push(findings);
    return findings;
  }

  different(tier: ForgettingTier, { client, point }: PointKey, dayStartUs: number, counts: Pick<DifferentDay, "differences" | "repaired" | "conflicts">): void {
    if (this.#different.length < LISTED) this.#different.push({ tier, client, point, day: dayText(dayStartUs), ...counts });
  }

  held(tier: ForgettingTier, { client, point }: PointKey, dayStartUs: number, why: HeldDay["why"]): HeldDay {
    const held = { tier, client, point, day: dayText(dayStartUs), why };
    if (this.#held.length < LISTED) this.#held.push(held);
    return held;
  }

  unconfirmed({ client, point, fact, holder, lacking }: Suspect, log: UnconfirmedFact["log"]): UnconfirmedFact {
    const { variable, value, instantUs, knownAtUs } = fact;
    const told = { client, point, variable, instant: formatInstant(instantUs), knownAt: formatInstant(knownAtUs), value, holder, lacking, log };
    if (this.#unconfirmed.length < LISTED) this.#unconfirmed.push(told);
    return told;
  }

  report(dryRun: boolean): TierReport {
    return { dryRun, tiers: [...Map.groupBy(this.tiers, ({ tier }) => tier).values()].map(together), different: this.#different, unconfirmed: this.#unconfirmed, held: this.#held };
  }
}

/** A tier that was gone over twice, as one: its points and days count once. */
function together(passes: readonly TierFindings[]): TierFindings {
  return passes.reduce((first, next) => ({
    ...first, differences: first.differences + next.differences, repaired: first.repaired + next.repaired, unconfirmed: first.unconfirmed + next.unconfirmed,
  }));
}
