import type { Random } from "../fleet/random.ts";
import type { Kind, Place, PlaceOptions } from "./kind.ts";

/** Parts of a day's use by the hour, UTC-4; they add up to 100. */
const USE_BY_HOUR = [1, 1, 0, 0, 0, 1, 4, 9, 8, 6, 5, 5, 6, 6, 4, 3, 3, 4, 6, 8, 8, 6, 4, 2];
const HOUR_US = 3_600_000_000;
const SHIFT_HOURS = -4;

/** A pulse meter, a pulse a litre, and its battery. */
export const household: Kind = {
  name: "household",
  meter: { key: "pulses", variable: "pulses", unit: "pulse", decimals: 0 },
  sensors: [{ key: "battery_v", variable: "battery", unit: "V", decimals: 3 }],
  place: (options) => new Household(options),
};

class Household implements Place {
  readonly #random: Random;
  readonly #dailyMl: number;
  #batteryMv: number;

  constructor({ random }: PlaceOptions) {
    this.#random = random;
    this.#dailyMl = random.between(150, 1200) * 1000;
    this.#batteryMv = random.between(3450, 3650);
  }

  advance(fromUs: number, toUs: number): number {
    const hours = (toUs - fromUs) / HOUR_US;
    const part = USE_BY_HOUR[(Math.floor((fromUs + toUs) / 2 / HOUR_US) + SHIFT_HOURS + 24) % 24] ?? 0;
    // A tap is open or it is not: most of a night's quarters are dry.
    const tap = this.#random.share();
    this.#batteryMv += this.#random.between(-2, 2) + (this.#batteryMv < 3300 ? 1 : 0);
    return Math.round(this.#dailyMl * (part / 100) * hours * (tap < 0.3 ? 0 : (tap - 0.3) * 4.08));
  }

  look(): readonly number[] {
    return [this.#batteryMv];
  }
}
