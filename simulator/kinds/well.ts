import type { Random } from "../fleet/random.ts";
import type { Kind, Place, PlaceOptions } from "./kind.ts";

const MINUTE_US = 60_000_000;
/** How fast the water falls under the pump and comes back. */
const DRAWDOWN_US = 40 * MINUTE_US;

/** A pump with a totaliser, its flow, and the depth of the water under the ground. */
export const well: Kind = {
  name: "well",
  meter: { key: "total_m3", variable: "total", unit: "m3", decimals: 3 },
  sensors: [
    { key: "flow_lps", variable: "flow", unit: "L/s", decimals: 2 },
    { key: "depth_m", variable: "depth", unit: "m", decimals: 3 },
  ],
  place: (options) => new Well(options),
};

class Well implements Place {
  readonly #random: Random;
  readonly #tell: PlaceOptions["tell"];
  readonly #staticMm: number;
  readonly #mmPerLps: number;
  #sinceUs: number;
  #untilUs: number;
  /** Hundredths of a litre a second; 0 while the pump rests. */
  #flow = 0;
  #cycleMl = 0;
  #drawdownMm = 0;

  constructor({ random, tell, startUs }: PlaceOptions) {
    this.#random = random;
    this.#tell = tell;
    this.#staticMm = random.between(8_000, 60_000);
    this.#mmPerLps = random.between(100, 500);
    this.#sinceUs = startUs;
    this.#untilUs = startUs + random.between(1, 120) * MINUTE_US;
  }

  advance(fromUs: number, toUs: number): number {
    let ml = 0;
    for (let atUs = fromUs; atUs < toUs;) {
      const endUs = Math.min(toUs, this.#untilUs);
      // A hundredth of a litre a second is 10 mL/s.
      const passed = Math.round((this.#flow * (endUs - atUs)) / 100_000);
      ml += passed;
      this.#cycleMl += passed;
      const aimMm = (this.#flow / 100) * this.#mmPerLps;
      this.#drawdownMm = aimMm + (this.#drawdownMm - aimMm) * Math.exp(-(endUs - atUs) / DRAWDOWN_US);
      atUs = endUs;
      if (atUs === this.#untilUs) this.#turn();
    }
    return ml;
  }

  look(): readonly number[] {
    return [this.#flow, this.#staticMm + Math.round(this.#drawdownMm)];
  }

  #turn(): void {
    const atUs = this.#untilUs;
    if (this.#flow > 0) this.#tell({ what: "pump-cycle", fromUs: this.#sinceUs, toUs: atUs, flowLps: this.#flow / 100, litres: Math.round(this.#cycleMl) / 1000 });
    const starts = this.#flow === 0;
    this.#flow = starts ? this.#random.between(300, 4000) : 0;
    this.#cycleMl = 0;
    this.#sinceUs = atUs;
    this.#untilUs = atUs + (starts ? this.#random.between(30, 180) : this.#random.between(20, 240)) * MINUTE_US;
  }
}
