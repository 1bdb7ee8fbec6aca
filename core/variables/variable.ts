import { cutDecimal, roundDecimal } from "../decimal/decimal-product.ts";
import type { UnitCode } from "./units.ts";

/** How a variable behaves over time, which decides how it is averaged and what its rollup counts. */
export type VariableKind = "rate" | "total" | "level" | "state";

export interface VariableRow {
  readonly id: string;
  readonly kind: VariableKind;
  /** Facts are stored in this unit. */
  readonly unit: UnitCode;
  readonly name: { readonly en: string; readonly es: string };
  /** Names and name parts that sources use for it, lower case, letters and digits only between underscores. */
  readonly aliases: readonly string[];
  /** Defaults of the range test, in the variable's unit; a point may set its own. */
  readonly range: { readonly min?: number; readonly max?: number };
  /** Digits after the point that pages and exports show. Stored values keep all that they have. */
  readonly decimals: number;
  /** Usual seconds between samples, where a point says nothing of its own. */
  readonly periodS: number;
  /** What the regulator calls it, and the digits after the point that it takes; absent: it is not reported. */
  readonly regulator?: { readonly name: "caudal" | "totalizador" | "nivelFreaticoDelPozo"; readonly decimals: number; /** What is behind them is cut off, not rounded. */ readonly cut?: true };
}

const HOUR_S = 3600;
const FLOW_REPORT = { name: "caudal", decimals: 2 } as const;
/** A total that is cut never overstates what was taken, and never goes back. */
const TOTAL_REPORT = { name: "totalizador", decimals: 0, cut: true } as const;
const DEPTH_REPORT = { name: "nivelFreaticoDelPozo", decimals: 2 } as const;

/** The variables that Caudal knows. A key that fits none becomes a variable of its own name, with its unit as the source wrote it. */
export const variables: readonly VariableRow[] = [
  { id: "flow", kind: "rate", unit: "L/s", name: { en: "Flow", es: "Caudal" }, range: { min: 0 }, decimals: 2, periodS: HOUR_S, regulator: FLOW_REPORT,
    aliases: ["flow", "caudal", "flujo", "discharge", "flow_rate", "flow_sensor", "flujo_insta", "caudal_instantaneo", "gasto", "q"] },
  { id: "total", kind: "total", unit: "m3", name: { en: "Total", es: "Totalizador" }, range: { min: 0 }, decimals: 3, periodS: HOUR_S, regulator: TOTAL_REPORT,
    aliases: ["total", "totalizador", "totalizado", "totalizer", "acumulado", "meter_reading", "volume", "volumen", "consumo_total"] },
  { id: "pulses", kind: "total", unit: "pulse", name: { en: "Pulses", es: "Pulsos" }, range: { min: 0 }, decimals: 0, periodS: HOUR_S,
    aliases: ["pulses", "pulse", "pulsos", "pulse_count", "counter", "contador"] },
  { id: "level", kind: "level", unit: "m", name: { en: "Level", es: "Nivel" }, range: {}, decimals: 2, periodS: HOUR_S,
    aliases: ["level", "nivel", "water_level", "stage", "gage_height", "nivel_freat", "head", "altura"] },
  { id: "depth", kind: "level", unit: "m", name: { en: "Depth to water", es: "Profundidad del agua" }, range: {}, decimals: 2, periodS: HOUR_S, regulator: DEPTH_REPORT,
    aliases: ["depth", "water_table", "nivel_freatico", "depth_to_water", "profundidad"] },
  { id: "temperature", kind: "level", unit: "Cel", name: { en: "Temperature", es: "Temperatura" }, range: { min: -50, max: 150 }, decimals: 1, periodS: HOUR_S,
    aliases: ["temperature", "temp", "temperatura", "temperature_celsius", "water_temperature"] },
  { id: "pressure", kind: "level", unit: "kPa", name: { en: "Pressure", es: "Presión" }, range: {}, decimals: 2, periodS: HOUR_S,
    aliases: ["pressure", "presion", "pressure_psi"] },
  { id: "conductivity", kind: "level", unit: "uS/cm", name: { en: "Conductivity", es: "Conductividad" }, range: { min: 0 }, decimals: 0, periodS: HOUR_S,
    aliases: ["conductivity", "cond", "conductividad", "specific_conductance", "ec"] },
  { id: "ph", kind: "level", unit: "pH", name: { en: "pH", es: "pH" }, range: { min: 0, max: 14 }, decimals: 2, periodS: HOUR_S, aliases: ["ph"] },
  { id: "dissolved_oxygen", kind: "level", unit: "mg/L", name: { en: "Dissolved oxygen", es: "Oxígeno disuelto" }, range: { min: 0, max: 50 }, decimals: 2, periodS: HOUR_S,
    aliases: ["dissolved_oxygen", "do", "odo", "oxigeno_disuelto"] },
  { id: "turbidity", kind: "level", unit: "NTU", name: { en: "Turbidity", es: "Turbiedad" }, range: { min: 0 }, decimals: 1, periodS: HOUR_S,
    aliases: ["turbidity", "turb", "turbiedad"] },
  { id: "co2", kind: "level", unit: "vol", name: { en: "Dissolved CO₂", es: "CO₂ disuelto" }, range: { min: 0 }, decimals: 2, periodS: HOUR_S, aliases: ["co2", "co2_vol"] },
  { id: "battery", kind: "state", unit: "V", name: { en: "Battery", es: "Batería" }, range: { min: 0 }, decimals: 2, periodS: HOUR_S, aliases: ["battery", "battery_v", "bateria"] },
  { id: "battery_level", kind: "state", unit: "%", name: { en: "Battery level", es: "Nivel de batería" }, range: { min: 0, max: 100 }, decimals: 0, periodS: HOUR_S,
    aliases: ["battery_level", "battery_pct"] },
  { id: "barometric_pressure", kind: "level", unit: "kPa", name: { en: "Barometric pressure", es: "Presión barométrica" }, range: { min: 40, max: 115 }, decimals: 2, periodS: HOUR_S,
    aliases: ["barometric_pressure", "presion_barometrica", "barometer", "barometro"] },
  { id: "loop_current", kind: "level", unit: "mA", name: { en: "Loop current", es: "Corriente de lazo" }, range: { min: 3.6, max: 21 }, decimals: 3, periodS: HOUR_S,
    aliases: ["loop_current", "corriente_lazo"] },
  // Computed here; no source's key is guessed to be one of these.
  { id: "volume", kind: "total", unit: "m3", name: { en: "Volume since telemetry began", es: "Volumen desde el inicio de la telemetría" }, range: {}, decimals: 3, periodS: HOUR_S, regulator: TOTAL_REPORT, aliases: [] },
  { id: "flow_average", kind: "rate", unit: "L/s", name: { en: "Flow from totals", es: "Caudal promedio" }, range: { min: 0 }, decimals: 2, periodS: HOUR_S, regulator: FLOW_REPORT, aliases: [] },
  { id: "water_column", kind: "level", unit: "m", name: { en: "Water over the probe", es: "Columna de agua" }, range: { min: 0 }, decimals: 2, periodS: HOUR_S, aliases: [] },
];

const byId = new Map(variables.map((row) => [row.id, row]));

export function variableRow(id: string): VariableRow | undefined {
  return byId.get(id);
}

/** The value as the regulator takes it, rounded or cut once and here; undefined for what is not reported. */
export function regulatorValue(variable: string, value: number): number | undefined {
  const report = byId.get(variable)?.regulator;
  if (report === undefined) return undefined;
  return report.cut === true ? cutDecimal(value, report.decimals) : roundDecimal(value, report.decimals);
}

/** The same as text, with all of its digits after the point: "15.30", "1010". Undefined for what is not reported. */
export function regulatorText(variable: string, value: number): string | undefined {
  return regulatorValue(variable, value)?.toFixed(byId.get(variable)?.regulator?.decimals);
}
