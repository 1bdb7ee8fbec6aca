import { addDecimals, subtractDecimals } from "../decimal/decimal-sum.ts";
import { roundDecimal } from "../decimal/decimal-product.ts";

/** A volume as its readers want it, in whole m3: exact inside, rounded here. */
export interface DialReadings {
  /** What stands in the books: counted by all segments. */
  readonly storedM3: number;
  /** What the client reads on the dial. */
  readonly dialM3: number;
  /** What the present counter shows by itself. */
  readonly countedM3: number;
}

/** `volumeM3` as the totaliser gives it, `carriedM3` what segments before the present one brought, `dialStartM3` the meter's reading when telemetry began. */
export function dialReadings(volumeM3: number, carriedM3: number, dialStartM3: number): DialReadings {
  const storedM3 = roundDecimal(volumeM3, 0);
  return { storedM3, dialM3: addDecimals(storedM3, dialStartM3), countedM3: roundDecimal(subtractDecimals(volumeM3, carriedM3), 0) };
}
