import type { FleetMessage } from "../fleet/message.ts";
import type { Outcome, Sender } from "../senders/sender.ts";
import type { SimulationClock } from "./clock.ts";

/** A message on its way. */
export interface Job {
  readonly message: FleetMessage;
  attempts: number;
  /** What the last attempt that is not settled said. */
  why: string | undefined;
}

export interface LaneOptions {
  readonly sender: Sender;
  readonly number: number;
  readonly clock: SimulationClock;
  readonly signal: AbortSignal;
  readonly onAttempt: (job: Job) => void;
  readonly onSettled: (job: Job, outcome: Exclude<Outcome, { outcome: "unknown" }>) => void;
}

const FIRST_WAIT_MS = 50;
const LONGEST_WAIT_MS = 2000;

/** Sends one batch after the other; what is unknown goes again, alone and first, until it is settled or the run ends. */
export class Lane {
  readonly #options: LaneOptions;
  readonly #queue: Job[] = [];
  #taken = 0;
  #again: readonly Job[] = [];
  #waitMs = FIRST_WAIT_MS;
  #working: Promise<void> | undefined;

  constructor(options: LaneOptions) {
    this.#options = options;
  }

  put(job: Job): void {
    this.#queue.push(job);
    this.#working ??= this.#work();
  }

  /** Resolves when it has nothing more to do: all is settled, or the signal ended it. */
  async idle(): Promise<void> {
    await this.#working;
  }

  async #work(): Promise<void> {
    const { sender, number, signal, clock, onAttempt } = this.#options;
    // What is put in the same turn goes out together.
    await Promise.resolve();
    while (!signal.aborted) {
      const jobs = this.#again.length > 0 ? this.#again : this.#take(sender.batch);
      if (jobs.length === 0) break;
      for (const job of jobs) onAttempt(job);
      const outcomes = await sender.send(number, jobs.map(({ message }) => message), signal);
      const waitMs = this.#settle(jobs, outcomes);
      if (waitMs > 0) await clock.sleep(waitMs, signal);
    }
    this.#working = undefined;
  }

  /** How long to wait before the next batch. */
  #settle(jobs: readonly Job[], outcomes: readonly Outcome[]): number {
    const again: Job[] = [];
    let retryAfterMs = 0;
    jobs.forEach((job, at) => {
      const outcome = outcomes[at] ?? { outcome: "unknown", why: "no outcome" };
      if (outcome.outcome !== "unknown") return this.#options.onSettled(job, outcome);
      job.why = outcome.why;
      retryAfterMs = Math.max(retryAfterMs, outcome.retryAfterMs ?? 0);
      again.push(job);
    });
    this.#again = again;
    // Whoever answers for some of it is there.
    if (again.length < jobs.length) this.#waitMs = FIRST_WAIT_MS;
    if (again.length === 0) return 0;
    const waitMs = Math.max(this.#waitMs, retryAfterMs);
    this.#waitMs = Math.min(LONGEST_WAIT_MS, this.#waitMs * 2);
    return waitMs;
  }

  #take(most: number): readonly Job[] {
    const jobs = this.#queue.slice(this.#taken, this.#taken + most);
    this.#taken += jobs.length;
    // Half of it is done with at the least, so that a queue that never runs dry costs no more than one that does.
    if (this.#taken * 2 >= this.#queue.length) {
      this.#queue.splice(0, this.#taken);
      this.#taken = 0;
    }
    return jobs;
  }
}
