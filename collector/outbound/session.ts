import type { Clock } from "@caudal/runtime";
import type { Failure } from "../providers/provider.ts";

/** How long a token is used that does not say when it ends; one that is refused earlier is dropped then. */
const UNKNOWN_LIFE_MS = 55 * 60_000;
const MARGIN_MS = 60_000;

export interface Token {
  readonly text: string;
  readonly endsAtMs: number;
}

/** A token's life counts from the moment its login was sent. */
export type LoggedIn = { readonly ok: true; readonly token: string; readonly lifeMs: number | undefined; readonly sentAtMs: number } | { readonly ok: false; readonly failure: Failure };
export type SessionToken = { readonly ok: true; readonly token: Token } | { readonly ok: false; readonly failure: Failure };

/**
 * The token that all calls of a credential share. However many ask while there is none, one login answers them all; a token that was refused is
 * dropped once, however many were refused with it, so that those who come late with it find the one that followed.
 */
export class Session {
  readonly #clock: Clock;
  readonly #login: () => Promise<LoggedIn>;
  #token: Token | undefined;
  #loggingIn: Promise<SessionToken> | undefined;

  /** `login` never rejects, and is called by one at a time. */
  constructor(clock: Clock, login: () => Promise<LoggedIn>) {
    this.#clock = clock;
    this.#login = login;
  }

  /** True while this token may be used. */
  holds(token: Token): boolean {
    return token === this.#token && this.#clock.monotonicMs() < token.endsAtMs;
  }

  /** Rejects with the signal's reason alone; a login that others wait for goes on. */
  async token(signal: AbortSignal): Promise<SessionToken> {
    signal.throwIfAborted();
    if (this.#token !== undefined && this.holds(this.#token)) return { ok: true, token: this.#token };
    this.#loggingIn ??= this.#renew().finally(() => (this.#loggingIn = undefined));
    return orAborted(this.#loggingIn, signal);
  }

  drop(token: Token): void {
    if (this.#token === token) this.#token = undefined;
  }

  async #renew(): Promise<SessionToken> {
    this.#token = undefined;
    const outcome = await this.#login();
    if (!outcome.ok) return outcome;
    const { token, lifeMs = UNKNOWN_LIFE_MS, sentAtMs } = outcome;
    if (lifeMs <= 0) return { ok: false, failure: { kind: "bad_payload", detail: "the login gave a token that by its own word has ended already; is this machine's clock right?" } };
    this.#token = { text: token, endsAtMs: sentAtMs + usableMs(lifeMs) };
    return { ok: true, token: this.#token };
  }
}

/** A minute less than its life; of a life under two minutes, half: never more than it has. */
export function usableMs(lifeMs: number): number {
  return lifeMs - Math.min(MARGIN_MS, lifeMs / 2);
}

function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason as Error);
    signal.addEventListener("abort", abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
