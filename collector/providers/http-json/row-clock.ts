import { civilToInstant, civilToInstants, type WrittenTime } from "@caudal/core";
import type { Window } from "../provider.ts";

export interface RowClockOptions {
  readonly zone: string;
  /** What was asked for; undefined for the newest. */
  readonly window: Window | undefined;
  /** Rows of the page before end here; undefined on the first page. */
  readonly afterUs: number | undefined;
  readonly nowUs: number;
}

/**
 * Instants of rows that were written without an offset, in one zone. In the night that shows an hour twice, the pass is the one that lies in
 * the window that was asked for; where both do, the order of the rows tells them apart: a series that steps back, or stands still, is in
 * the second pass. The newest row, which has no neighbours, takes the pass nearest before now. Rows are given oldest first.
 */
export class RowClock {
  readonly #options: RowClockOptions;
  readonly #lastUs = new Map<string, number>();

  constructor(options: RowClockOptions) {
    this.#options = options;
  }

  instantUs({ civilUs, offsetUs }: WrittenTime, series: string): number {
    const instantUs = offsetUs === null ? this.#fromCivil(civilUs, series) : civilUs - offsetUs;
    this.#lastUs.set(series, instantUs);
    return instantUs;
  }

  #fromCivil(civilUs: number, series: string): number {
    const { zone, window, afterUs, nowUs } = this.#options;
    const [first, second] = civilToInstants(civilUs, zone);
    if (first === undefined || second === undefined) return first ?? civilToInstant(civilUs, zone);
    const fromUs = Math.max(window?.fromUs ?? -Infinity, afterUs ?? -Infinity);
    const isAsked = (us: number): boolean => us >= fromUs && us < (window?.toUs ?? Infinity);
    if (isAsked(first) !== isAsked(second)) return isAsked(first) ? first : second;
    const last = this.#lastUs.get(series);
    if (last !== undefined) return first <= last ? second : first;
    return window === undefined && second <= nowUs ? second : first;
  }
}
