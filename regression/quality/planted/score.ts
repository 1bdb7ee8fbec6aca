import { mainReason, NOTHING, volumeBetween } from "../meter-replay.ts";
import { replaySeries, type Replayed, type ReplayedFact } from "../replayed-series.ts";
import type { Base } from "./bases.ts";
import type { FaultPlan, Planted } from "./plan.ts";
import { Random } from "./random.ts";

/** How one kind of fault was judged. */
export interface Score {
  readonly fault: string;
  readonly reason: string;
  readonly into: string;
  readonly limits: string;
  readonly planted: number;
  /** Faults of which at least one row was given the reason; by another reason only; by none. */
  readonly found: number;
  readonly otherwise: number;
  readonly missed: number;
  /** Rows that were given the reason: in faults, and elsewhere. */
  readonly right: number;
  readonly falseAlarms: number;
  /** Rows outside faults that were called suspect or bad for another reason. */
  readonly besides: number;
  readonly rows: number;
  readonly recall: number;
  readonly precision: number;
  /** Parts whose volume is not what the meter counted, and the largest difference, L; undefined where volume is not asked. */
  readonly volumeOff: number | undefined;
  readonly worstL: number | undefined;
  /** What was said of faults that were not found. */
  readonly said: Readonly<Record<string, number>>;
}

const SUSPECT = 3;

/** Plants a fault into each part of the bases, or into `most` of them, takes each part through the processor, and counts. */
export function scorePlan(plan: FaultPlan, { seed, most = Infinity }: { readonly seed: number; readonly most?: number }): Score {
  const random = new Random(seed);
  const count = { planted: 0, found: 0, otherwise: 0, missed: 0, right: 0, falseAlarms: 0, besides: 0, rows: 0, volumeOff: 0 };
  let worstL: number | undefined;
  const said: Record<string, number> = {};
  for (const part of partsOf(plan, most)) {
    const planted = plan.plant(part, random);
    const replayed = replaySeries(planted.sent, { ...plan.setUp, words: planted.words ?? [] });
    const facts = replayed.of(plan.variable);
    count.rows += facts.length;
    count.planted += 1;
    if (planted.drops !== undefined) {
      const dropped = replayed.dropped[plan.reason] ?? 0;
      count.right += Math.min(dropped, planted.drops);
      count.falseAlarms += Math.max(0, dropped - planted.drops);
      count[dropped >= planted.drops ? "found" : "missed"] += 1;
    }
    const inFault = new Set(planted.drops === undefined ? planted.timesUs : []);
    const rows = facts.filter(({ timeUs }) => inFault.has(timeUs));
    for (const fact of facts) if (!inFault.has(fact.timeUs)) outside(fact, plan.reason, count);
    if (planted.drops === undefined) {
      const right = rows.filter(({ reasons }) => reasons.includes(plan.reason)).length;
      count.right += right;
      const what = right > 0 ? "found" : rows.some(({ flag }) => flag >= SUSPECT) ? "otherwise" : "missed";
      count[what] += 1;
      if (what !== "found") for (const { reasons } of rows.slice(0, 1)) said[mainReason(reasons)] = (said[mainReason(reasons)] ?? 0) + 1;
    }
    const offL = volumeOff(planted, part, replayed);
    if (offL === undefined) continue;
    worstL = Math.max(worstL ?? 0, Math.abs(offL));
    if (offL !== 0) count.volumeOff += 1;
  }
  const { volumeOff: off, ...counts } = count;
  return {
    fault: plan.fault, reason: plan.reason, into: plan.into, limits: plan.limits, ...counts,
    recall: count.found / count.planted, precision: count.right / (count.right + count.falseAlarms), volumeOff: worstL === undefined ? undefined : off, worstL, said,
  };
}

function outside({ flag, reasons }: ReplayedFact, reason: string, count: { falseAlarms: number; besides: number }): void {
  if (reasons.includes(reason)) count.falseAlarms += 1;
  else if (flag >= SUSPECT && mainReason(reasons) !== NOTHING) count.besides += 1;
}

function partsOf({ bases, partRows }: FaultPlan, most: number): Base[] {
  const parts: Base[] = [];
  for (const base of bases()) for (let from = 0; from + partRows <= base.length; from += partRows) parts.push(base.slice(from, from + partRows));
  const every = Math.max(1, Math.ceil(parts.length / most));
  return parts.filter((_, index) => index % every === 0);
}

/** Volume less what was counted, over the whole part. */
function volumeOff({ countedL }: Planted, part: Base, replayed: Replayed): number | undefined {
  if (countedL === undefined) return undefined;
  const litres = volumeBetween(replayed, part[0]!, part.at(-1)!);
  return Number.isNaN(litres) ? Infinity : Number((litres - countedL).toFixed(6));
}
