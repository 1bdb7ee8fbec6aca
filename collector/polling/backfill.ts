import type { Clock, JobRun, Sleep } from "@caudal/runtime";
import type { Calls } from "../outbound/calls.ts";
import type { Window } from "../providers/provider.ts";
import type { AccountPoller } from "./account-poller.ts";
import type { Checkpoints } from "./backfill-checkpoints.ts";
import type { Filled } from "./device-poll.ts";
import { addRows, noRows, type RowCounts } from "./outcome.ts";
import type { PolledDevice } from "./polled-device.ts";
import { deviceNameOf } from "./read-pages.ts";

export interface BackfillRequest {
  readonly window: Window;
  /** All when absent. */
  readonly device?: string;
  readonly dryRun: boolean;
}

export interface BackfillFailure {
  readonly account: string;
  readonly device: string;
  readonly keys: readonly string[];
  readonly kind: string;
  readonly detail: string;
}

export interface BackfillReport {
  readonly dryRun: boolean;
  readonly devices: number;
  /** Days of a set of keys of a device that were read. */
  readonly days: number;
  readonly calls: number;
  /** `forward`: past what polls had accepted; `late`, `repeated`: before it, and what mapping knows of these changes nothing. */
  readonly rows: RowCounts;
  /** Accounts that keep no history, and were left out. */
  readonly withoutHistory: readonly string[];
  readonly failed: readonly BackfillFailure[];
}

export interface BackfillOptions {
  /** Those that are asked for here. */
  readonly pollers: readonly AccountPoller[];
  readonly checkpoints: Checkpoints;
  readonly clock: Clock;
  readonly sleep: Sleep;
}

const DAY_US = 86_400_000_000;
/** Of each budget window; the rest is the live polls'. */
const SHARE = 0.5;
const TRIES = 4;
const LOOK_EVERY_MS = 50;
const LEAST_PAUSE_MS = 1000;
const MAX_FAILURES = 200;

/**
 * Reads a stretch of the past of each device again, oldest day first, and publishes it: account by account at once, device after device, within a
 * share of the budget. A checkpoint a device lets the same request go on after a crash. Watermarks move only where no hole is left behind.
 */
export async function runBackfill({ pollers, checkpoints, clock, sleep }: BackfillOptions, { window, device: only, dryRun }: BackfillRequest, run: JobRun): Promise<BackfillReport> {
  const withHistory = pollers.filter((poller) => poller.tools().account.provider.hasHistory);
  const work = withHistory.map((poller) => ({ poller, devices: poller.devices().filter(({ device }) => only === undefined || device.device === only) }));
  const days = Math.ceil((window.toUs - window.fromUs) / DAY_US);
  const total = days * work.reduce((sum, { devices }) => sum + devices.reduce((chunks, { poll }) => chunks + poll.chunks().length, 0), 0);
  const failed: BackfillFailure[] = [];
  let rows = noRows;
  let calls = 0;
  let doneUs = 0;
  let readUs = 0;
  const progress = (note: string): void => run.progress({ done: Math.min(total, Math.floor(doneUs / DAY_US)), total, unit: "days", note });

  async function ofDevice(poller: AccountPoller, polled: PolledDevice): Promise<void> {
    const tools = poller.tools();
    const name = deviceNameOf({ tools, device: polled.device });
    const note = `${name.account}/${name.device}`;
    const done = new Map(dryRun ? [] : await checkpoints.read(name, window));
    let whole = true;
    for (const keys of polled.poll.chunks()) {
      const chunk = keys.join();
      let fromUs = done.get(chunk) ?? window.fromUs;
      doneUs += fromUs - window.fromUs;
      const shared = sharedCalls(tools.calls, sleep);
      let filled: Filled | undefined;
      for (let tried = 1; fromUs < window.toUs && tried <= TRIES; tried += 1) {
        run.signal.throwIfAborted();
        filled = await polled.poll.fill({
          keys, window: { fromUs, toUs: window.toUs }, signal: run.signal, calls: shared, publish: !dryRun,
          onStep: async (stepUs) => {
            doneUs += stepUs - fromUs;
            readUs += stepUs - fromUs;
            fromUs = stepUs;
            // What failed before has passed.
            tried = 0;
            done.set(chunk, stepUs);
            if (!dryRun) await checkpoints.write(name, window, done);
            progress(note);
          },
        });
        rows = addRows(rows, filled.rows);
        calls += filled.calls;
        const passing = ["request_failed", "rate_limited", "auth_failed"].includes(filled.outcome.kind);
        if (filled.complete || !passing || tried >= TRIES) break;
        const retryAtUs = tools.calls.outage()?.retryAtUs ?? 0;
        await sleep(Math.max(LEAST_PAUSE_MS, (retryAtUs - clock.nowUs()) / 1000), run.signal);
      }
      if (filled === undefined || filled.complete) continue;
      whole = false;
      doneUs += window.toUs - fromUs;
      if (failed.length < MAX_FAILURES) failed.push({ account: name.account, device: name.device, keys, kind: filled.outcome.kind, detail: filled.outcome.detail });
    }
    if (whole && !dryRun) finished.push(() => checkpoints.forget(name));
    progress(note);
  }

  const finished: (() => Promise<void>)[] = [];
  progress("");
  await Promise.all(work.map(async ({ poller, devices }) => {
    for (const device of devices) await ofDevice(poller, device);
  }));
  // Only when all are through: a request that was killed goes on, and does not begin anew with those that it had finished.
  for (const forget of finished) await forget();
  return {
    dryRun, devices: work.reduce((sum, { devices }) => sum + devices.length, 0), days: Math.round(readUs / DAY_US), calls, rows,
    withoutHistory: pollers.filter((poller) => !withHistory.includes(poller)).map((poller) => poller.tools().account.id), failed,
  };
}

/** Calls that leave live polls their part of the budget. */
function sharedCalls(calls: Calls, sleep: Sleep): Calls {
  return {
    call: async (request, signal) => {
      while (calls.budget().some((window) => window.used >= Math.max(1, Math.floor(window.calls * SHARE)))) await sleep(LOOK_EVERY_MS, signal);
      return calls.call(request, signal);
    },
    budget: () => calls.budget(),
    outage: () => calls.outage(),
    close: async () => {},
  };
}
