import { instantOfWall, SANTIAGO } from "../../providers/time-text.ts";

/** All parameters of one device at one time stamp. */
export interface Register {
  readonly dispositivoId: string;
  readonly date: string;
  readonly time: string;
  /** Of an hour that Santiago's clocks show twice, the first. */
  readonly instantMs: number;
  readonly values: Readonly<Record<string, string>>;
}

/** What a device reports, and in which unit. */
const parameters: Readonly<Record<string, string>> = { Q: "l/s", VA: "m3" };
const STAMP = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}:\d{2})$/;
const NUMBER = /^-?\d{1,15}(\.\d+)?$/;

/** Undefined for what is not a list of whole sets: a set that lacks a parameter, or has one more, is refused. */
export function readRegisters(body: unknown): readonly Register[] | undefined {
  if (!Array.isArray(body) || body.length === 0) return undefined;
  const registers = (body as readonly unknown[]).map(readRegister);
  return registers.every((register) => register !== undefined) ? registers : undefined;
}

function readRegister(element: unknown): Register | undefined {
  const { dispositivoId, parametros } = isRecord(element) ? element : {};
  if (typeof dispositivoId !== "string" || dispositivoId === "" || !Array.isArray(parametros)) return undefined;
  const values: Record<string, string> = {};
  const stamps = new Set<unknown>();
  for (const each of parametros as readonly unknown[]) {
    const { nombre, valor, unidad, estampaTiempo } = isRecord(each) ? each : {};
    if (typeof nombre !== "string" || typeof valor !== "string" || !NUMBER.test(valor) || parameters[nombre] !== unidad || Object.hasOwn(values, nombre)) return undefined;
    values[nombre] = valor;
    stamps.add(estampaTiempo);
  }
  const [stamp] = stamps;
  const [, date = "", time = ""] = (typeof stamp === "string" ? STAMP.exec(stamp) : null) ?? [];
  const wall = Date.parse(`${date}T${time}Z`);
  if (stamps.size !== 1 || Object.keys(values).length !== Object.keys(parameters).length || Number.isNaN(wall)) return undefined;
  return { dispositivoId, date, time, instantMs: instantOfWall(wall, SANTIAGO), values };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
