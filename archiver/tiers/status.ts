import { formatInstant, systemScope, type PointKey, type Scope, type SeriesTier, type TierName } from "@caudal/core";
import type { CheckRecords, TierChecks } from "./check-record.ts";
import { DAY_US, dayStart, dayText } from "./days.ts";
import { forgettingTiers, type Tiers } from "./pairs.ts";
import { packStanding, type PackRecords, type PackStanding } from "./packing.ts";
import type { PointsOf } from "./points-asked.ts";

export type TierBytes = () => Promise<Partial<Record<TierName, number>>>;

export interface TierStanding {
  readonly tier: TierName;
  /** Days of retention; null keeps for ever. */
  readonly keepsDays: number | null;
  /** Points that the tier has seen, of those looked at. */
  readonly points: number;
  /** UTC days of the oldest and the newest fact, of the points looked at; null without facts. */
  readonly oldestDay: string | null;
  readonly newestDay: string | null;
  /** Lowest and highest floor; null where the tier holds everything. */
  readonly floors: { readonly lowest: string | null; readonly highest: string | null };
  /** Point-days past the retention that still stand here. */
  readonly dueDays: number;
  readonly bytes: number | null;
  /** Of the tier that keeps for ever, where it packs; of the points looked at. */
  readonly packing: PackStanding | null;
  readonly checks: (Omit<TierChecks, "tier" | "verifiedAtUs"> & { readonly verifiedAt: string | null }) | null;
}

export interface InstallationTiers {
  /** Points of the directory, and how many of them were looked at for the rest. */
  readonly points: number;
  readonly looked: number;
  readonly tiers: readonly TierStanding[];
}

export interface StatusOptions {
  readonly tiers: Tiers;
  readonly scope: Scope;
  readonly points: PointsOf;
  readonly records: CheckRecords;
  readonly packed: PackRecords;
  readonly nowUs: number;
  readonly bytes?: TierBytes;
}

/** An answer looks at no more points than that; what it says is of those, and it says how many they were. */
const MOST_POINTS = 5000;
const POINTS_AT_ONCE = 8;

interface Seen {
  points: number;
  oldestUs: number;
  newestUs: number;
  lowestUs: number;
  highestUs: number;
  dueDays: number;
}

/** How the tiers stand: what each holds, what is due to be forgotten, and what the checks found. */
export async function tierStatus({ tiers, scope, points, records, packed, nowUs, bytes }: StatusOptions): Promise<InstallationTiers> {
  const names = Object.keys(tiers) as TierName[];
  const seen = new Map(names.map((name): [TierName, Seen] => [name, { points: 0, oldestUs: Infinity, newestUs: -Infinity, lowestUs: Infinity, highestUs: -Infinity, dueDays: 0 }]));
  let looked = 0;
  const packing: PackStanding[] = [];
  for await (const page of points.pages({ scope })) {
    const some = page.slice(0, MOST_POINTS - looked);
    for (let at = 0; at < some.length; at += POINTS_AT_ONCE) {
      await Promise.all(some.slice(at, at + POINTS_AT_ONCE).flatMap((key) => names.map((name) => look(tiers[name], key, { seen: seen.get(name)!, nowUs }))));
    }
    const ofPage = await packStanding(tiers, packed, some, nowUs);
    if (ofPage !== null) packing.push(ofPage);
    looked += some.length;
    if (looked >= MOST_POINTS) break;
  }
  const [all, taken, checks] = await Promise.all([points.count({ scope }), bytes?.(), records.all()]);
  return {
    points: all, looked,
    tiers: names.map((name) => {
      const { retentionMs } = tiers[name].capabilities;
      return { tier: name, keepsDays: retentionMs === null ? null : retentionMs / 86_400_000, ...told(seen.get(name)!), bytes: taken?.[name] ?? null, packing: name === "cold" ? together(packing) : null, checks: checksOf(checks, name) };
    }),
  };
}

async function look(tier: SeriesTier, key: PointKey, { seen, nowUs }: { readonly seen: Seen; readonly nowUs: number }): Promise<void> {
  const floorUs = await tier.floor(systemScope, key);
  if (floorUs === undefined) return;
  const edge = async (order: "ascending" | "descending"): Promise<number | undefined> => {
    for await (const block of tier.read(systemScope, { ...key, fromUs: -Infinity, toUs: Infinity, order, limit: 1, includeWithdrawn: true })) if (block.rows > 0) return block.timesUs[0];
    return undefined;
  };
  const [oldestUs, newestUs] = [await edge("ascending"), await edge("descending")];
  seen.points += 1;
  seen.lowestUs = Math.min(seen.lowestUs, floorUs);
  seen.highestUs = Math.max(seen.highestUs, floorUs);
  if (oldestUs === undefined || newestUs === undefined) return;
  seen.oldestUs = Math.min(seen.oldestUs, oldestUs);
  seen.newestUs = Math.max(seen.newestUs, newestUs);
  const { retentionMs } = tier.capabilities;
  if (retentionMs === null || !forgettingTiers.some((name) => name === tier.name)) return;
  seen.dueDays += Math.max(0, (Math.min(dayStart(nowUs - retentionMs * 1000), dayStart(newestUs) + DAY_US) - dayStart(oldestUs)) / DAY_US);
}

function told({ points, oldestUs, newestUs, lowestUs, highestUs, dueDays }: Seen): Pick<TierStanding, "points" | "oldestDay" | "newestDay" | "floors" | "dueDays"> {
  const day = (us: number): string | null => (Number.isFinite(us) ? dayText(dayStart(us)) : null);
  const instant = (us: number): string | null => (Number.isFinite(us) ? formatInstant(us) : null);
  return { points, oldestDay: day(oldestUs), newestDay: day(newestUs), floors: { lowest: instant(lowestUs), highest: instant(highestUs) }, dueDays };
}

function together(pages: readonly PackStanding[]): PackStanding | null {
  const sum = (count: keyof PackStanding): number => pages.reduce((total, page) => total + page[count], 0);
  return pages.length === 0 ? null : { packed: sum("packed"), due: sum("due") };
}

function checksOf(all: readonly TierChecks[], name: TierName): TierStanding["checks"] {
  const found = all.find(({ tier }) => tier === name);
  if (found === undefined) return null;
  const { tier: _tier, verifiedAtUs, ...counts } = found;
  return { ...counts, verifiedAt: verifiedAtUs === null ? null : formatInstant(verifiedAtUs) };
}
