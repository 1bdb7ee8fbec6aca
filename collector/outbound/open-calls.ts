import { systemSleep, type Clock, type Logger, type Metrics, type Sleep } from "@caudal/runtime";
import type { Account } from "../providers/account.ts";
import type { ProviderRequest } from "../providers/provider.ts";
import { Breaker } from "./breaker.ts";
import { Budget } from "./budget.ts";
import type { Answered, Calls } from "./calls.ts";
import { Exchange } from "./exchange.ts";
import { redactorOf, type Redactor } from "./redact.ts";
import { Session, type Token } from "./session.ts";
import { providerSignals } from "./signals.ts";
import { Slots } from "./slots.ts";
import type { Transport } from "./transport.ts";
import { logIn, mayMend, pauseMs, settled, speaksOfDevice, TRIES } from "./tries.ts";
import { tell, type Tried } from "./verdict.ts";

export interface OpenCallsOptions {
  readonly account: Account;
  /** Shared by all accounts; whoever opened it closes it. */
  readonly transport: Transport;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** 0 <= random < 1. */
  readonly random?: () => number;
  readonly sleep?: Sleep;
  /** Calls that may wait at once; 10,000 when absent. One more fails. */
  readonly maxWaiting?: number;
}

/** Calls, and what takes the account's secrets (its tokens too) out of what answers say. */
export interface AccountCalls extends Calls {
  readonly redactor: Redactor;
}

const failed = (detail: string): Answered => ({ ok: false, failure: { kind: "request_failed", detail } });

/** See `Calls`. A `rate_limited` call holds all others of the account back until the provider's time, 15 minutes at most; it is not tried again itself. */
export function openCalls(options: OpenCallsOptions): AccountCalls {
  const { account, clock, random = Math.random, sleep = systemSleep, maxWaiting = 10_000 } = options;
  const { login } = account.provider;
  const closing = new AbortController();
  const redactor = redactorOf(account);
  const signals = providerSignals(options);
  const budget = new Budget({ windows: account.budget, clock, sleep, closing: closing.signal, maxWaiting });
  const slots = new Slots(account.concurrency, maxWaiting);
  const breaker = new Breaker({ clock, random, devices: Math.max(1, account.devices.length), opened: signals.down, closed: signals.up });
  const exchange = new Exchange({ account, transport: options.transport, clock, budget, redactor, onHold: signals.held, count: signals.count });
  const session = login === undefined ? undefined : new Session(clock, () => logIn({ exchange, login, sleep, random, closing: closing.signal }));
  const underWay = new Set<Promise<unknown>>();

  /** One try, with the token that holds at the moment it goes out; a token that is refused is changed once. */
  async function once(request: ProviderRequest, signal: AbortSignal, probe: boolean): Promise<Tried> {
    let renewed = false;
    for (let round = 1; ; round++) {
      let token: Token | undefined;
      if (session !== undefined) {
        const got = await session.token(signal);
        if (!got.ok) return { answered: got, ofLogin: true };
        token = got.token;
      }
      const permit = await budget.take(signal);
      if (permit === undefined) return { answered: failed("too many calls wait"), unsent: true };
      try {
        // While it waited its caller may have left, the provider have gone down, or the token have come to its end.
        signal.throwIfAborted();
        const outage = probe ? undefined : breaker.outage();
        if (outage !== undefined) return heldBack(outage.failure);
        if (token !== undefined && round <= TRIES && session?.holds(token) === false) continue;
        const answered = await exchange.send(token === undefined ? request : login!.apply(request, token.text), permit, signal);
        if (answered.ok || answered.failure.kind !== "auth_failed" || token === undefined || renewed) return { answered };
        session!.drop(token);
        renewed = true;
      } finally {
        permit.giveBack();
      }
    }
  }

  function heldBack(failure: Extract<Answered, { ok: false }>["failure"]): Tried {
    signals.count("held_back");
    return { answered: { ok: false, failure }, unsent: true };
  }

  /** One try in a slot of its own, and whether it was the last. */
  async function tryOnce(request: ProviderRequest, signal: AbortSignal, tried: number): Promise<readonly [Answered, last: boolean]> {
    const release = await slots.take(signal);
    if (release === undefined) return [failed("too many calls wait"), true];
    try {
      const admitted = breaker.admit();
      if (typeof admitted !== "string") return [heldBack(admitted).answered, true];
      const probe = admitted === "probe";
      try {
        const outcome = await once(request, signal, probe);
        const { answered, ofLogin = false, unsent = false } = outcome;
        if (!answered.ok && !unsent && !ofLogin && !probe && tried < TRIES && mayMend(answered.failure)) {
          if (!speaksOfDevice(answered.failure)) breaker.tried(answered.failure);
          return [answered, false];
        }
        const last = answered.ok || ofLogin ? answered : { ...answered, failure: settled(answered.failure) };
        tell(breaker, { ...outcome, answered: last }, probe);
        return [last, true];
      } catch (error) {
        if (probe) breaker.untold();
        throw error;
      }
    } finally {
      release();
    }
  }

  async function tries(request: ProviderRequest, signal: AbortSignal): Promise<Answered> {
    for (let tried = 1; ; tried++) {
      const [answered, last] = await tryOnce(request, signal, tried);
      if (last || answered.ok) return answered;
      await sleep(pauseMs(tried, answered.failure, random), signal);
    }
  }

  async function call(request: ProviderRequest, signal: AbortSignal): Promise<Answered> {
    signal.throwIfAborted();
    const ending = new AbortController();
    const end = (): void => ending.abort();
    signal.addEventListener("abort", end, { once: true });
    closing.signal.addEventListener("abort", end, { once: true });
    try {
      return closing.signal.aborted ? failed("the account was closed") : await tries(request, ending.signal);
    } catch (error) {
      signal.throwIfAborted();
      if (closing.signal.aborted) return failed("the account was closed");
      return { ok: false, failure: { kind: "config_error", detail: `the provider's code failed: ${redactor.text(error instanceof Error ? error.message : String(error))}` } };
    } finally {
      signal.removeEventListener("abort", end);
      closing.signal.removeEventListener("abort", end);
    }
  }

  return {
    redactor,
    call: (request, signal) => {
      const calling = call(request, signal);
      const gone = (): void => void underWay.delete(calling);
      underWay.add(calling);
      calling.then(gone, gone);
      return calling;
    },
    budget: () => budget.use(),
    outage: () => {
      const down = breaker.outage();
      const heldMs = budget.heldMs();
      if (down !== undefined || heldMs === 0 || exchange.heldBy === undefined) return down;
      return { ...exchange.heldBy, retryAtUs: clock.nowUs() + Math.round(heldMs * 1000) };
    },
    close: async () => {
      closing.abort();
      await Promise.allSettled(underWay);
      signals.gone();
    },
  };
}
