import { backoffMs, type Clock } from "@caudal/runtime";
import type { Failure } from "../providers/provider.ts";
import { MAX_HOLD_MS } from "./classify.ts";

const FAILURES = 5;
const FAILED_TRIES = 20;
const REFUSALS = 3;
const FIRST_PAUSE_MS = 10_000;

export interface BreakerOptions {
  readonly clock: Clock;
  /** 0 <= random < 1. */
  readonly random: () => number;
  /** Devices that share the credential. */
  readonly devices: number;
  opened(failure: Failure, pauseMs: number): void;
  closed(downMs: number): void;
}

export interface Outage {
  readonly failure: Failure;
  readonly sinceUs: number;
  readonly retryAtUs: number;
}

interface Open {
  failure: Failure;
  readonly sinceUs: number;
  readonly sinceMs: number;
  retryAtMs: number;
  pauses: number;
  probing: boolean;
}

/**
 * Holds calls back from a provider that is down. It opens after five calls in a row that say so, or twenty tries of however many calls; when a
 * login is refused, at once, since more of them may lock the account; and when three calls in a row are refused although the login is not (one
 * is, if there is one device): one device's refusal says nothing about the others. While it is open one call at a time tries again, after
 * pauses that grow to 15 minutes.
 */
export class Breaker {
  readonly #options: BreakerOptions;
  #tries = 0;
  #failures = 0;
  #refusals = 0;
  #open: Open | undefined;

  constructor(options: BreakerOptions) {
    this.#options = options;
  }

  /** What opened it; "probe" to the one call that may try meanwhile; "go" while it is closed. Whoever is told "probe" says later what came of it, by one of the methods below. */
  admit(): "go" | "probe" | Failure {
    const open = this.#open;
    if (open === undefined) return "go";
    if (open.probing || this.#options.clock.monotonicMs() < open.retryAtMs) return open.failure;
    open.probing = true;
    return "probe";
  }

  outage(): Outage | undefined {
    const open = this.#open;
    if (open === undefined) return undefined;
    const { clock } = this.#options;
    return { failure: open.failure, sinceUs: open.sinceUs, retryAtUs: clock.nowUs() + Math.max(0, Math.round((open.retryAtMs - clock.monotonicMs()) * 1000)) };
  }

  /** The provider answered and took the credential, be it to say that it does not know a device. A call that began before the outage says nothing about it. */
  answered(probe: boolean): void {
    const open = this.#open;
    if (open === undefined || !probe) {
      this.#tries = this.#failures = this.#refusals = 0;
      return;
    }
    this.#open = undefined;
    this.#tries = this.#failures = this.#refusals = 0;
    this.#options.closed(this.#options.clock.monotonicMs() - open.sinceMs);
  }

  /** A try that failed and is made again. */
  tried(failure: Failure): void {
    if (this.#open === undefined && ++this.#tries >= FAILED_TRIES) this.#opens(failure);
  }

  /** A failure that speaks of the provider or the credential; `ofLogin` of the login itself. */
  failed(failure: Failure, probe: boolean, ofLogin: boolean): void {
    if (this.#open !== undefined) {
      if (probe) this.#reopen(this.#open, failure);
      return;
    }
    this.#tries++;
    this.#failures++;
    this.#refusals = failure.kind === "auth_failed" ? this.#refusals + 1 : 0;
    const refused = ofLogin && (failure.kind === "auth_failed" || failure.kind === "config_error");
    if (refused || this.#tries >= FAILED_TRIES || this.#failures >= FAILURES || this.#refusals >= Math.min(REFUSALS, this.#options.devices)) this.#opens(failure);
  }

  #opens(failure: Failure): void {
    const { clock } = this.#options;
    const pauseMs = this.#pauseMs(failure, 0);
    this.#open = { failure, sinceUs: clock.nowUs(), sinceMs: clock.monotonicMs(), retryAtMs: clock.monotonicMs() + pauseMs, pauses: 0, probing: false };
    this.#options.opened(failure, pauseMs);
  }

  /** The probe ended without telling anything: the next call may try. */
  untold(): void {
    if (this.#open !== undefined) this.#open.probing = false;
  }

  #reopen(open: Open, failure: Failure): void {
    open.pauses++;
    open.failure = failure;
    open.probing = false;
    open.retryAtMs = this.#options.clock.monotonicMs() + this.#pauseMs(failure, open.pauses);
  }

  /** A refused credential is tried only as seldom as can be. A tenth is jitter, so that collectors that saw one outage do not all try at once. */
  #pauseMs(failure: Failure, pauses: number): number {
    if (failure.kind === "auth_failed") return MAX_HOLD_MS;
    const pauseMs = Math.min(MAX_HOLD_MS, Math.max(FIRST_PAUSE_MS * 2 ** pauses, failure.retryAfterMs ?? 0));
    return pauseMs - backoffMs(1, { baseMs: pauseMs / 10, capMs: pauseMs / 10, random: this.#options.random });
  }
}
