import { groups, topics, type EventLog, type TierName } from "@caudal/core";
import type { Clock, Logger } from "@caudal/runtime";

const groupOf = { hot: groups.hot, warm: groups.warm, cold: groups.cold, rollups: groups.rollups } as const;
type Reader = keyof typeof groupOf;
const readers = Object.keys(groupOf) as readonly Reader[];
const tierNames = ["hot", "warm", "cold"] as const satisfies readonly TierName[];

interface Sample {
  readonly atMs: number;
  /** Committed offset by partition. */
  readonly committed: ReadonlyMap<Reader, readonly number[]>;
}

/** A look is used again for that long, so that a page of points asks once. */
const FRESH_MS = 250;
/** A tier that has what the others had that long ago (from one second to three) is current: where much is written no two stand at the same offset. */
const TOLERANCE_MS = 1000;
const OLDEST_MS = 3 * TOLERANCE_MS;
const MAX_SAMPLES = 64;

/** How far each tier's group has come in caudal.measurements, so that no read loses what another tier has already. */
export class TierPositions {
  readonly #log: EventLog;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #samples: Sample[] = [];
  #asking: Promise<void> | undefined;

  constructor(log: EventLog, clock: Clock, logger: Logger) {
    this.#log = log;
    this.#clock = clock;
    this.#logger = logger;
  }

  /** Looks anew when the last look is old. While the log cannot be asked the last look holds. */
  async refresh(): Promise<void> {
    const last = this.#samples.at(-1);
    if (last !== undefined && this.#clock.monotonicMs() - last.atMs < FRESH_MS) return;
    this.#asking ??= this.#ask().finally(() => (this.#asking = undefined));
    await this.#asking;
  }

  /** False when the tier's group was left behind by the other's; what a new look brings needs `refresh`. */
  isCurrent(tier: TierName, other: TierName, partition: number): boolean {
    const now = this.#samples.at(-1);
    if (now === undefined) return true;
    return at(now, tier, partition) >= Math.min(at(now, other, partition), at(this.#settled(), other, partition));
  }

  /** Offset that the tier furthest ahead has come to. */
  newest(partition: number): number {
    const now = this.#samples.at(-1);
    return now === undefined ? 0 : Math.max(...tierNames.map((tier) => at(now, tier, partition)));
  }

  /** True when the rollups' group was left behind by the tiers: late facts that a tier holds may not be marked yet. */
  areRollupsBehind(partition: number): boolean {
    const now = this.#samples.at(-1);
    if (now === undefined) return false;
    return tierNames.some((tier) => at(now, "rollups", partition) < Math.min(at(now, tier, partition), at(this.#settled(), tier, partition)));
  }

  /** The newest look that is as old as the tolerance and no older than its bound, else the very newest. */
  #settled(): Sample {
    const latest = this.#samples.at(-1)!;
    const found = this.#samples.findLast((sample) => latest.atMs - sample.atMs >= TOLERANCE_MS);
    return found !== undefined && latest.atMs - found.atMs <= OLDEST_MS ? found : latest;
  }

  async #ask(): Promise<void> {
    const atMs = this.#clock.monotonicMs();
    try {
      const committed = await Promise.all(readers.map(async (reader) => {
        const lags = await this.#log.lag(topics.measurements, groupOf[reader]);
        return [reader, lags.map(({ committedOffset }) => committedOffset)] as const;
      }));
      this.#samples.push({ atMs, committed: new Map(committed) });
      const keepFrom = this.#samples.findLastIndex((sample) => atMs - sample.atMs >= TOLERANCE_MS);
      this.#samples.splice(0, Math.max(keepFrom, this.#samples.length - MAX_SAMPLES, 0));
    } catch (error) {
      this.#logger.warn("analytics.positions-unknown", { error });
    }
  }
}

function at(sample: Sample, reader: Reader, partition: number): number {
  return sample.committed.get(reader)?.[partition] ?? 0;
}
