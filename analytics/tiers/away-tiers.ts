import { hasCode, type TierName } from "@caudal/core";
import type { Clock, Logger } from "@caudal/runtime";

/** After that long a tier that did not answer is asked again. */
const ASK_AGAIN_MS = 2000;

/** Remembers which tiers did not answer a moment ago, so that readers turn to the others at once instead of waiting for each anew. */
export class AwayTiers {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #untilMs = new Map<TierName, number>();

  constructor(clock: Clock, logger: Logger) {
    this.#clock = clock;
    this.#logger = logger;
  }

  isAway(tier: TierName): boolean {
    return (this.#untilMs.get(tier) ?? -Infinity) > this.#clock.monotonicMs();
  }

  /** The tier's answer; undefined where it is away, which it then is for a moment. Other failures go on to the caller. */
  async ask<T>(tier: TierName, work: () => Promise<T>): Promise<{ readonly answer: T } | undefined> {
    if (this.isAway(tier)) return undefined;
    try {
      return { answer: await work() };
    } catch (error) {
      if (!this.isAbsence(tier, error)) throw error;
      return undefined;
    }
  }

  /** True for a failure that says that the tier cannot be read now; takes note of it. */
  isAbsence(tier: TierName, error: unknown): boolean {
    if (!hasCode(error, "unavailable") && !hasCode(error, "timeout")) return false;
    if (!this.isAway(tier)) this.#logger.warn("analytics.tier-away", { tier, error });
    this.#untilMs.set(tier, this.#clock.monotonicMs() + ASK_AGAIN_MS);
    return true;
  }
}
