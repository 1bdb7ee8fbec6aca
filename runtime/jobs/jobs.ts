import { randomUUID } from "node:crypto";
import type { Clock } from "../clock/clock.ts";
import { Problem } from "../http/problem.ts";
import { settleWithin } from "../lifecycle/settle-within.ts";
import type { Logger } from "../log/logger.ts";

/** How far long work is, in units that it names itself (`point-days`, `bytes`). */
export interface JobProgress {
  readonly done: number;
  /** Null while nobody knows. */
  readonly total: number | null;
  readonly unit: string;
  /** What it is at, for people. */
  readonly note?: string;
}

/** What the work is given. */
export interface JobRun {
  /** Aborted when somebody cancels the job or the process stops. */
  readonly signal: AbortSignal;
  progress(progress: JobProgress): void;
}

export const jobStates = ["running", "done", "failed", "cancelled"] as const;
export type JobState = (typeof jobStates)[number];

/** A job as it is shown; times in RFC 3339, rate in the progress's units a second. */
export interface JobView {
  readonly id: string;
  readonly kind: string;
  readonly state: JobState;
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly progress: JobProgress | null;
  readonly ratePerS: number | null;
  readonly etaS: number | null;
  /** What the work resolved with. */
  readonly result: object | null;
  readonly error: string | null;
}

/** Long work that this process does on request. It is not kept over a restart: every job can be asked for again, and repeats safely. */
export interface Jobs {
  /** Fails with Problem "job-running" while one of that kind runs. */
  start(kind: string, work: (run: JobRun) => Promise<object>): JobView;
  get(id: string): JobView | undefined;
  /** Newest first. */
  list(): readonly JobView[];
  /** False when there is none, or it has ended. */
  cancel(id: string): boolean;
  /** Cancels all and waits for them; nothing is started any more. */
  stop(deadlineMs: number): Promise<void>;
}

export interface JobsOptions {
  readonly clock: Clock;
  readonly logger: Logger;
}

interface Job {
  readonly id: string;
  readonly kind: string;
  readonly startedAtUs: number;
  readonly beganMs: number;
  readonly abort: AbortController;
  state: JobState;
  endedAtUs: number | undefined;
  endedMs: number | undefined;
  progress: JobProgress | undefined;
  result: object | undefined;
  error: string | undefined;
  ended: Promise<void>;
}

/** Ended jobs that are still shown. */
const KEPT = 50;

export function createJobs({ clock, logger }: JobsOptions): Jobs {
  const jobs = new Map<string, Job>();
  let stopping = false;

  async function run(job: Job, work: (run: JobRun) => Promise<object>): Promise<void> {
    const { id, kind, abort: { signal } } = job;
    logger.info("job.started", { job: id, kind });
    try {
      job.result = await work({ signal, progress: (progress) => (job.progress = progress) });
      job.state = "done";
      logger.info("job.done", { job: id, kind });
    } catch (error) {
      job.state = signal.aborted ? "cancelled" : "failed";
      job.error = error instanceof Error ? error.message : String(error);
      if (signal.aborted) logger.info("job.cancelled", { job: id, kind });
      else logger.error("job.failed", { job: id, kind, error });
    }
    job.endedAtUs = clock.nowUs();
    job.endedMs = clock.monotonicMs();
    forgetOld();
  }

  function forgetOld(): void {
    const ended = [...jobs.values()].filter(({ state }) => state !== "running");
    for (const { id } of ended.slice(0, Math.max(0, ended.length - KEPT))) jobs.delete(id);
  }

  function view(job: Job): JobView {
    const { progress } = job;
    const tookS = ((job.endedMs ?? clock.monotonicMs()) - job.beganMs) / 1000;
    const ratePerS = progress === undefined || tookS <= 0 ? null : progress.done / tookS;
    const left = progress === undefined || progress.total === null ? null : Math.max(0, progress.total - progress.done);
    return {
      id: job.id, kind: job.kind, state: job.state, startedAt: textOf(job.startedAtUs), endedAt: job.endedAtUs === undefined ? null : textOf(job.endedAtUs),
      progress: progress ?? null, ratePerS, etaS: job.state !== "running" || left === null || ratePerS === null || ratePerS === 0 ? null : left / ratePerS,
      result: job.result ?? null, error: job.error ?? null,
    };
  }

  return {
    start(kind, work) {
      if (stopping) throw new Problem("closed", { detail: kind });
      const running = [...jobs.values()].find((job) => job.kind === kind && job.state === "running");
      if (running !== undefined) throw new Problem("job-running", { detail: `${kind}: ${running.id}` });
      const job: Job = {
        id: randomUUID(), kind, startedAtUs: clock.nowUs(), beganMs: clock.monotonicMs(), abort: new AbortController(), state: "running",
        endedAtUs: undefined, endedMs: undefined, progress: undefined, result: undefined, error: undefined, ended: Promise.resolve(),
      };
      jobs.set(job.id, job);
      job.ended = run(job, work);
      return view(job);
    },
    get(id) {
      const job = jobs.get(id);
      return job === undefined ? undefined : view(job);
    },
    list: () => [...jobs.values()].reverse().map(view),
    cancel(id) {
      const job = jobs.get(id);
      if (job?.state !== "running") return false;
      job.abort.abort();
      return true;
    },
    async stop(deadlineMs) {
      stopping = true;
      const running = [...jobs.values()].filter(({ state }) => state === "running");
      for (const { abort } of running) abort.abort();
      await settleWithin(() => Promise.all(running.map(({ ended }) => ended)), deadlineMs);
    },
  };
}

function textOf(timeUs: number): string {
  return new Date(timeUs / 1000).toISOString();
}
