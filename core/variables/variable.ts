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
}

/** The variables that Caudal knows. A key that fits none becomes a variable of its own name, with its unit as the source wrote it. */
export const variables: readonly VariableRow[] = [
  { id: "flow", kind: "rate", unit: "L/s", name: { en: "Flow", es: "Caudal" }, range: { min: 0 },
    aliases: ["flow", "caudal", "flujo", "discharge", "flow_rate", "flow_sensor", "flujo_insta", "caudal_instantaneo", "gasto", "q"] },
  { id: "total", kind: "total", unit: "m3", name: { en: "Total", es: "Totalizador" }, range: { min: 0 },
    aliases: ["total", "totalizador", "totalizado", "totalizer", "acumulado", "meter_reading", "volume", "volumen", "consumo_total"] },
  { id: "pulses", kind: "total", unit: "pulse", name: { en: "Pulses", es: "Pulsos" }, range: { min: 0 },
    aliases: ["pulses", "pulse", "pulsos", "pulse_count", "counter", "contador"] },
  { id: "level", kind: "level", unit: "m", name: { en: "Level", es: "Nivel" }, range: {},
    aliases: ["level", "nivel", "water_level", "stage", "gage_height", "nivel_freat", "head", "altura"] },
  { id: "depth", kind: "level", unit: "m", name: { en: "Depth to water", es: "Profundidad del agua" }, range: {},
    aliases: ["depth", "water_table", "nivel_freatico", "depth_to_water", "profundidad"] },
  { id: "temperature", kind: "level", unit: "Cel", name: { en: "Temperature", es: "Temperatura" }, range: { min: -50, max: 150 },
    aliases: ["temperature", "temp", "temperatura", "temperature_celsius", "water_temperature"] },
  { id: "pressure", kind: "level", unit: "kPa", name: { en: "Pressure", es: "Presión" }, range: {},
    aliases: ["pressure", "presion", "pressure_psi"] },
  { id: "conductivity", kind: "level", unit: "uS/cm", name: { en: "Conductivity", es: "Conductividad" }, range: { min: 0 },
    aliases: ["conductivity", "cond", "conductividad", "specific_conductance", "ec"] },
  { id: "ph", kind: "level", unit: "pH", name: { en: "pH", es: "pH" }, range: { min: 0, max: 14 }, aliases: ["ph"] },
  { id: "dissolved_oxygen", kind: "level", unit: "mg/L", name: { en: "Dissolved oxygen", es: "Oxígeno disuelto" }, range: { min: 0, max: 50 },
    aliases: ["dissolved_oxygen", "do", "odo", "oxigeno_disuelto"] },
  { id: "turbidity", kind: "level", unit: "NTU", name: { en: "Turbidity", es: "Turbiedad" }, range: { min: 0 },
    aliases: ["turbidity", "turb", "turbiedad"] },
  { id: "co2", kind: "level", unit: "vol", name: { en: "Dissolved CO₂", es: "CO₂ disuelto" }, range: { min: 0 }, aliases: ["co2", "co2_vol"] },
  { id: "battery", kind: "state", unit: "V", name: { en: "Battery", es: "Batería" }, range: { min: 0 }, aliases: ["battery", "battery_v", "bateria"] },
  { id: "battery_level", kind: "state", unit: "%", name: { en: "Battery level", es: "Nivel de batería" }, range: { min: 0, max: 100 },
    aliases: ["battery_level", "battery_pct"] },
];

const byId = new Map(variables.map((row) => [row.id, row]));

export function variableRow(id: string): VariableRow | undefined {
  return byId.get(id);
}
