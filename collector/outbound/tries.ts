import { backoffMs, type Sleep } from "@caudal/runtime";
import type { Failure, Login } from "../providers/provider.ts";
import type { Exchange } from "./exchange.ts";
import type { LoggedIn } from "./session.ts";

export const TRIES = 3;
/** A provider that asks for longer is not waited for by a call; later ones find it held. */
const MAX_ASKED_MS = 30_000;

/** Whether the same request may go better in a while. */
export function mayMend({ kind, retryAfterMs = 0 }: Failure): boolean {
  return kind === "request_failed" && retryAfterMs <= MAX_ASKED_MS;
}

/** A 400 that may pass was tried again for that; one that stays says that what is asked is wrong, as of any other device. */
export function settled(failure: Failure): Failure {
  return speaksOfDevice(failure) ? { ...failure, kind: "config_error" } : failure;
}

/** A 400 says nothing of whether the provider is there, even where it is tried again. */
export function speaksOfDevice({ kind, status }: Failure): boolean {
  return kind === "request_failed" && status === 400;
}

/** Milliseconds before the next try; `tried` counts from 1. */
export function pauseMs(tried: number, { retryAfterMs = 0 }: Failure, random: () => number): number {
  return retryAfterMs + backoffMs(tried, { baseMs: 1000, capMs: 30_000, random });
}

export interface LogInOptions {
  readonly exchange: Exchange;
  readonly login: Login<unknown>;
  readonly sleep: Sleep;
  readonly random: () => number;
  readonly closing: AbortSignal;
}

/** A login with its own tries, so that those who wait for it do not each begin anew. A page where the token should be may be a gateway's, and is tried again too. Never rejects. */
export async function logIn({ exchange, login, sleep, random, closing }: LogInOptions): Promise<LoggedIn> {
  try {
    for (let tried = 1; ; tried++) {
      const outcome = await exchange.logIn(login, closing);
      if (outcome.ok || tried >= TRIES || !(mayMend(outcome.failure) || outcome.failure.kind === "bad_payload")) return outcome;
      await sleep(pauseMs(tried, outcome.failure, random), closing);
    }
  } catch {
    return { ok: false, failure: { kind: "request_failed", detail: "the account was closed" } };
  }
}
