import { addDecimals, multiplyDecimals, variableRow, type PointSettings, type VariableConfig } from "@caudal/core";
import { levelTerms } from "../derived/level.ts";
import type { Limits } from "./rule.ts";

type Defaults = Partial<Pick<Limits, "maxRatePerS" | "minRateSpanS" | "flatLineS" | "zeroMayStay">>;

const DAY_S = 86_400;

/**
 * Limits by variable where a point sets none, in stored units; wide enough that real rivers, wells and households are mostly good.
 * What counts is judged by the totaliser. A level: 0.1 m/s, above any flood or pump start.
 * A frozen flow: the same one, not zero, for a day (6.2: "frozen sensor while flow > 0"). A frozen level: 30 days, since loggers that
 * write centimetres show still groundwater as the same number for weeks. All else has no default but its range.
 */
const defaults: Readonly<Record<string, Defaults>> = {
  level: { maxRatePerS: 0.1, flatLineS: 30 * DAY_S },
  depth: { maxRatePerS: 0.1, flatLineS: 30 * DAY_S },
  flow: { flatLineS: DAY_S, zeroMayStay: true },
};

const flows = new Set(["flow", "flow_average"]);

/** Limits of a variable of a point from an instant on: the point's own, else the variable's. A variable of its own name has none. */
export function limitsOf(variable: string, config: VariableConfig | undefined, { fromUs, settings }: { readonly fromUs: number; readonly settings: PointSettings } = { fromUs: -Infinity, settings: {} }): Limits {
  const row = variableRow(variable);
  const preset = defaults[variable] ?? {};
  const { rightFlowLps, rightTolerance = 0 } = settings;
  return {
    kind: row?.kind ?? "level",
    min: config?.min ?? row?.range.min,
    max: config?.max ?? row?.range.max,
    maxRatePerS: config?.maxRatePerS ?? preset.maxRatePerS,
    minRateSpanS: preset.minRateSpanS ?? 0,
    flatLineS: config?.flatLineS ?? preset.flatLineS,
    zeroMayStay: preset.zeroMayStay ?? false,
    spike: config?.spike,
    ...possibleOf(variable, settings),
    right: rightFlowLps !== undefined && flows.has(variable) ? multiplyDecimals(rightFlowLps, addDecimals(1, rightTolerance)) : undefined,
    countM3: countM3Of(variable, settings),
    stuckM3: config?.stuckM3,
    fromUs,
  };
}

/** What holds at the instant. */
export function limitsAt(limits: readonly Limits[], timeUs: number): Limits {
  let index = limits.length - 1;
  while (index > 0 && limits[index]!.fromUs > timeUs) index--;
  return limits[index]!;
}

function countM3Of(variable: string, { pulseFactorL }: PointSettings): Limits["countM3"] {
  if (variable === "pulses") return pulseFactorL === undefined ? undefined : multiplyDecimals(pulseFactorL, 0.001);
  return variable === "total" ? "shown" : undefined;
}

/** Water stands between the sensor and the surface: in the probe's own numbers. A loop's lower bound is its range's. */
function possibleOf(variable: string, settings: PointSettings): Pick<Limits, "possibleMin" | "possibleMax"> {
  const terms = levelTerms(settings);
  if (terms?.source !== variable || terms.rawOf === undefined) return { possibleMin: undefined, possibleMax: undefined };
  const { sensorDepthM } = terms;
  return { possibleMin: terms.source === "loop_current" ? undefined : terms.rawOf(0), possibleMax: sensorDepthM === undefined ? undefined : terms.rawOf(sensorDepthM) };
}
