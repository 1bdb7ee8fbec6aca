import { limitsText, type Limit } from "./limit.ts";

/** What a request found when it knocked. */
export interface LimitUse {
  /** As `requests:seconds`. */
  readonly limit: string;
  /** Requests that count against it now, this one included. */
  readonly used: number;
  readonly exceeded: boolean;
  /** Milliseconds until one more is let in. */
  readonly retryAfterMs: number;
}

/** Counters kept; of the ones beyond, the least used are forgotten. */
const KEYS_KEPT = 10_000;

/**
 * Counts requests of each key (a credential, or a credential on a route) against limits. "fixed" windows begin at whole multiples of their
 * length, as TagoIO's minute does; a "bucket" holds as many as its limit and fills evenly, as ThingsBoard's does. A refused request counts
 * for nothing.
 */
export class Limiter {
  readonly #limits: readonly Limit[];
  readonly #kind: "fixed" | "bucket";
  readonly #counts = new Map<string, { level: number; sinceMs: number }[]>();

  constructor(limits: readonly Limit[], kind: "fixed" | "bucket") {
    this.#limits = limits;
    this.#kind = kind;
  }

  /** The tightest limit's use after this request; undefined when there is no limit. */
  take(key: string, nowMs: number): LimitUse | undefined {
    if (this.#limits.length === 0) return undefined;
    const counts = this.#counts.get(key) ?? this.#limits.map(() => ({ level: 0, sinceMs: nowMs }));
    this.#counts.delete(key);
    this.#counts.set(key, counts);
    if (this.#counts.size > KEYS_KEPT) this.#counts.delete(this.#counts.keys().next().value ?? key);
    const found = this.#limits.map((limit, at) => {
      const count = counts[at] ?? { level: 0, sinceMs: nowMs };
      this.#settle(count, limit, nowMs);
      const used = count.level + 1;
      const exceeded = used > limit.requests + 1e-9;
      return { count, use: { limit: limitsText([limit]), used: Math.ceil(used - 1e-9), exceeded, retryAfterMs: exceeded ? this.#waitMs(used, limit, nowMs) : 0 }, share: used / limit.requests };
    });
    const worst = found.reduce((a, b) => (b.share > a.share ? b : a));
    if (found.every(({ use }) => !use.exceeded)) for (const { count } of found) count.level += 1;
    return worst.use;
  }

  #settle(count: { level: number; sinceMs: number }, limit: Limit, nowMs: number): void {
    if (this.#kind === "fixed") {
      const windowMs = nowMs - (nowMs % limit.perMs);
      if (count.sinceMs < windowMs) Object.assign(count, { level: 0, sinceMs: windowMs });
      return;
    }
    const gone = ((nowMs - count.sinceMs) * limit.requests) / limit.perMs;
    if (gone > 0) Object.assign(count, { level: Math.max(0, count.level - gone), sinceMs: nowMs });
  }

  #waitMs(used: number, limit: Limit, nowMs: number): number {
    return Math.max(1, Math.ceil(this.#kind === "fixed" ? limit.perMs - (nowMs % limit.perMs) : ((used - limit.requests) * limit.perMs) / limit.requests));
  }

  /** Use of every key now, busiest first. */
  uses(nowMs: number): readonly { readonly key: string; readonly limit: string; readonly used: number }[] {
    const uses = [...this.#counts].flatMap(([key, counts]) =>
      this.#limits.map((limit, at) => {
        const count = { ...(counts[at] ?? { level: 0, sinceMs: nowMs }) };
        this.#settle(count, limit, nowMs);
        return { key, limit: limitsText([limit]), used: Math.ceil(count.level - 1e-9), share: count.level / limit.requests };
      }),
    );
    return uses.sort((a, b) => b.share - a.share).map(({ key, limit, used }) => ({ key, limit, used }));
  }
}
