export interface SimulationCounters {
  /** Messages of the fleet that were handed to a sender. */
  readonly sent: number;
  readonly acknowledged: number;
  readonly refused: number;
  /** Sent, and not settled: under way, or to be sent again. */
  readonly unknown: number;
  /** Attempts that were not the first of their message. */
  readonly sentAgain: number;
  /** Settled a second, over the last ten. */
  readonly perSecond: number;
  /** The simulated clock: when the newest message was sent. */
  readonly simulatedUs: number;
}

const WINDOW_S = 10;

/** Counts a run. */
export class Counting {
  readonly #monotonicMs: () => number;
  readonly #startedS: number;
  readonly #bySecond = new Float64Array(WINDOW_S);
  #second: number;
  sent = 0;
  acknowledged = 0;
  refused = 0;
  attempts = 0;
  firstAttempts = 0;
  simulatedUs: number;

  constructor(monotonicMs: () => number, startUs: number) {
    this.#monotonicMs = monotonicMs;
    this.#startedS = monotonicMs() / 1000;
    this.#second = Math.floor(this.#startedS);
    this.simulatedUs = startUs;
  }

  settled(outcome: "acknowledged" | "refused"): void {
    this[outcome] += 1;
    this.#move();
    this.#bySecond[this.#second % WINDOW_S]! += 1;
  }

  read(): SimulationCounters {
    this.#move();
    const { sent, acknowledged, refused, simulatedUs } = this;
    const seconds = Math.min(WINDOW_S, Math.max(0.1, this.#monotonicMs() / 1000 - this.#startedS));
    const perSecond = this.#bySecond.reduce((sum, count) => sum + count, 0) / seconds;
    return { sent, acknowledged, refused, unknown: sent - acknowledged - refused, sentAgain: this.attempts - this.firstAttempts, perSecond, simulatedUs };
  }

  #move(): void {
    const now = Math.floor(this.#monotonicMs() / 1000);
    for (let second = Math.max(this.#second + 1, now - WINDOW_S + 1); second <= now; second++) this.#bySecond[second % WINDOW_S] = 0;
    this.#second = Math.max(this.#second, now);
  }
}
