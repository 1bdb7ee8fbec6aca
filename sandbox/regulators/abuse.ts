const DAY_MS = 86_400_000;
/** The regulator's day is that of UTC-4. */
const BEHIND_UTC_MS = 4 * 3_600_000;

export interface AbuseLimits {
  /** So often may a centre send again, on one day, what it was told or could have been told that day already. */
  readonly resends: number;
  readonly blockMs: number;
}

/**
 * Sending again what is held, the same measurement twice on a UTC-4 day, counts against a control centre. Over the limit within 24 hours the centre is blocked for a while,
 * and with it all of its works.
 */
export class Abuse {
  readonly #limits: AbuseLimits;
  readonly #sentOn = new Map<string, number>();
  readonly #resends = new Map<string, number[]>();
  readonly #blocked = new Map<string, number>();

  constructor(limits: AbuseLimits) {
    this.#limits = limits;
  }

  /** Told of each POST of a measurement that is held once it is answered. */
  sent({ centre, measurement, nowMs }: { readonly centre: string; readonly measurement: string; readonly nowMs: number }): void {
    const day = Math.floor((nowMs - BEHIND_UTC_MS) / DAY_MS);
    const isResend = this.#sentOn.get(measurement) === day;
    this.#sentOn.set(measurement, day);
    if (!isResend) return;
    const recent = [...(this.#resends.get(centre) ?? []).filter((at) => at > nowMs - DAY_MS), nowMs];
    if (recent.length > this.#limits.resends) this.#blocked.set(centre, nowMs + this.#limits.blockMs);
    this.#resends.set(centre, recent.length > this.#limits.resends ? [] : recent);
  }

  /** Until when, milliseconds; undefined for a centre that is not blocked. */
  blockedUntil(centre: string, nowMs: number): number | undefined {
    const untilMs = this.#blocked.get(centre);
    return untilMs !== undefined && untilMs > nowMs ? untilMs : undefined;
  }

  blocked(nowMs: number): readonly { readonly centre: string; readonly untilMs: number }[] {
    return [...this.#blocked].filter(([, untilMs]) => untilMs > nowMs).map(([centre, untilMs]) => ({ centre, untilMs }));
  }

  /** As the ministry does on a ticket. */
  release(): void {
    this.#blocked.clear();
    this.#resends.clear();
  }
}
