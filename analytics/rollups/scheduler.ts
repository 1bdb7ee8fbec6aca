import { groups, hasCode, topics, type EventLog } from "@caudal/core";
import type { Clock, Logger } from "@caudal/runtime";
import type { Span } from "../buckets/calendar.ts";
import { quarterStart, quarterUs } from "./level.ts";
import { quarterOf, type MarkedPoint, type MarkedPoints, type Touch } from "./marked-points.ts";
import { recompute, type RecomputeOptions } from "./recompute.ts";

export interface SchedulerOptions extends RecomputeOptions {
  readonly log: EventLog;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Partitions that are marked in this process. */
  readonly owned: () => ReadonlyMap<number, MarkedPoints>;
  /** Time between looks. */
  readonly everyMs: number;
  /** How long after its end a bucket is computed, and for how long a point must be quiet: most data arrives in bursts. */
  readonly delayMs: number;
}

/** A point that never is quiet waits no longer than this. */
const LONGEST_WAIT_MS = 30_000;
const POINTS_AT_ONCE = 4;
const MOST_LATE = 100_000;

interface Due extends MarkedPoint {
  readonly points: MarkedPoints;
  readonly spans: readonly Span[];
  /** Facts below it stand in cold. */
  readonly coldOffset: number;
}

/** Looks now and then for marks whose bucket is over and whose facts stand in cold, and computes these, a few points at once. */
export class RollupScheduler {
  readonly #options: SchedulerOptions;
  readonly #late = new Map<string, { firstMs: number; lastMs: number }>();
  readonly #ended = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;

  constructor(options: SchedulerOptions) {
    this.#options = options;
  }

  start(): void {
    const again = (): void => {
      this.#timer = setTimeout(() => void this.runOnce().finally(() => {
        if (!this.#ended.signal.aborted) again();
      }), this.#options.everyMs);
    };
    again();
  }

  async stop(): Promise<void> {
    this.#ended.abort();
    clearTimeout(this.#timer);
    await this.#running;
  }

  /** These were marked just now. Where that was late, more of it is likely to follow. */
  touched(touches: readonly Touch[]): void {
    const nowMs = this.#options.clock.monotonicMs();
    const until = this.#untilQuarter();
    for (const { point, marks } of touches) {
      const isLate = marks.some(({ from }) => from < until);
      if (this.#late.size >= MOST_LATE) this.#late.clear();
      if (isLate) this.#late.set(point, { firstMs: this.#late.get(point)?.firstMs ?? nowMs, lastMs: nowMs });
    }
  }

  /** One look; resolves when all that was due is computed or failed. Never rejects. */
  runOnce(): Promise<void> {
    this.#running ??= this.#run().catch((error: unknown) => this.#failed(error)).finally(() => (this.#running = undefined));
    return this.#running;
  }

  async #run(): Promise<void> {
    const candidates = [...this.#options.owned()].flatMap(([partition, points]) => points.marked().map((marked) => ({ partition, points, marked })));
    const over = candidates.filter(({ marked }) => marked.marks.some(({ from }) => from < this.#untilQuarter()) && this.#isQuiet(marked.point));
    if (over.length === 0) return;
    const lags = await this.#options.log.lag(topics.measurements, groups.cold);
    const due = over.flatMap(({ partition, points, marked }): Due[] => {
      const coldOffset = lags[partition]?.committedOffset ?? 0;
      const spans = this.#spansOf(marked, coldOffset);
      return spans.length === 0 ? [] : [{ ...marked, points, spans, coldOffset }];
    });
    const waiting = due[Symbol.iterator]();
    await Promise.all(Array.from({ length: POINTS_AT_ONCE }, () => this.#work(waiting)));
  }

  /** First 15-minute bucket that is not over. */
  #untilQuarter(): number {
    return quarterOf(this.#options.clock.nowUs() - this.#options.delayMs * 1000);
  }

  #isQuiet(point: string): boolean {
    const seen = this.#late.get(point);
    const nowMs = this.#options.clock.monotonicMs();
    return seen === undefined || nowMs - seen.lastMs >= this.#options.delayMs || nowMs - seen.firstMs >= LONGEST_WAIT_MS;
  }

  #spansOf({ marks }: MarkedPoint, coldOffset: number): Span[] {
    const until = this.#untilQuarter();
    return marks
      .filter(({ offset, from }) => offset < coldOffset && from < until)
      .map(({ from, to }) => ({ fromUs: from * quarterUs, toUs: Math.min(to, until) * quarterUs }));
  }

  async #work(waiting: Iterator<Due>): Promise<void> {
    for (let next = waiting.next(); next.done !== true; next = waiting.next()) {
      if (this.#ended.signal.aborted) return;
      await this.#compute(next.value).catch((error: unknown) => this.#failed(error));
      // Answers come before rollups.
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  async #compute({ client, point, points, spans, coldOffset }: Due): Promise<void> {
    this.#late.delete(point);
    const untilUs = quarterStart(this.#options.clock.nowUs());
    await recompute({ client, point }, spans, untilUs, { ...this.#options, signal: this.#ended.signal });
    await points.clear(point, spans.map(({ fromUs, toUs }) => ({ from: fromUs / quarterUs, to: toUs / quarterUs })), coldOffset);
  }

  #failed(error: unknown): void {
    if (this.#ended.signal.aborted) return;
    const conflict = hasCode(error, "version-conflict") || hasCode(error, "duplicate-key");
    this.#options.logger[conflict ? "info" : "warn"]("rollups.failed", { error });
  }
}
