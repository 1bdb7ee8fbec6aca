import type { CatalogKey, CatalogSeries, Dataset, MessageStyle } from "./catalog.ts";
import { madridOffsetHours } from "./civil-time.ts";
import { addDecimal, timesDecimal } from "./decimal.ts";

/** Reserved key of a message: free text about it that is never a measurement. */
export type Labels = Readonly<Record<string, string>>;

/** One row ready to be written: instant in ms UTC and the JSON text of each value. */
export interface Row {
  readonly timeMs: number;
  readonly values: readonly (string | null)[];
}

/** What the device calls itself, and what its point's page can say about where the numbers come from and how their time runs. */
export function labelsOf(entry: CatalogSeries, dataset: Dataset): Labels {
  const origin = { name: entry.name.es, source: dataset.title, credit: dataset.credit, licence: dataset.licence };
  return entry.time === "compressed" ? { time: "compressed", ...origin } : origin;
}

/** The values of a row as JSON numbers: as the source wrote them, plus what earlier rounds counted up. */
export function rowValues(raw: readonly (string | null)[], growth: readonly string[], round: number): readonly (string | null)[] {
  return raw.map((value, k) => {
    if (value === null) return null;
    return jsonNumber(round === 0 ? value : addDecimal(value, timesDecimal(growth[k] ?? "0", round)));
  });
}

/** One row in the device's own style; null when it holds no value. */
export function oneMessage(entry: CatalogSeries, row: Row, labels: Labels): string | null {
  const fields = pairs(entry.keys, row.values, entry.style === "sensors");
  return fields === "" ? null : WRITE_ONE[entry.style](entry, row.timeMs, fields, JSON.stringify(labels));
}

/** An element of the array that backfill is sent in: ThingsBoard's style, or with units where the keys tell none. */
export function arrayElement(entry: CatalogSeries, row: Row, labels: Labels | null): string | null {
  const units = entry.style === "sensors";
  const fields = pairs(entry.keys, row.values, units);
  if (fields === "") return null;
  const tail = labels === null ? "" : `,"labels":${JSON.stringify(labels)}`;
  return `{"ts":${row.timeMs},"${units ? "sensors" : "values"}":{${fields}}${tail}}`;
}

type Write = (entry: CatalogSeries, timeMs: number, fields: string, labels: string) => string;

const WRITE_ONE: Readonly<Record<MessageStyle, Write>> = {
  data: (entry, timeMs, fields, labels) =>
    `{"device_id":"${entry.device}","timestamp":"${writtenTime(entry.zone, timeMs)}","data":{${fields}},"labels":${labels}}`,
  values: (_, timeMs, fields, labels) => `{"ts":${timeMs},"values":{${fields}},"labels":${labels}}`,
  sensors: (entry, timeMs, fields, labels) =>
    `{"deviceId":"${entry.device}","timestamp":${timeMs},"sensors":{${fields}},"labels":${labels}}`,
  flat: (entry, timeMs, fields, labels) => `{"id":"${entry.device}",${fields},"ts":${timeMs / 1000},"labels":${labels}}`,
};

function pairs(keys: readonly CatalogKey[], values: readonly (string | null)[], units: boolean): string {
  const out: string[] = [];
  keys.forEach((key, k) => {
    const value = values[k] ?? null;
    if (value === null) return;
    out.push(units ? `"${key.key}":{"value":${value},"unit":"${key.unit}"}` : `"${key.key}":${value}`);
  });
  return out.join(",");
}

/** Civil time with its offset, as a logger that knows its zone writes it. */
function writtenTime(zone: string, timeMs: number): string {
  const hours = zone === "Europe/Madrid" ? madridOffsetHours(timeMs) : zone === "Etc/GMT-1" ? 1 : 0;
  const civil = new Date(timeMs + hours * 3_600_000).toISOString().slice(0, 19);
  return hours === 0 ? `${civil}Z` : `${civil}+0${hours}:00`;
}

const JSON_NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/;

/** Digits stay as written where JSON allows it; a text that is no number is sent as text, for the pipeline to judge. */
function jsonNumber(text: string): string {
  if (JSON_NUMBER.test(text)) return text;
  const value = Number(text);
  return Number.isFinite(value) ? String(value) : JSON.stringify(text);
}
