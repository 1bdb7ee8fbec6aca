import type { Kind } from "./kinds.ts";

export interface Sent {
  readonly codigoObra: string;
  readonly centre: string;
  readonly informant: string;
  readonly password: string;
  readonly date: string;
  readonly time: string;
  /** Milliseconds since 1970 UTC: the regulator's clock is UTC-4 all year. */
  readonly instantMs: number;
  readonly values: Readonly<Record<string, string>>;
}

const CODE = /^O[BR]-\d{4}-\d+$/;
const RUT = /^\d+-[0-9K]$/;
const STAMP = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}/;
/** The manual asks for two decimals; clients that do not pad them are served as well. */
const DECIMAL = /^\d{1,12}(\.\d+)?$/;
const WHOLE = /^\d{1,15}$/;
const BEHIND_UTC_MS = 4 * 3_600_000;

const forms: Readonly<Record<string, { readonly form: RegExp; readonly mayBeEmpty: boolean }>> = {
  caudal: { form: DECIMAL, mayBeEmpty: false }, totalizador: { form: WHOLE, mayBeEmpty: false },
  nivelFreaticoDelPozo: { form: DECIMAL, mayBeEmpty: true }, alturaLimnimetrica: { form: WHOLE, mayBeEmpty: true },
};

/** What a POST says, or why it cannot be taken. */
export function readSent(kind: Kind, { headers, body }: { readonly headers: Readonly<Record<string, string>>; readonly body: unknown }, mayLackLevel: (codigoObra: string) => boolean): Sent | string {
  const codigoObra = headers["codigoobra"] ?? "";
  if (!CODE.test(codigoObra)) return "El código de obra no tiene el formato requerido";
  if (!STAMP.test(headers["timestamporigen"] ?? "")) return "El encabezado timeStampOrigen no tiene el formato requerido";
  if (!/^application\/json\b/i.test(headers["content-type"] ?? "")) return "El contenido debe ser application/json";
  if (!isRecord(body)) return "El cuerpo no es un objeto JSON";
  const { autenticacion, [kind.object]: measured, ...others } = body;
  if (Object.keys(others).length > 0 || !isRecord(autenticacion) || !isRecord(measured)) return `Se requiere autenticacion y ${kind.object}`;
  const { password, rutEmpresa, rutUsuario } = autenticacion;
  if (typeof password !== "string" || password === "" || typeof rutEmpresa !== "string" || !RUT.test(rutEmpresa) || typeof rutUsuario !== "string" || !RUT.test(rutUsuario)) return "Los datos de autenticación no tienen el formato requerido";
  const names = Object.keys(measured);
  if (names.length !== kind.fields.length || kind.fields.some((field) => typeof measured[field] !== "string")) return `${kind.object} requiere ${kind.fields.join(", ")} como texto`;
  const { fechaMedicion: date = "", horaMedicion: time = "", ...values } = measured as Record<string, string>;
  const instantMs = instantOf(date, time);
  if (instantMs === undefined) return "La fecha u hora de medición no tiene el formato requerido";
  for (const [field, value] of Object.entries(values)) {
    const { form, mayBeEmpty } = forms[field] ?? { form: DECIMAL, mayBeEmpty: false };
    if (value === "" ? !mayBeEmpty || !mayLackLevel(codigoObra) : !form.test(value)) return `El valor de ${field} no tiene el formato requerido`;
  }
  return { codigoObra, centre: rutEmpresa, informant: rutUsuario, password, date, time, instantMs, values };
}

/** Undefined for digits that are no day or no time. */
function instantOf(date: string, time: string): number | undefined {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(date) || !/^\d{2}:\d{2}:\d{2}$/.test(time)) return undefined;
  const wall = Date.parse(`${date}T${time}Z`);
  return Number.isNaN(wall) || new Date(wall).toISOString().slice(0, 19) !== `${date}T${time}` ? undefined : wall + BEHIND_UTC_MS;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
