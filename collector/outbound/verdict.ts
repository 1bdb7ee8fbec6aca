import type { Breaker } from "./breaker.ts";
import type { Answered } from "./calls.ts";

/** What came of a call after its tries. */
export interface Tried {
  readonly answered: Answered;
  /** It is the login that failed. */
  readonly ofLogin?: boolean;
  /** Nothing was sent: it says nothing about the provider. */
  readonly unsent?: boolean;
}

/**
 * Tells the breaker what a call says about the provider. A whole answer about one device (it is not known, its rows make no sense), and being
 * told when to come back, are neither an outage nor its end while calls go out; to a probe they say that the provider is there.
 */
export function tell(breaker: Breaker, { answered, ofLogin = false, unsent = false }: Tried, probe: boolean): void {
  if (unsent) {
    if (probe) breaker.untold();
    return;
  }
  if (answered.ok) return breaker.answered(probe);
  const { failure } = answered;
  const hinted = failure.kind === "rate_limited" && failure.retryAfterMs !== undefined;
  const ofDevice = !ofLogin && (failure.kind === "config_error" || failure.kind === "bad_payload");
  if (!hinted && !ofDevice) return breaker.failed(failure, probe, ofLogin);
  if (!probe) return;
  if (failure.status !== undefined) breaker.answered(true);
  else breaker.failed(failure, true, ofLogin);
}
