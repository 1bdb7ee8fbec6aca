import { leaveLease, takeLease, type Clock, type Component, type Logger } from "@caudal/runtime";
import { randomUUID } from "node:crypto";
import type { Documents } from "@caudal/core";
import { DAY_US } from "./days.ts";
import { createLeasedRounds } from "./leased-rounds.ts";
import type { TierWork } from "./tier-work.ts";

export interface ForgetterOptions {
  readonly work: TierWork;
  readonly documents: Documents;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Milliseconds between looks whether a day is due; 60,000 when absent. */
  readonly lookEveryMs?: number;
  /** Milliseconds of rest after each millisecond of work; 1 when absent. */
  readonly restShare?: number;
}

const LOOK_EVERY_MS = 60_000;
const REST_SHARE = 1;
const WORK = "tiers-forget";
const RENEW_EVERY_MS = 10_000;
/** What had to be left is looked at again after so many looks. */
const HELD_LOOKS = 15;

/**
 * Forgets, in the background, what is past each tier's retention, and packs in cold what warm let go of: a run over all points when a UTC day has ended, and
 * again after one that had to leave something. Each point's floor says what is left to forget; a document a point, from where on days are not packed yet.
 */
export function createForgetter(options: ForgetterOptions): Component {
  const { documents, clock, lookEveryMs = LOOK_EVERY_MS, restShare = REST_SHARE } = options;
  const logger = options.logger.child({ component: "forgetter" });
  const lease = { documents, clock, work: WORK, holder: randomUUID() };
  let doneDay: number | undefined;
  let looksToRest = 0;

  async function round(signal: AbortSignal): Promise<void> {
    const today = Math.floor(clock.nowUs() / DAY_US);
    if (doneDay === today || looksToRest-- > 0 || !(await takeLease(lease))) return;
    looksToRest = 0;
    let renewedMs = clock.monotonicMs();
    const between = async (): Promise<void> => {
      if (clock.monotonicMs() - renewedMs < RENEW_EVERY_MS) return;
      renewedMs = clock.monotonicMs();
      if (!(await takeLease(lease))) throw new Error("another process has taken over");
    };
    const { tiers } = await options.work.run("forget", {}, { signal, restShare, between, progress: () => undefined });
    const packed = await options.work.pack({}, { signal, restShare, between, progress: () => undefined });
    if (packed.days > 0) logger.info("tiers.packed", { days: packed.days, facts: packed.facts, left: packed.left, bytesBefore: packed.bytesBefore, bytesAfter: packed.bytesAfter });
    const left = tiers.reduce((sum, { held }) => sum + held, 0);
    if (left === 0) doneDay = today;
    else looksToRest = HELD_LOOKS;
    const forgotten = tiers.reduce((sum, tier) => sum + tier.forgotten, 0);
    if (forgotten > 0 || left > 0) logger.info("tiers.forgotten", { days: forgotten, held: left, restarts: tiers.reduce((sum, { restarts }) => sum + restarts, 0) });
    await leaveLease(lease);
  }

  // A tier or the log is away, or a group is behind: what was forgotten stands, the rest waits for the next look.
  return createLeasedRounds({ name: "forgetter", lease, lookEveryMs, waitsFirst: false, round, onInterrupted: (error) => logger.warn("tiers.forget-interrupted", { error }) });
}
