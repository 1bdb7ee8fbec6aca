import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { SOURCE_FORMATS } from "./source-format.ts";

/** `wall-clock` plays at the source's own speed; `compressed` plays one row a second. */
export type TimeKind = "wall-clock" | "compressed";

/** Which JSON style a device speaks. */
export type MessageStyle = "data" | "values" | "flat" | "sensors";

const TIMES: readonly TimeKind[] = ["wall-clock", "compressed"];
const STYLES: readonly MessageStyle[] = ["data", "values", "flat", "sensors"];

/** Where series come from and what their licence asks to be said. */
export interface Dataset {
  readonly title: string;
  readonly credit: string;
  readonly licence: string;
  /** Path of the licence's text, relative to the data folder. */
  readonly licenceFile: string;
  readonly origin: string;
}

/** One variable of a series. */
export interface CatalogKey {
  readonly key: string;
  readonly unit: string;
  /** Column of the source file, from 0. */
  readonly column: number;
  /** True when the value counts up, so that the next round goes on from the last value. */
  readonly totaliser: boolean;
}

/** One device of the demo and the stretch of the file that it plays. */
export interface CatalogSeries {
  readonly device: string;
  readonly name: { readonly es: string; readonly en: string };
  readonly dataset: string;
  readonly file: string;
  readonly format: string;
  /** Start of the time text of the first row played; empty for the file's first row. */
  readonly from: string;
  /** Start of the time text of the first row no longer played; empty for the file's end. */
  readonly to: string;
  /** Leaves out zeros that follow a zero. */
  readonly skipSilence: boolean;
  /** IANA zone of the place. */
  readonly zone: string;
  readonly place: string;
  readonly time: TimeKind;
  readonly style: MessageStyle;
  readonly keys: readonly CatalogKey[];
}

export interface Catalog {
  readonly datasets: Readonly<Record<string, Dataset>>;
  readonly series: readonly CatalogSeries[];
}

/** Reads `catalog.json` of a data folder; throws an Error that names the field that is wrong. */
export async function readCatalog(dataDir: string): Promise<Catalog> {
  return parseCatalog(JSON.parse(await readFile(join(dataDir, "catalog.json"), "utf8")) as unknown);
}

/** Checks a catalogue; throws an Error that names the field that is wrong. */
export function parseCatalog(value: unknown): Catalog {
  const root = record(value, "catalog");
  const datasets = Object.fromEntries(
    Object.entries(record(root["datasets"], "datasets")).map(([id, row]) => [id, dataset(row, `datasets.${id}`)]),
  );
  const series = list(root["series"], "series").map((row, i) => oneSeries(row, `series[${i}]`, datasets));
  const devices = new Set(series.map((s) => s.device));
  if (devices.size !== series.length) throw new Error("series: a device is listed twice");
  return { datasets, series };
}

function dataset(value: unknown, at: string): Dataset {
  const row = record(value, at);
  const field = (name: keyof Dataset): string => text(row[name], `${at}.${name}`);
  return { title: field("title"), credit: field("credit"), licence: field("licence"), licenceFile: field("licenceFile"), origin: field("origin") };
}

function oneSeries(value: unknown, at: string, datasets: Catalog["datasets"]): CatalogSeries {
  const row = record(value, at);
  const name = record(row["name"], `${at}.name`);
  const field = (key: string): string => text(row[key], `${at}.${key}`);
  const optional = (key: string): string => (row[key] === undefined ? "" : field(key));
  return {
    device: field("device"),
    name: { es: text(name["es"], `${at}.name.es`), en: text(name["en"], `${at}.name.en`) },
    dataset: oneOf(row["dataset"], Object.keys(datasets), `${at}.dataset`),
    file: field("file"),
    format: oneOf(row["format"], Object.keys(SOURCE_FORMATS), `${at}.format`),
    from: optional("from"),
    to: optional("to"),
    skipSilence: row["skipSilence"] === true,
    zone: field("zone"),
    place: field("place"),
    time: oneOf(row["time"], TIMES, `${at}.time`),
    style: oneOf(row["style"], STYLES, `${at}.style`),
    keys: list(row["keys"], `${at}.keys`).map((key, i) => oneKey(key, `${at}.keys[${i}]`)),
  };
}

function oneKey(value: unknown, at: string): CatalogKey {
  const row = record(value, at);
  const column = row["column"];
  if (typeof column !== "number" || !Number.isInteger(column) || column < 0) throw new Error(`${at}.column: a whole number from 0 is needed`);
  return { key: text(row["key"], `${at}.key`), unit: text(row["unit"], `${at}.unit`), column, totaliser: row["totaliser"] === true };
}

function record(value: unknown, at: string): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Error(`${at}: an object is needed`);
  return value as Record<string, unknown>;
}

function list(value: unknown, at: string): readonly unknown[] {
  if (!Array.isArray(value) || value.length === 0) throw new Error(`${at}: a list with rows is needed`);
  return value as readonly unknown[];
}

function text(value: unknown, at: string): string {
  if (typeof value !== "string" || value === "") throw new Error(`${at}: a text is needed`);
  return value;
}

function oneOf<T extends string>(value: unknown, allowed: readonly T[], at: string): T {
  const found = allowed.find((name) => name === value);
  if (found === undefined) throw new Error(`${at}: one of ${allowed.join(", ")} is needed`);
  return found;
}
