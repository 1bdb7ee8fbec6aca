import type { Measurement } from "@caudal/schemas";
import { isLate, knownOf, measurementOf, type Known, type MeasuredPoint } from "./measured.ts";

const HOUR_US = 3_600_000_000;

export interface Arrival {
  readonly measurement: Measurement;
  readonly known: Known;
  readonly isLate: boolean;
}

/** Measurements of some points as they become known, an hour's after the other. */
export class Arrivals {
  readonly #seed: string;
  readonly #points: readonly MeasuredPoint[];
  readonly #lateAlone: boolean;
  readonly #waiting = new Map<number, Arrival[]>();
  #hour: number;

  /** `lateAlone`: only those that come later than measurements do. */
  constructor({ seed, points, fromUs, lateAlone }: { readonly seed: string; readonly points: readonly MeasuredPoint[]; readonly fromUs: number; readonly lateAlone: boolean }) {
    this.#seed = seed;
    this.#points = points;
    this.#lateAlone = lateAlone;
    this.#hour = Math.floor(fromUs / HOUR_US);
  }

  /** Those that are known by now and were not given before. */
  until(nowUs: number): readonly Arrival[] {
    for (; this.#hour * HOUR_US <= nowUs + HOUR_US; this.#hour++) this.#draw(this.#hour);
    const found: Arrival[] = [];
    for (const [hour, waiting] of this.#waiting) {
      if (hour * HOUR_US > nowUs) continue;
      const later = waiting.filter(({ known }) => known.knownUs > nowUs);
      found.push(...waiting.filter(({ known }) => known.knownUs <= nowUs));
      if (later.length === 0) this.#waiting.delete(hour);
      else this.#waiting.set(hour, later);
    }
    return found.sort((a, b) => a.known.knownUs - b.known.knownUs);
  }

  #draw(hour: number): void {
    for (const point of this.#points) {
      for (const known of knownOf(this.#seed, point.point, hour)) {
        if (this.#lateAlone && !isLate(known)) continue;
        const at = Math.floor(known.knownUs / HOUR_US);
        const arrival = { measurement: measurementOf(this.#seed, point, known), known, isLate: isLate(known) };
        const there = this.#waiting.get(at);
        if (there === undefined) this.#waiting.set(at, [arrival]);
        else there.push(arrival);
      }
    }
  }
}
