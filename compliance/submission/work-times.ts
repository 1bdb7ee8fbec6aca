import type { Clock } from "@caudal/runtime";
import type { LastAttempt } from "../ledger/ledger.ts";

interface Met {
  readonly atUs: number;
  readonly sinceMs: number;
  /** True when it was begun here, so that it is as old as it has been known. */
  readonly isOwn: boolean;
}

/** How long ago a work's newest attempt was, also when somebody set the machine's clock meanwhile: what it says is held against a clock that only goes on. */
export class WorkTimes {
  readonly #clock: Clock;
  readonly #met = new Map<string, Met>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** This process began an attempt just now. */
  began(work: string, atUs: number): void {
    this.#met.set(work, { atUs, sinceMs: this.#clock.monotonicMs(), isOwn: true });
  }

  /** Milliseconds since the attempt began: by the wall clock, but no less than it has been known here. */
  ageMs(work: string, { atUs }: Pick<LastAttempt, "atUs">): number {
    return Math.max((this.#clock.nowUs() - atUs) / 1000, this.#clock.monotonicMs() - this.#metAs(work, atUs).sinceMs);
  }

  /** When the newest attempt began, for pacing. One that lies in the future began when it was met; one of our own no earlier than the steady clock says, another's no earlier than its outcome tells of its socket. */
  lastSendUs(work: string, last: LastAttempt | undefined): number | undefined {
    if (last === undefined) return undefined;
    const nowUs = this.#clock.nowUs();
    const { sinceMs, isOwn } = this.#metAs(work, last.atUs);
    const metUs = nowUs - Math.round((this.#clock.monotonicMs() - sinceMs) * 1000);
    if (last.atUs > nowUs) return metUs;
    return Math.max(last.atUs, isOwn ? metUs : Math.min(last.sentByUs, nowUs));
  }

  #metAs(work: string, atUs: number): Met {
    const known = this.#met.get(work);
    if (known?.atUs === atUs) return known;
    const met = { atUs, sinceMs: this.#clock.monotonicMs(), isOwn: false };
    this.#met.set(work, met);
    return met;
  }
}
