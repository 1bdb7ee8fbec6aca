import type { Answer, BudgetWindow, Failure, ProviderRequest } from "../providers/provider.ts";

/** What came of a call: a 2xx answer, whole, or why there is none. */
export type Answered = { readonly ok: true; readonly answer: Answer } | { readonly ok: false; readonly failure: Failure; /** Body of the answer, for what is parked; absent when there was none. */ readonly body?: Uint8Array };

/** How much of a window of the budget is used now. */
export interface BudgetUse extends BudgetWindow {
  readonly used: number;
}

/**
 * Calls with one credential. All that share the credential share its token, its budget and its breaker: a call waits for the budget, logs in
 * once however many wait (and once again when the token is refused), is tried again after a `request_failed`, and fails at once with what
 * opened it while the breaker is open. No failure's detail holds a secret. Never rejects, except when its signal ends it.
 */
export interface Calls {
  call(request: ProviderRequest, signal: AbortSignal): Promise<Answered>;
  budget(): readonly BudgetUse[];
  /** Undefined while calls go out; else why they do not, since when, and when one tries again. Microseconds since 1970 UTC. */
  outage(): { readonly failure: Failure; readonly sinceUs: number; readonly retryAtUs: number } | undefined;
  close(): Promise<void>;
}
