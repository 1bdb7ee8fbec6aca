import { variableRow, type VariableConfig } from "@caudal/core";
import type { Limits } from "./rule.ts";

type Defaults = Partial<Pick<Limits, "maxRatePerS" | "minRateSpanS" | "flatLineS" | "zeroMayStay">>;

const HOUR_S = 3600;
const DAY_S = 24 * HOUR_S;

/**
 * Limits by variable where a point sets none, in stored units; wide enough that real rivers, wells and households are mostly good.
 * A total: 500 m3/h, over at least 0.1 h (providers.md 6.1, 6.2: max_diff_m3_per_hour). A level: 0.1 m/s, above any flood or pump start.
 * A frozen flow: the same one, not zero, for a day (6.2: "frozen sensor while flow > 0"). A frozen level: 30 days, since loggers that
 * write centimetres show still groundwater as the same number for weeks. All else has no default but its range.
 */
const defaults: Readonly<Record<string, Defaults>> = {
  total: { maxRatePerS: 500 / HOUR_S, minRateSpanS: 360 },
  level: { maxRatePerS: 0.1, flatLineS: 30 * DAY_S },
  depth: { maxRatePerS: 0.1, flatLineS: 30 * DAY_S },
  flow: { flatLineS: DAY_S, zeroMayStay: true },
};

/** Limits of a variable of a point: the point's own, else the variable's. A variable of its own name has none. */
export function limitsOf(variable: string, config: VariableConfig | undefined): Limits {
  const row = variableRow(variable);
  const preset = defaults[variable] ?? {};
  return {
    kind: row?.kind ?? "level",
    min: config?.min ?? row?.range.min,
    max: config?.max ?? row?.range.max,
    maxRatePerS: config?.maxRatePerS ?? preset.maxRatePerS,
    minRateSpanS: preset.minRateSpanS ?? 0,
    flatLineS: config?.flatLineS ?? preset.flatLineS,
    zeroMayStay: preset.zeroMayStay ?? false,
  };
}
