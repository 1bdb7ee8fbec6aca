import type { Logger, Metrics } from "@caudal/runtime";
import type { Account } from "../providers/account.ts";
import type { Failure } from "../providers/provider.ts";

export interface ProviderSignals {
  down(failure: Failure, pauseMs: number): void;
  up(downMs: number): void;
  held(failure: Failure, ms: number): void;
  /** A request that was sent, or (without seconds) a call that was held back. */
  count(outcome: string, seconds?: number): void;
  /** The account is not called from here any more. */
  gone(): void;
}

/** What is told of an account: its outage is one line when it begins and one when it ends, however many calls it held back. */
export function providerSignals({ account, logger, metrics }: { readonly account: Account; readonly logger: Logger; readonly metrics: Metrics }): ProviderSignals {
  const labels = { account: account.id, provider: account.provider.id };
  const named = logger.child(labels);
  const isUp = metrics.gauge("caudal_provider_up");
  const calls = metrics.counter("caudal_provider_calls_total");
  const took = metrics.histogram("caudal_provider_call_seconds");
  let isDown = false;
  let heldBack = 0;
  return {
    down: (failure, pauseMs) => {
      isDown = true;
      heldBack = 0;
      isUp.set(labels, 0);
      named.warn("provider.down", { kind: failure.kind, status: failure.status, detail: failure.detail, retryInMs: Math.round(pauseMs) });
    },
    up: (downMs) => {
      isDown = false;
      isUp.set(labels, 1);
      named.info("provider.up", { downMs: Math.round(downMs), heldBack });
    },
    held: (failure, ms) => named.info("provider.rate-limited", { status: failure.status, holdMs: Math.round(ms) }),
    count: (outcome, seconds) => {
      calls.inc({ ...labels, outcome });
      if (seconds === undefined) {
        heldBack++;
        return;
      }
      took.observe({ provider: account.provider.id }, seconds);
      // Each time, since whoever knows that another process calls the account now may have taken the row away.
      isUp.set(labels, isDown ? 0 : 1);
    },
    gone: () => isUp.remove(labels),
  };
}
