import type { Sample } from "@caudal/schemas";
import type { z } from "zod";

/**
 * A provider is a service on the network that keeps readings of devices and is asked for them.
 *
 * It is stateless and makes no calls: `request` says what to ask, `normalise` says what an answer means. The collector owns the socket,
 * login, budget, retries, schedule, watermark and publishing, so that all providers behave alike when something is wrong.
 */
export interface Provider<S = unknown> {
  /** As in `config/providers.yaml`; also the folder's name and the `source` of its readings. */
  readonly id: string;
  /** Other names that people know it by. */
  readonly aliases: readonly string[];
  readonly title: string;
  /** What an account says besides the fields that all accounts have. Defaults included: `parse({})` gives them where nothing is required. */
  readonly settings: z.ZodType<S>;
  /** Secrets that an account, and each of its devices, must name; a device's own counts before its account's. */
  readonly secrets: { readonly account: readonly string[]; readonly device: readonly string[] };
  /** Where it lives, unless the account says otherwise. */
  baseUrl(settings: S): string;
  /** Keys that one call may ask for. */
  readonly keysPerCall: "one" | "all";
  /** What a credential may do when the account does not say: gentler than what the provider allows. */
  readonly budget: readonly BudgetWindow[];
  /** Undefined: a request carries its own credentials. */
  readonly login?: Login<S>;
  /** False: it answers only with the newest. */
  readonly hasHistory: boolean;
  request(ask: PageAsk<S>): ProviderRequest;
  normalise(answer: Answer, ask: PageAsk<S>): Normalised;
  /** What a status means here, where it differs from the usual (401, 403: auth_failed; 429: rate_limited; 400, 404, 410: config_error; else request_failed). */
  classify?(answer: Answer): Failure | undefined;
}

/** At most `calls` calls in any `perMs` milliseconds. */
export interface BudgetWindow {
  readonly calls: number;
  readonly perMs: number;
}

/** A device as an account lists it. */
export interface PolledDevice {
  /** As its readings will name it. */
  readonly device: string;
  /** As the provider names it, where that differs (and is no secret: a token in a path is one). */
  readonly remote: string;
  readonly secrets: Readonly<Record<string, string>>;
}

/** Half-open, microseconds since 1970 UTC. */
export interface Window {
  readonly fromUs: number;
  readonly toUs: number;
}

/** One page of one device. */
export interface PageAsk<S> {
  readonly settings: S;
  /** The account's. */
  readonly secrets: Readonly<Record<string, string>>;
  readonly device: PolledDevice;
  readonly keys: readonly string[];
  /** Undefined asks for the newest. */
  readonly window: Window | undefined;
  /** `next` of the page before; undefined on the first. */
  readonly page: unknown;
  readonly nowUs: number;
}

export interface ProviderRequest {
  readonly method: "GET" | "POST";
  /** Below the base URL, percent-encoded by the provider. */
  readonly path: string;
  readonly query?: readonly (readonly [name: string, value: string])[];
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON, or as a form. */
  readonly json?: unknown;
  readonly form?: Readonly<Record<string, string>>;
  /** 5 s when absent; history asks for more. */
  readonly timeoutMs?: number;
}

/** A whole answer. Header names are lower case. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** What a 2xx answer says. */
export type Normalised =
  /** Every sample has its source time. `next` asks for the page after; absent on the last. */
  | { readonly kind: "ok"; readonly samples: readonly TimedSample[]; readonly labels?: Readonly<Record<string, string>>; readonly next?: unknown; /** Rows that are there and cannot be used, each parked whole. */ readonly refused?: readonly RefusedRow[] }
  | { readonly kind: "no_data"; readonly detail: string; readonly next?: unknown }
  | Failure;

export type TimedSample = Sample & { readonly timeUs: number };

export interface RefusedRow {
  readonly raw: Uint8Array;
  readonly why: "malformed-json" | "wrong-type" | "not-finite" | "implausible-time";
  readonly detail: string;
}

export const failureKinds = ["auth_failed", "config_error", "rate_limited", "request_failed", "bad_payload"] as const;
export type FailureKind = (typeof failureKinds)[number];

/** Never carries a value: a failed call is not a zero. `detail` may quote an answer; the collector takes secrets out of it. */
export interface Failure {
  readonly kind: FailureKind;
  readonly detail: string;
  readonly status?: number;
  /** Milliseconds that the provider asked for. */
  readonly retryAfterMs?: number;
}

/** Login-then-bearer: the collector logs in once a credential, however many devices wait, and again when the token ends or is refused. */
export interface Login<S> {
  /** Its path may be an absolute https URL, of a host that gives out tokens for this one. */
  request(settings: S, secrets: Readonly<Record<string, string>>): ProviderRequest;
  /** The token, and when it ends by its own word; undefined where it does not say. */
  token(answer: Answer, nowUs: number): { readonly token: string; readonly expiresAtUs: number | undefined } | Failure;
  /** The request as this token makes it. */
  apply(request: ProviderRequest, token: string): ProviderRequest;
}
