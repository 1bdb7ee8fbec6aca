import { addDecimals, multiplyDecimals, subtractDecimals, type PointSettings } from "@caudal/core";

/** kPa of a metre of water at standard gravity. */
const KPA_PER_M = 9.80665;
const LEAST_MA = 4;
const SPAN_MA = 16;
const DIGITS = 12;
const US_PER_S = 1_000_000;
/** Air pressure changes by less than a centimetre of water in most hours. */
const BAROMETER_WINDOW_S = 7200;

/** How the samples of one variable become levels. */
export interface LevelTerms {
  readonly source: "level" | "depth" | "pressure" | "loop_current";
  readonly sensorDepthM: number | undefined;
  /** Oldest barometric pressure that counts; undefined when none is taken off. */
  readonly barometerWindowUs: number | undefined;
  /** Water over the probe or depth to water, m, of the probe's number; `barometerKpa` is 0 where none is taken off. */
  readonly reads: "column" | "depth";
  metresOf(raw: number, barometerKpa: number): number;
  /** The probe's number for a length that it reads; undefined where it depends on the air. */
  rawOf?(metres: number): number;
}

/** Levels of a sample; null where there is none. */
export interface Levels {
  readonly columnM: number | null;
  readonly depthM: number | null;
  /** The water stands where it cannot: above the surface that the depth was measured from, or below the probe. */
  readonly impossible: boolean;
}

const sources = { "water-column": "level", "depth-to-water": "depth", pressure: "pressure", current: "loop_current", "distance-from-top": "level" } as const;

const rounded = (value: number): number => Number(value.toPrecision(DIGITS));

/** The terms that a point's settings give; undefined while nobody said what the probe measures. */
export function levelTerms({ levelKind, levelOffset = 0, levelDivisor = 1, currentRangeM, sensorDepthM, barometer, barometerWindowS = BAROMETER_WINDOW_S }: PointSettings): LevelTerms | undefined {
  if (levelKind === undefined || (levelKind === "current" && currentRangeM === undefined)) return undefined;
  const scaled = (raw: number): number => (levelDivisor === 1 ? addDecimals(raw, levelOffset) : rounded(addDecimals(raw, levelOffset) / levelDivisor));
  const unscaled = (value: number): number => subtractDecimals(multiplyDecimals(value, levelDivisor), levelOffset);
  const reads = levelKind === "depth-to-water" || levelKind === "distance-from-top" ? "depth" : "column";
  const common = { source: sources[levelKind], sensorDepthM, barometerWindowUs: levelKind === "pressure" && barometer === "point" ? barometerWindowS * US_PER_S : undefined, reads } as const;
  if (levelKind === "pressure") {
    const metresOf = (raw: number, barometerKpa: number): number => rounded(subtractDecimals(scaled(raw), barometerKpa) / KPA_PER_M);
    return common.barometerWindowUs === undefined ? { ...common, metresOf, rawOf: (metres) => unscaled(metres * KPA_PER_M) } : { ...common, metresOf };
  }
  if (levelKind === "current") {
    const rangeM = currentRangeM ?? 0;
    return { ...common, metresOf: (raw) => rounded((subtractDecimals(scaled(raw), LEAST_MA) / SPAN_MA) * rangeM), rawOf: (metres) => unscaled(LEAST_MA + (metres / rangeM) * SPAN_MA) };
  }
  return { ...common, metresOf: scaled, rawOf: unscaled };
}

/** Depth to water = depth of the sensor − water over it, and the other way round. An impossible level gives neither; without the sensor's depth only what is read is known. */
export function levelsOf(terms: LevelTerms, raw: number, barometerKpa: number): Levels {
  const { sensorDepthM, reads } = terms;
  const metres = terms.metresOf(raw, barometerKpa);
  // A loop just below 4 mA is an empty probe, and 3.6 mA is where the fault begins: the range of the current says so.
  const least = terms.source === "loop_current" ? -Infinity : 0;
  if (metres < least || (sensorDepthM !== undefined && metres > sensorDepthM)) return { columnM: null, depthM: null, impossible: true };
  const other = sensorDepthM === undefined ? null : subtractDecimals(sensorDepthM, metres);
  return reads === "column" ? { columnM: metres, depthM: other, impossible: false } : { columnM: other, depthM: metres, impossible: false };
}
