import { systemScope, type RowBlock, type SeriesTier } from "@caudal/core";
import type { DigestRow, PointRef, TierEvidence, TierFact } from "../auditor/evidence.ts";

const DAY_US = 86_400_000_000;

/** A tier as the auditor is shown it. `points` names what stands in the store itself, where that can be asked. */
export function tierEvidence(tier: SeriesTier, points?: TierEvidence["points"]): TierEvidence {
  const { retentionMs } = tier.capabilities;
  return {
    name: tier.name,
    retentionUs: retentionMs === null ? null : retentionMs * 1000,
    floorUs: (point) => tier.floor(systemScope, point),
    async *facts(point) {
      for await (const block of tier.read(systemScope, { ...point, fromUs: -Infinity, toUs: Infinity, includeWithdrawn: true })) yield factsOf(block);
    },
    ...(points === undefined ? {} : { points }),
  };
}

function factsOf({ rows, timesUs, columns }: RowBlock): TierFact[] {
  const inOrder = columns.toSorted((a, b) => (a.variable < b.variable ? -1 : 1));
  const facts: TierFact[] = [];
  for (let row = 0; row < rows; row++) {
    for (const { variable, values, flags, reasons, authorities, knownAtUs } of inOrder) {
      if (flags[row] === 0) continue;
      const value = values[row]!;
      facts.push({
        instantUs: timesUs[row]!, variable, value: Number.isNaN(value) ? null : value, flag: flags[row]!, reasons: [...(reasons.get(row) ?? [])].sort(byCodeUnits),
        authority: authorities[row]!, knownAtUs: knownAtUs[row]!,
      });
    }
  }
  return facts;
}

/** Digests of each UTC day with facts that lies whole above a tier's floor, by every tier that holds it. */
export async function* digestRows(tiers: readonly SeriesTier[], point: PointRef): AsyncGenerator<DigestRow> {
  const floors = await Promise.all(tiers.map((tier) => tier.floor(systemScope, point)));
  const days = new Set<number>();
  for (const tier of tiers) {
    for await (const { timesUs } of tier.read(systemScope, { ...point, fromUs: -Infinity, toUs: Infinity, includeWithdrawn: true })) {
      for (const timeUs of timesUs) days.add(Math.floor(timeUs / DAY_US) * DAY_US);
    }
  }
  for (const dayStartUs of [...days].sort((a, b) => a - b)) {
    for (const [at, tier] of tiers.entries()) {
      const floorUs = floors[at];
      if (floorUs === undefined || floorUs > dayStartUs) continue;
      yield { tier: tier.name, dayStartUs, ...(await tier.digest(systemScope, point, dayStartUs)) };
    }
  }
}

function byCodeUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
