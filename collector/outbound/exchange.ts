import type { Clock } from "@caudal/runtime";
import type { Account } from "../providers/account.ts";
import type { Failure, Login, ProviderRequest } from "../providers/provider.ts";
import type { Budget, Permit } from "./budget.ts";
import type { Answered } from "./calls.ts";
import { classify, MAX_HOLD_MS } from "./classify.ts";
import { outgoingOf } from "./outgoing.ts";
import type { Redactor } from "./redact.ts";
import type { LoggedIn } from "./session.ts";
import type { Transport } from "./transport.ts";

const FIRST_HOLD_MS = 1000;
const MAX_UNASKED_HOLD_MS = 60_000;
/** Of a failed answer's body: what is parked of it. */
const MAX_FAILED_BODY_BYTES = 64 * 1024;

export interface ExchangeOptions {
  readonly account: Account;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly budget: Budget;
  readonly redactor: Redactor;
  readonly onHold: (failure: Failure, ms: number) => void;
  /** Once a request that was sent, with what came of it and its seconds. */
  readonly count: (outcome: string, seconds: number) => void;
}

/** One request and its answer: sent with a permit, told by its status, and nothing secret left in what is said about it. */
export class Exchange {
  readonly #options: ExchangeOptions;
  /** Rate limits in a row of which none said for how long. */
  #unasked = 0;
  #heldBy: { readonly failure: Failure; readonly sinceUs: number } | undefined;

  constructor(options: ExchangeOptions) {
    this.#options = options;
  }

  /** What the last hold was for. */
  get heldBy(): { readonly failure: Failure; readonly sinceUs: number } | undefined {
    return this.#heldBy;
  }

  /** Uses the permit up. Rejects only with the signal's reason, and where the provider's own code throws. */
  async send(request: ProviderRequest, permit: Permit, signal: AbortSignal, ofLogin = false): Promise<Answered> {
    const { account, transport, clock, redactor, count } = this.#options;
    try {
      const made = outgoingOf(request, account, { ofLogin, redactor });
      if (!made.ok) return made;
      const sentAtMs = clock.monotonicMs();
      const sent = await transport.send(made.outgoing, signal).finally(() => permit.ended());
      const failure = sent.ok
        ? classify(sent.answer, { provider: account.provider, shown: made.shown, quote: (body) => redactor.quote(body), text: (said) => redactor.text(said), nowUs: clock.nowUs() })
        : { ...sent.failure, detail: `${made.shown}: ${redactor.text(sent.failure.detail)}` };
      count(failure?.kind ?? "ok", (clock.monotonicMs() - sentAtMs) / 1000);
      if (failure === undefined) {
        this.#unasked = 0;
        return sent;
      }
      this.#holdFor(failure);
      return { ok: false, failure, ...(sent.ok ? { body: redactor.bytes(sent.answer.body.subarray(0, MAX_FAILED_BODY_BYTES)) } : {}) };
    } finally {
      // Where nothing was sent; else it has ended already.
      permit.giveBack();
    }
  }

  /** One login, ahead of all that wait. Rejects only with the signal's reason. */
  async logIn(login: Login<unknown>, signal: AbortSignal): Promise<LoggedIn> {
    const { account, budget, clock, redactor } = this.#options;
    const permit = await budget.takeAhead(signal);
    const sentAtUs = clock.nowUs();
    const sentAtMs = clock.monotonicMs();
    try {
      const answered = await this.send(login.request(account.settings, account.secrets), permit, signal, true);
      if (!answered.ok) return { ok: false, failure: ofLogin(answered.failure) };
      const given = login.token(answered.answer, sentAtUs);
      if ("kind" in given) return { ok: false, failure: { ...given, detail: `the login: ${redactor.text(given.detail)}` } };
      redactor.learn(given.token);
      return { ok: true, token: given.token, lifeMs: given.expiresAtUs === undefined ? undefined : (given.expiresAtUs - sentAtUs) / 1000, sentAtMs };
    } catch (error) {
      signal.throwIfAborted();
      return { ok: false, failure: { kind: "config_error", detail: `the login's code failed: ${redactor.text(error instanceof Error ? error.message : String(error))}` } };
    } finally {
      permit.giveBack();
    }
  }

  /** The whole credential waits, not only the call that was told. */
  #holdFor(failure: Failure): void {
    const limited = failure.kind === "rate_limited";
    if (!limited && failure.retryAfterMs === undefined) return;
    if (failure.retryAfterMs === undefined) this.#unasked++;
    const unaskedMs = Math.min(MAX_UNASKED_HOLD_MS, FIRST_HOLD_MS * 2 ** Math.min(20, this.#unasked - 1));
    const ms = failure.retryAfterMs === undefined ? unaskedMs : Math.min(MAX_HOLD_MS, Math.max(FIRST_HOLD_MS, failure.retryAfterMs));
    if (this.#options.budget.heldMs() === 0) {
      this.#heldBy = { failure, sinceUs: this.#options.clock.nowUs() };
      this.#options.onHold(failure, ms);
    }
    this.#options.budget.hold(ms);
  }
}

/** RFC 6749 refuses a client with 400. */
function ofLogin(failure: Failure): Failure {
  return failure.kind === "config_error" && failure.status === 400 ? { ...failure, kind: "auth_failed" } : failure;
}
