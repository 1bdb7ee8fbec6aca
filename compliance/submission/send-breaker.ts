import type { Clock } from "@caudal/runtime";
import type { SendResult } from "../regulators/regulator.ts";

/** What a send says about the other side as a whole. */
export type Health = "answers" | "blocks" | "unreachable" | "silent";

const FIRST_OPEN_MS = 60_000;
const LONGEST_OPEN_MS = 30 * 60_000;
/** So many in a row open it. A block at once: who goes on is blocked for longer. */
const inARow: Readonly<Record<Exclude<Health, "answers">, number>> = { blocks: 1, unreachable: 2, silent: 5 };
/** No connection came to be. */
const UNREACHABLE = /\b(ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN|EHOSTDOWN)\b/;

export function healthOf({ outcome, httpStatus }: SendResult): Health {
  if (httpStatus === 403 || httpStatus === 429) return "blocks";
  if (outcome.kind === "accepted") return "answers";
  if ((httpStatus ?? 0) === 0 && UNREACHABLE.test(outcome.message)) return "unreachable";
  // Where a login comes before the send, what did not get that far is refused without the regulator's having said so.
  if (outcome.kind === "refused") return (httpStatus ?? 0) === 0 ? "silent" : "answers";
  return outcome.why === "blocked" ? "blocks" : "silent";
}

export interface BreakerState {
  readonly regulator: string;
  readonly state: "closed" | "open" | "half-open";
  /** Why it opened last; empty while it is closed. */
  readonly why: string;
  /** Milliseconds until one send is let through. */
  readonly retryInMs: number;
  /** Times that it opened in a row. */
  readonly opened: number;
}

/** One send that was let through; told once how it went, or that there was none. */
export interface Pass {
  report(health: Health): void;
  release(): void;
}

/** Keeps all sends from a regulator that blocks or cannot be reached, for a time that grows; then one goes through, and what comes of it decides. */
export class SendBreaker {
  readonly #regulator: string;
  readonly #clock: Clock;
  readonly #onChange: (state: BreakerState) => void;
  #openUntilMs: number | undefined;
  #opened = 0;
  #why = "";
  #bad: { readonly health: Health; readonly count: number } | undefined;
  #probing = false;

  constructor(regulator: string, clock: Clock, onChange: (state: BreakerState) => void) {
    this.#regulator = regulator;
    this.#clock = clock;
    this.#onChange = onChange;
  }

  state(): BreakerState {
    const leftMs = this.#openUntilMs === undefined ? 0 : Math.max(0, this.#openUntilMs - this.#clock.monotonicMs());
    return { regulator: this.#regulator, state: this.#openUntilMs === undefined ? "closed" : leftMs > 0 ? "open" : "half-open", why: this.#why, retryInMs: leftMs, opened: this.#opened };
  }

  /** Undefined while nothing may be sent. */
  pass(): Pass | undefined {
    const { state } = this.state();
    if (state === "open" || (state === "half-open" && this.#probing)) return undefined;
    const isProbe = state === "half-open";
    if (isProbe) this.#probing = true;
    let isTold = false;
    const once = (tell: () => void) => (): void => {
      if (isTold) return;
      isTold = true;
      if (isProbe) this.#probing = false;
      tell();
    };
    return { report: (health) => once(() => this.#learn(health, isProbe))(), release: once(() => undefined) };
  }

  #learn(health: Health, isProbe: boolean): void {
    if (health === "answers") {
      this.#bad = undefined;
      // What was sent before it opened says nothing about now.
      if (this.#openUntilMs !== undefined && !isProbe) return;
      const wasOpen = this.#openUntilMs !== undefined;
      this.#openUntilMs = undefined;
      this.#opened = 0;
      this.#why = "";
      if (wasOpen) this.#onChange(this.state());
      return;
    }
    const count = (this.#bad?.health === health ? this.#bad.count : 0) + 1;
    this.#bad = { health, count };
    if (this.#openUntilMs !== undefined && !isProbe) return;
    if (!isProbe && count < inARow[health]) return;
    this.#openUntilMs = this.#clock.monotonicMs() + Math.min(LONGEST_OPEN_MS, FIRST_OPEN_MS * 2 ** this.#opened);
    this.#opened += 1;
    this.#why = health;
    this.#onChange(this.state());
  }
}
