import { CaudalError, topics, type EventLog, type TierName } from "@caudal/core";
import { systemSleep, type Clock } from "@caudal/runtime";
import { groupOf } from "./pairs.ts";

/** Ends of caudal.measurements by partition, which some groups have all passed since. */
export interface Mark {
  readonly ends: readonly number[];
  readonly atMs: number;
}

export interface GroupMarksOptions {
  readonly log: EventLog;
  readonly clock: Clock;
  /** Milliseconds that groups are waited for; 60,000 when absent. */
  readonly waitMs?: number;
}

/** A mark serves again for that long: what comes after it is looked for in the log. */
const FRESH_MS = 1000;
const WAIT_MS = 60_000;
const LOOK_EVERY_MS = 25;

/** Says when tiers hold all that the log held at some moment: only then can they be compared. */
export class GroupMarks {
  readonly #options: GroupMarksOptions;
  readonly #last = new Map<string, Mark>();

  constructor(options: GroupMarksOptions) {
    this.#options = options;
  }

  /** A mark taken a moment ago at most. CaudalError "timeout" when a group does not pass it in time. */
  async recent(tiers: readonly TierName[], signal: AbortSignal): Promise<Mark> {
    const last = this.#last.get(nameOf(tiers));
    if (last !== undefined && this.#options.clock.monotonicMs() - last.atMs < FRESH_MS) return last;
    return this.taken(tiers, signal);
  }

  /** A mark taken after this call; resolves when the groups of the tiers have passed it. CaudalError "timeout" when one does not in time. */
  async taken(tiers: readonly TierName[], signal: AbortSignal): Promise<Mark> {
    const { log, clock, waitMs = WAIT_MS } = this.#options;
    const atMs = clock.monotonicMs();
    const ends = (await log.bounds(topics.measurements)).map(({ endOffset }) => endOffset);
    for (const tier of tiers) await this.#untilPassed(tier, ends, { signal, untilMs: atMs + waitMs });
    const mark = { ends, atMs };
    this.#last.set(nameOf(tiers), mark);
    return mark;
  }

  async #untilPassed(tier: TierName, ends: readonly number[], { signal, untilMs }: { readonly signal: AbortSignal; readonly untilMs: number }): Promise<void> {
    const { log, clock } = this.#options;
    for (;;) {
      signal.throwIfAborted();
      const lag = await log.lag(topics.measurements, groupOf[tier]);
      const behind = lag.reduce((sum, { partition, committedOffset }) => sum + Math.max(0, (ends[partition] ?? 0) - committedOffset), 0);
      if (behind === 0) return;
      if (clock.monotonicMs() >= untilMs) {
        throw new CaudalError("timeout", `${groupOf[tier]} has yet to write ${behind} records into the ${tier} tier; the tiers can be compared when it has (caudal up, or the ${tier === "cold" ? "archiver" : "processor"})`, { retry: "yes" });
      }
      await systemSleep(LOOK_EVERY_MS, signal);
    }
  }
}

function nameOf(tiers: readonly TierName[]): string {
  return tiers.toSorted().join("+");
}
