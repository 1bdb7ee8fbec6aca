import type { Random } from "../fleet/random.ts";
import type { Kind, Place, PlaceOptions } from "./kind.ts";

const MINUTE_US = 60_000_000;
const COLD_CENTI_C = 1500;
const BOILING_CENTI_C = 10_000;

/** A brewery's kettle: the water that fills it, its temperature and its pH. */
export const kettle: Kind = {
  name: "kettle",
  meter: { key: "total_m3", variable: "total", unit: "m3", decimals: 3 },
  sensors: [
    { key: "temperature_c", variable: "temperature", unit: "Cel", decimals: 2 },
    { key: "ph", variable: "ph", unit: "pH", decimals: 2 },
  ],
  place: (options) => new Kettle(options),
};

interface Phase {
  readonly minutes: readonly [number, number];
  readonly fromCentiC: number;
  readonly toCentiC: number;
  readonly fills?: true;
}

const phases: readonly Phase[] = [
  { minutes: [60, 300], fromCentiC: COLD_CENTI_C, toCentiC: COLD_CENTI_C },
  { minutes: [15, 30], fromCentiC: COLD_CENTI_C, toCentiC: COLD_CENTI_C, fills: true },
  { minutes: [40, 70], fromCentiC: COLD_CENTI_C, toCentiC: BOILING_CENTI_C },
  { minutes: [60, 90], fromCentiC: BOILING_CENTI_C, toCentiC: BOILING_CENTI_C },
  { minutes: [30, 60], fromCentiC: BOILING_CENTI_C, toCentiC: COLD_CENTI_C },
];

class Kettle implements Place {
  readonly #random: Random;
  readonly #batchMl: number;
  #phase: number;
  #fromUs: number;
  #untilUs: number;
  #atUs: number;
  #ph = 720;

  constructor({ random, startUs }: PlaceOptions) {
    this.#random = random;
    this.#batchMl = random.between(800, 3000) * 1000;
    this.#phase = random.between(0, phases.length - 1);
    this.#fromUs = startUs;
    this.#untilUs = startUs + this.#length();
    this.#atUs = startUs;
  }

  advance(fromUs: number, toUs: number): number {
    let ml = 0;
    for (let atUs = fromUs; atUs < toUs;) {
      const endUs = Math.min(toUs, this.#untilUs);
      if (this.#now().fills === true) ml += Math.round((this.#batchMl * (endUs - atUs)) / (this.#untilUs - this.#fromUs));
      atUs = endUs;
      if (atUs === this.#untilUs) this.#turn();
    }
    this.#atUs = toUs;
    return ml;
  }

  look(): readonly number[] {
    const { fromCentiC, toCentiC } = this.#now();
    const done = (this.#atUs - this.#fromUs) / (this.#untilUs - this.#fromUs);
    return [Math.round(fromCentiC + (toCentiC - fromCentiC) * done) + this.#random.between(-5, 5), this.#ph + this.#random.between(-2, 2)];
  }

  #now(): Phase {
    return phases[this.#phase]!;
  }

  #turn(): void {
    this.#phase = (this.#phase + 1) % phases.length;
    if (this.#phase === 0) this.#ph = 720;
    if (this.#now().toCentiC === BOILING_CENTI_C) this.#ph = this.#random.between(520, 580);
    this.#fromUs = this.#untilUs;
    this.#untilUs += this.#length();
  }

  #length(): number {
    const [min, max] = this.#now().minutes;
    return this.#random.between(min, max) * MINUTE_US;
  }
}
