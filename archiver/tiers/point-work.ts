import { systemScope, type PointKey } from "@caudal/core";
import type { Clock, Logger } from "@caudal/runtime";
import type { DayComparer, DayVerdict } from "./compare-day.ts";
import { DAY_US, dayStart } from "./days.ts";
import { daysOf, isExpired } from "./days-of-point.ts";
import type { Findings, HeldDay, TierFindings } from "./findings.ts";
import type { ForgettingTier, Span, Tiers } from "./pairs.ts";
import { salvage } from "./salvage.ts";

export interface PointTask {
  readonly tier: ForgettingTier;
  readonly key: PointKey;
  readonly span: Span;
  readonly repair: boolean;
  readonly signal: AbortSignal;
}

export interface PointWorkParts {
  readonly tiers: Tiers;
  readonly comparer: DayComparer;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly findings: Findings;
  readonly counts: TierFindings;
  /** Waits after work that took so many milliseconds, and says how far it is. */
  readonly pace: (workedMs: number, dayStartUs: number) => Promise<void>;
  /** Of such a client no tier is touched any more: what is being removed must not come back. */
  readonly isErased: (client: string) => Promise<boolean>;
  /** Told of each point-day that was compared, and of each that was forgotten. */
  readonly tell: (what: "verified" | "forgotten") => void;
}

const MOST_RESTARTS = 5;

/** Compares, repairs or forgets the days of one point in one tier, a day at a time. */
export class PointWork {
  readonly #parts: PointWorkParts;

  constructor(parts: PointWorkParts) {
    this.#parts = parts;
  }

  async verify(task: PointTask): Promise<void> {
    const { tiers, clock, counts } = this.#parts;
    const { tier, key, span } = task;
    const floorUs = await this.#claimedFloor(task);
    const nowUs = clock.nowUs();
    for await (const dayStartUs of daysOf(tiers, { tier, key, fromUs: Math.max(span.fromUs, floorUs), toUs: span.toUs, nowUs })) {
      if (await this.#parts.isErased(key.client)) return;
      const beganMs = clock.monotonicMs();
      const verdict = await this.#compared(task, dayStartUs, floorUs);
      if (verdict === "expired") counts.expired += 1;
      else if (verdict.uncovered) this.#hold(task, dayStartUs, "no-slower-tier");
      await this.#parts.pace(clock.monotonicMs() - beganMs, dayStartUs);
    }
    counts.points += 1;
  }

  /** Forgets what lies below the end of the span, day by day, in order; stops at a day that may not go. With `repair` false says only what it would do. */
  async forget(task: PointTask): Promise<void> {
    const { tiers, clock, counts, tell } = this.#parts;
    const { tier, key, span: { toUs } } = task;
    const floorUs = await tiers[tier].floor(systemScope, key);
    counts.points += 1;
    if (floorUs === undefined || floorUs >= toUs) return;
    for await (const dayStartUs of daysOf(tiers, { tier, key, fromUs: floorUs, toUs, nowUs: clock.nowUs() })) {
      const beganMs = clock.monotonicMs();
      const why = await this.#release(task, dayStartUs, Math.max(floorUs, dayStartUs));
      if (await this.#parts.isErased(key.client)) return;
      if (why !== undefined) {
        counts.held += 1;
        this.#hold(task, dayStartUs, why);
        return;
      }
      // The one durable step: a crash before it compares the day again, a crash after it finds the day gone.
      if (task.repair) await tiers[tier].raiseFloor(systemScope, key, dayStartUs + DAY_US);
      counts.forgotten += 1;
      if (task.repair) tell("forgotten");
      await this.#parts.pace(clock.monotonicMs() - beganMs, dayStartUs);
    }
    if (task.repair && !(await this.#parts.isErased(key.client))) await tiers[tier].raiseFloor(systemScope, key, toUs);
  }

  /** Undefined when the day stands in slower tiers as it stands here, and nothing came for it meanwhile. */
  async #release(task: PointTask, dayStartUs: number, floorUs: number): Promise<HeldDay["why"] | undefined> {
    const { comparer, counts } = this.#parts;
    for (let attempt = 0; attempt <= MOST_RESTARTS; attempt += 1) {
      const verdict = await this.#compared(task, dayStartUs, floorUs, attempt > 0);
      if (verdict === "expired") {
        counts.expired += 1;
        return undefined;
      }
      if (verdict.uncovered) return "no-slower-tier";
      if (verdict.conflicts > 0) return "conflict";
      if (!task.repair) return undefined;
      // What was mended is compared again.
      if (verdict.differences > 0 || verdict.repaired > 0) continue;
      if (!(await comparer.isTouched(task.key, verdict.mark, { fromUs: dayStartUs, toUs: dayStartUs + DAY_US }))) return undefined;
      counts.restarts += 1;
    }
    return "facts-keep-coming";
  }

  async #compared(task: PointTask, dayStartUs: number, floorUs: number, isAgain = false): Promise<DayVerdict | "expired"> {
    const { tiers, comparer, clock, counts, findings, tell } = this.#parts;
    const { tier, key, repair, signal } = task;
    signal.throwIfAborted();
    try {
      const verdict = await comparer.compare({ tier, key, dayStartUs, floorUs, repair, isAgain, signal });
      counts.days += isAgain ? 0 : 1;
      counts.differences += verdict.differences;
      counts.repaired += verdict.repaired;
      counts.conflicts += verdict.conflicts;
      if (verdict.differences > 0) findings.different(tier, key, dayStartUs, verdict);
      if (!isAgain) tell("verified");
      return verdict;
    } catch (error) {
      if (!(await isExpired(tiers, { tier, key, dayStartUs, nowUs: clock.nowUs() }, error))) throw error;
      const hours = repair ? await salvage({ tiers, tier, key, dayStartUs, floorUs }) : 0;
      this.#parts.logger.warn("tiers.expired", { tier, client: key.client, point: key.point, day: dayStartUs, hours });
      return "expired";
    }
  }

  #hold({ tier, key }: PointTask, dayStartUs: number, why: HeldDay["why"]): void {
    this.#parts.logger.warn("tiers.held", { ...this.#parts.findings.held(tier, key, dayStartUs, why) });
  }

  /** The tier's floor of the point; where it never saw one that others hold, what it would keep of it. */
  async #claimedFloor({ tier, key }: PointTask): Promise<number> {
    const { tiers, clock } = this.#parts;
    const floorUs = await tiers[tier].floor(systemScope, key);
    const { retentionMs } = tiers[tier].capabilities;
    return floorUs ?? (retentionMs === null ? -Infinity : dayStart(clock.nowUs() - retentionMs * 1000) + DAY_US);
  }
}
