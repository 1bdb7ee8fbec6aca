import type { Random } from "../fleet/random.ts";
import type { Kind, Place, PlaceOptions } from "./kind.ts";

/** The moon's tide: 12 h 25 min 14 s from high water to high water. */
const TIDE_US = 44_714_000_000;
const DAY_US = 86_400_000_000;

/** A tidal channel: level, flow by a rating curve, and temperature. */
export const channel: Kind = {
  name: "channel",
  meter: undefined,
  sensors: [
    { key: "level_m", variable: "level", unit: "m", decimals: 3 },
    { key: "flow_lps", variable: "flow", unit: "L/s", decimals: 1 },
    { key: "temperature_c", variable: "temperature", unit: "Cel", decimals: 2 },
  ],
  place: (options) => new Channel(options),
};

class Channel implements Place {
  readonly #random: Random;
  readonly #tell: PlaceOptions["tell"];
  readonly #meanMm: number;
  readonly #rangeMm: number;
  readonly #meanCentiC: number;
  #tideUs: number;
  #atUs: number;
  #rippleMm = 0;

  constructor({ random, tell, startUs }: PlaceOptions) {
    this.#random = random;
    this.#tell = tell;
    this.#meanMm = random.between(1500, 4000);
    this.#rangeMm = random.between(200, 1200);
    this.#meanCentiC = random.between(800, 1600);
    this.#tideUs = startUs - random.between(0, 44_713) * 1_000_000;
    this.#atUs = startUs;
  }

  advance(_fromUs: number, toUs: number): number {
    while (toUs >= this.#tideUs + TIDE_US) {
      const fromUs = this.#tideUs;
      this.#tideUs += TIDE_US;
      this.#tell({ what: "tide", fromUs, toUs: this.#tideUs, lowM: (this.#meanMm - this.#rangeMm) / 1000, highM: (this.#meanMm + this.#rangeMm) / 1000, highAtUs: fromUs + TIDE_US / 4 });
    }
    this.#atUs = toUs;
    this.#rippleMm = this.#random.between(-6, 6);
    return 0;
  }

  look(): readonly number[] {
    const turn = (2 * Math.PI * (this.#atUs - this.#tideUs)) / TIDE_US;
    const levelMm = Math.round(this.#meanMm + this.#rangeMm * Math.sin(turn)) + this.#rippleMm;
    const flow = Math.round(1.2 * levelMm ** 1.5 / 10);
    const day = (2 * Math.PI * (this.#atUs % DAY_US)) / DAY_US;
    return [levelMm, flow, Math.round(this.#meanCentiC - 150 * Math.cos(day - 1)) + (this.#rippleMm & 1)];
  }
}
