import type { Answer, Failure, FailureKind, Provider } from "../providers/provider.ts";
import { retryAfterMs } from "./retry-after.ts";

/** The longest that a provider's word, or our own for it, keeps an account waiting. */
export const MAX_HOLD_MS = 15 * 60_000;

const kinds: Readonly<Record<number, FailureKind>> = { 400: "config_error", 401: "auth_failed", 403: "auth_failed", 404: "config_error", 410: "config_error", 429: "rate_limited" };

export interface ClassifyOptions {
  readonly provider: Pick<Provider, "classify">;
  /** The request as it may be shown. */
  readonly shown: string;
  /** The beginning of an answer's body, and what the provider's code says of one, as they may be shown. */
  readonly quote: (body: Uint8Array) => string;
  readonly text: (said: string) => string;
  readonly nowUs: number;
}

/** Why an answer is no use, or undefined for a 2xx. The provider's own word counts before what statuses usually mean; details hold no secret where `shown` and `quote` hold none. */
export function classify(answer: Answer, { provider, shown, quote, text, nowUs }: ClassifyOptions): Failure | undefined {
  const { status } = answer;
  if (status >= 200 && status < 300) return undefined;
  if (status >= 300 && status < 400) return { kind: "config_error", status, detail: `${shown} answered ${status} and points to ${text(hostOf(answer.headers["location"]))}; redirects are not followed, so the base URL has to name the right host` };
  const own = provider.classify?.(answer);
  const said = own === undefined ? quote(answer.body) : text(own.detail);
  const asked = own?.retryAfterMs ?? retryAfterMs(answer, nowUs);
  return {
    kind: own?.kind ?? kinds[status] ?? "request_failed", status, detail: `${shown} answered ${status}${said === "" ? "" : `: ${said}`}`,
    ...(asked === undefined ? {} : { retryAfterMs: Math.min(MAX_HOLD_MS, asked) }),
  };
}

function hostOf(location: string | undefined): string {
  if (location === undefined) return "nowhere";
  return URL.parse(location)?.host ?? "another path of the same host";
}
