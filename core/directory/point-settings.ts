import type { PointPeriod, PointSettings } from "./records.ts";
import { RefusedChange } from "./refused-change.ts";

export type SettingName = keyof PointSettings;
type SettingValue = number | string;

interface NumberRow {
  readonly name: SettingName;
  readonly unit: string;
  /** Least and most that it can be; `above` instead of `min` where the bound itself is none. */
  readonly min?: number;
  readonly above?: number;
  readonly max: number;
  readonly whole?: true;
  readonly says: { readonly en: string; readonly es: string };
}
interface ChoiceRow {
  readonly name: SettingName;
  readonly choices: readonly string[];
  readonly says: { readonly en: string; readonly es: string };
}
export type SettingRow = NumberRow | ChoiceRow;

export const counterSources = ["pulses", "total"] as const;
export const levelKinds = ["water-column", "depth-to-water", "pressure", "current", "distance-from-top"] as const;

const FAR_M = 12_000;

/** What can be said of a point besides its name and its limits: one row drives validation, pages, files and the events. */
export const pointSettingRows: readonly SettingRow[] = [
  { name: "counter", choices: counterSources, says: { en: "Variable that the volume is computed from; pulses when a pulse factor is given", es: "Variable de la que se calcula el volumen; pulsos si hay factor de pulso" } },
  { name: "pulseFactorL", unit: "L", above: 0, max: 1e6, says: { en: "Litres a pulse", es: "Litros por pulso" } },
  { name: "dialStartM3", unit: "m3", min: 0, max: 1e12, says: { en: "Meter reading when telemetry began", es: "Lectura del medidor al iniciar la telemetría" } },
  { name: "counterModulus", unit: "count", above: 0, max: 1e15, says: { en: "Counts after which the counter is at zero again", es: "Cuentas tras las que el contador vuelve a cero" } },
  { name: "counterJitter", unit: "count", min: 0, max: 1e9, says: { en: "Counts that the counter may wobble backwards", es: "Cuentas que el contador puede oscilar hacia atrás" } },
  { name: "reconnectionS", unit: "s", above: 0, max: 366 * 86_400, says: { en: "Silence after which growth of any size is taken", es: "Silencio tras el cual se acepta cualquier crecimiento" } },
  { name: "sensorDepthM", unit: "m", above: 0, max: FAR_M, says: { en: "Depth of the level sensor", es: "Profundidad del sensor de nivel" } },
  { name: "pumpDepthM", unit: "m", above: 0, max: FAR_M, says: { en: "Depth of the pump", es: "Profundidad de la bomba" } },
  { name: "wellDepthM", unit: "m", above: 0, max: FAR_M, says: { en: "Depth of the well", es: "Profundidad del pozo" } },
  { name: "pipeDiameterMm", unit: "mm", above: 0, max: 10_000, says: { en: "Diameter of the discharge pipe", es: "Diámetro de la tubería de descarga" } },
  { name: "meterDiameterMm", unit: "mm", above: 0, max: 10_000, says: { en: "Diameter of the flow meter", es: "Diámetro del caudalímetro" } },
  { name: "levelKind", choices: levelKinds, says: { en: "What the level probe measures", es: "Qué mide la sonda de nivel" } },
  { name: "levelOffset", unit: "", min: -1e9, max: 1e9, says: { en: "Added to the probe's number before it is divided", es: "Se suma al número de la sonda antes de dividir" } },
  { name: "levelDivisor", unit: "", above: 0, max: 1e9, says: { en: "The probe's number is divided by it", es: "El número de la sonda se divide por él" } },
  { name: "currentRangeM", unit: "m", above: 0, max: FAR_M, says: { en: "Metres at 20 mA; 4 mA is none", es: "Metros a 20 mA; 4 mA es cero" } },
  { name: "barometer", choices: ["none", "point"], says: { en: "Barometric pressure to take off: that of the point's own barometric_pressure, whichever device feeds it", es: "Presión barométrica a descontar: la de barometric_pressure del punto, sea cual sea el equipo que la envía" } },
  { name: "barometerWindowS", unit: "s", above: 0, max: 30 * 86_400, says: { en: "Oldest barometric pressure that counts", es: "Antigüedad máxima de la presión barométrica" } },
  { name: "rightFlowLps", unit: "L/s", above: 0, max: 1e6, says: { en: "Water right", es: "Derecho de aprovechamiento" } },
  { name: "rightTolerance", unit: "1", min: 0, max: 1, says: { en: "Share above the right that is still within it", es: "Fracción sobre el derecho que aún se acepta" } },
];
const byName = new Map<string, SettingRow>(pointSettingRows.map((row) => [row.name, row]));

const MAX_PERIODS = 256;
const INCH_MM = 25.4;

/** Settings that a person gives from an instant on; null unsets one from then on, and absent ones stay. */
export interface SettingsChange {
  /** Absent or null: from the first reading, whatever held before. */
  readonly validFromUs?: number | null;
  readonly values: Readonly<Partial<Record<SettingName, SettingValue | null>>>;
  /** Names that the period says nothing of any more, as if it never had: what held before holds on. A period that says nothing is gone. */
  readonly forget?: readonly string[];
  /** From the first reading on: corrects that period alone, and what later ones say stays. */
  readonly keepLater?: boolean;
  /** Why; kept with the period. */
  readonly reason?: string;
}

/** What holds at an instant: of each setting the newest that began by then. */
export function settingsAt(periods: readonly PointPeriod[], timeUs: number): PointSettings {
  const found: Record<string, unknown> = {};
  for (const { validFromUs, values } of sorted(periods)) if ((validFromUs ?? -Infinity) <= timeUs) Object.assign(found, values);
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== null && value !== undefined));
}

/** Instants at which anything changes, the first -Infinity, with what holds from each. */
export function settledPeriods(periods: readonly PointPeriod[]): { readonly fromUs: number; readonly settings: PointSettings }[] {
  const starts = [...new Set([-Infinity, ...periods.map(({ validFromUs }) => validFromUs ?? -Infinity)])].sort((a, b) => a - b);
  return starts.map((fromUs) => ({ fromUs, settings: settingsAt(periods, fromUs) }));
}

/** The point's periods after the changes, in time order. A setting given from the first reading replaces its whole past. Throws RefusedChange. */
export function changedPeriods(periods: readonly PointPeriod[], changes: readonly SettingsChange[], { by, atUs }: { readonly by: string; readonly atUs: number }): readonly PointPeriod[] {
  let after = periods;
  for (const [index, { validFromUs = null, values, forget = [], keepLater = false, reason }] of changes.entries()) {
    const at = `settings.${index}`;
    if (validFromUs !== null && !Number.isSafeInteger(validFromUs)) throw refused(`${at}.validFrom`, "setting-time", { setting: "validFrom" }, "is no instant");
    const checked: Record<string, SettingValue | null> = {};
    for (const [name, value] of Object.entries(values)) if (value !== undefined) checked[name] = checkedSetting(name, value, `${at}.${name}`);
    const others = after.filter((period) => period.validFromUs !== validFromUs)
      .map((period) => (validFromUs === null && !keepLater ? { ...period, values: without(period.values, checked) } : period)).filter((period) => Object.keys(period.values).length > 0);
    const same = after.find((period) => period.validFromUs === validFromUs);
    for (const name of forget) if (!byName.has(name)) throw refused(`${at}.${name}`, "setting-unknown", { setting: name }, `${name} is no setting of a point`);
    const said = { ...without(same?.values ?? {}, Object.fromEntries(forget.map((name) => [name, null]))), ...checked };
    const period: PointPeriod = { validFromUs, values: said, changedAtUs: atUs, changedBy: by, ...(reason === undefined ? {} : { reason }) };
    after = sorted(Object.keys(said).length === 0 ? others : [...others, period]);
  }
  if (after.length > MAX_PERIODS) throw new RefusedChange("too-many-periods", { field: "settings", values: { most: String(MAX_PERIODS) } }, `more than ${MAX_PERIODS} periods`);
  return after;
}

/** The value as it is kept. Throws RefusedChange for a name that is none and a value that it cannot have. */
export function checkedSetting(name: string, value: unknown, field: string): SettingValue | null {
  const row = byName.get(name);
  if (row === undefined) throw refused(field, "setting-unknown", { setting: name }, `${name} is no setting of a point`);
  if (value === null) return null;
  if ("choices" in row) {
    if (typeof value === "string" && row.choices.includes(value)) return value;
    throw refused(field, "setting-value", { setting: name, met: shown(value), fitting: row.choices.join(", ") }, `${name} is one of ${row.choices.join(", ")}`);
  }
  const least = row.above ?? row.min ?? -Infinity;
  const fits = typeof value === "number" && Number.isFinite(value) && value <= row.max && (row.above === undefined ? value >= least : value > least) && (row.whole !== true || Number.isInteger(value));
  if (fits) return value;
  const range = `${row.above === undefined ? ">= " : "> "}${least}, <= ${row.max}${row.unit === "" ? "" : ` ${row.unit}`}`;
  throw refused(field, "setting-value", { setting: name, met: shown(value), fitting: range }, `${name} is a number ${range}`);
}

/**
 * The settings that another system's profile of a point holds: d1 well depth, d2 pump, d3 level sensor (m), d4 discharge pipe, d5 flow meter
 * (inches), d6 dial start (m3). Zero and below mean that nobody knew. Sources disagree on d1 (one calls it the pump's height), so look at it.
 */
export function importedSettings(profile: Readonly<Partial<Record<"d1" | "d2" | "d3" | "d4" | "d5" | "d6", number | null>>>): PointSettings {
  const { d1, d2, d3, d4, d5, d6 } = profile;
  const known = (value: number | null | undefined, factor = 1): number | undefined => (typeof value === "number" && value > 0 ? Number((value * factor).toPrecision(15)) : undefined);
  const found = { wellDepthM: known(d1), pumpDepthM: known(d2), sensorDepthM: known(d3), pipeDiameterMm: known(d4, INCH_MM), meterDiameterMm: known(d5, INCH_MM), dialStartM3: known(d6) };
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined));
}

/** What was met, short enough for a message. */
function shown(value: unknown): string {
  return (JSON.stringify(value) ?? String(value)).slice(0, 80);
}

function sorted(periods: readonly PointPeriod[]): PointPeriod[] {
  return [...periods].sort((a, b) => (a.validFromUs ?? -Infinity) - (b.validFromUs ?? -Infinity) || 0);
}

function without(values: PointPeriod["values"], gone: Readonly<Record<string, unknown>>): PointPeriod["values"] {
  return Object.fromEntries(Object.entries(values).filter(([name]) => !(name in gone)));
}

function refused(field: string, why: "setting-unknown" | "setting-value" | "setting-time", about: { readonly setting: string; readonly met?: string; readonly fitting?: string }, message: string): RefusedChange {
  return new RefusedChange(why, { field, values: { met: "", fitting: "", ...about } }, message);
}
