import type { Clock, Sleep } from "@caudal/runtime";
import type { BudgetWindow } from "../providers/provider.ts";
import type { BudgetUse } from "./calls.ts";

/** A call that was let go out. Exactly one of these is called, once. */
export interface Permit {
  /** Its answer came, or none will. */
  ended(): void;
  /** It was never sent. */
  giveBack(): void;
}

export interface BudgetOptions {
  readonly windows: readonly BudgetWindow[];
  readonly clock: Clock;
  readonly sleep: Sleep;
  /** Ends its waiting for good: the account is closed. */
  readonly closing: AbortSignal;
  /** Those that may wait at once; 10,000 when absent. */
  readonly maxWaiting?: number;
}

interface Waiter {
  granted(permit: Permit): void;
}

/** One window: the calls under way count, and each call goes on counting for `spanMs` after it ended. Ends come in order of time, so they leave from the front. */
class Span {
  readonly window: BudgetWindow;
  readonly #spanMs: number;
  #endedAtMs: number[] = [];
  #front = 0;

  constructor(window: BudgetWindow) {
    this.window = window;
    this.#spanMs = window.perMs + marginMs(window.perMs);
  }

  ended(nowMs: number): void {
    this.#endedAtMs.push(nowMs);
  }

  used(underWay: number, nowMs: number): number {
    while (this.#front < this.#endedAtMs.length && this.#endedAtMs[this.#front]! + this.#spanMs <= nowMs) this.#front++;
    if (this.#front > 1024 && this.#front * 2 > this.#endedAtMs.length) {
      this.#endedAtMs = this.#endedAtMs.slice(this.#front);
      this.#front = 0;
    }
    return underWay + this.#endedAtMs.length - this.#front;
  }

  /** When the next call leaves it; undefined while all that it counts are under way. */
  freeAtMs(): number | undefined {
    const first = this.#endedAtMs[this.#front];
    return first === undefined ? undefined : first + this.#spanMs;
  }
}

/** For clocks that do not run alike, and for a call that we gave up on while it still was on its way: a hundredth, between 5 ms and a second. */
export function marginMs(perMs: number): number {
  return Math.min(1000, Math.max(5, perMs / 100));
}

/**
 * Lets calls out so that the provider never sees more than `calls` of them in any `perMs`, whatever moment its own windows begin at.
 *
 * It counts when calls arrive, and we know only that each arrives between being sent and being answered: one sent at the end of a window may be
 * seen in the next. So a call counts from the moment it is sent until a whole window, and a margin, after its answer. Those who wait go out in
 * the order they came, and one that a `hold` makes wait makes all behind it wait.
 */
export class Budget {
  readonly #options: BudgetOptions;
  readonly #spans: readonly Span[];
  readonly #waiting = new Set<Waiter>();
  #underWay = 0;
  #heldUntilMs = 0;
  #armed = false;

  constructor(options: BudgetOptions) {
    this.#options = options;
    this.#spans = options.windows.map((window) => new Span(window));
  }

  /** Resolves when a call may be sent, which must be then; undefined when too many wait already. Rejects with the signal's reason. */
  async take(signal: AbortSignal): Promise<Permit | undefined> {
    return this.#waiting.size >= (this.#options.maxWaiting ?? 10_000) ? undefined : this.#wait(signal, (waiter) => this.#waiting.add(waiter));
  }

  /** Before all who wait: what they themselves wait for. */
  takeAhead(signal: AbortSignal): Promise<Permit> {
    return this.#wait(signal, (waiter) => {
      const behind = [...this.#waiting];
      this.#waiting.clear();
      for (const each of [waiter, ...behind]) this.#waiting.add(each);
    });
  }

  #wait(signal: AbortSignal, enter: (waiter: Waiter) => void): Promise<Permit> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason as Error);
      const abort = (): void => {
        this.#waiting.delete(waiter);
        reject(signal.reason as Error);
      };
      const waiter: Waiter = {
        granted: (permit) => {
          signal.removeEventListener("abort", abort);
          resolve(permit);
        },
      };
      signal.addEventListener("abort", abort, { once: true });
      enter(waiter);
      this.#pump();
    });
  }

  /** Nobody goes out for `ms` from now; a longer hold that stands already goes on. */
  hold(ms: number): void {
    this.#heldUntilMs = Math.max(this.#heldUntilMs, this.#options.clock.monotonicMs() + ms);
  }

  /** Milliseconds that a hold still lasts. */
  heldMs(): number {
    return Math.max(0, this.#heldUntilMs - this.#options.clock.monotonicMs());
  }

  use(): readonly BudgetUse[] {
    const nowMs = this.#options.clock.monotonicMs();
    return this.#spans.map((span) => ({ ...span.window, used: span.used(this.#underWay, nowMs) }));
  }

  #pump(): void {
    const nowMs = this.#options.clock.monotonicMs();
    for (const waiter of this.#waiting) {
      if (this.#heldUntilMs > nowMs || this.#spans.some((span) => span.used(this.#underWay, nowMs) >= span.window.calls)) return this.#arm(nowMs);
      this.#waiting.delete(waiter);
      this.#underWay++;
      waiter.granted(this.#permit());
    }
  }

  #permit(): Permit {
    let open = true;
    const close = (sent: boolean): void => {
      if (!open) return;
      open = false;
      this.#underWay--;
      const nowMs = this.#options.clock.monotonicMs();
      if (sent) for (const span of this.#spans) span.ended(nowMs);
      this.#pump();
    };
    return { ended: () => close(true), giveBack: () => close(false) };
  }

  /** Comes back when the last of what stands in the way ends; where that waits for an answer, the answer comes back. One timer at most. */
  #arm(nowMs: number): void {
    if (this.#armed) return;
    const full = this.#spans.filter((span) => span.used(this.#underWay, nowMs) >= span.window.calls).map((span) => span.freeAtMs());
    if (full.includes(undefined)) return;
    const atMs = Math.max(this.#heldUntilMs, ...(full as number[]));
    this.#armed = true;
    const wake = (): void => {
      this.#armed = false;
      this.#pump();
    };
    this.#options.sleep(Math.max(1, Math.ceil(atMs - nowMs)), this.#options.closing).then(wake, () => undefined);
  }
}
