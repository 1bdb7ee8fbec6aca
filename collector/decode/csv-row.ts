import type { Sample } from "@caudal/schemas";
import type { Column } from "./csv-columns.ts";
import { parsed, refused, type DecodeContext, type Parsed } from "./decoded.ts";
import { Labels } from "./labels.ts";
import { MAX_KEY_CHARACTERS } from "./limits.ts";
import { named } from "./naming.ts";
import { readDevice } from "./object-reader.ts";
import { isMeasuredText, numberOf } from "./scalar.ts";
import { loggerCivilUs, readSourceTime, writtenInstant } from "./source-time.ts";

/** What one line says; no samples for a line about the logger itself. */
export interface CsvRow {
  readonly device: string | null;
  readonly timeUs: number | null;
  readonly samples: readonly Sample[];
  readonly labels: Readonly<Record<string, string>>;
}

/** Rows about the logger's own disk. */
const LOGGER_KEYS = ["FREESPACE"];
const BAD_QUALITY = "B";

/** Reads the cells of one line. A row that its logger calls bad keeps its label and loses its value: it must never become a fact. */
export function readCsvRow(cells: readonly string[], columns: readonly Column[], context: DecodeContext): Parsed<CsvRow> {
  if (cells.length < columns.length || cells.slice(columns.length).some((cell) => cell !== "")) {
    return refused("malformed-csv", `${cells.length} cells where ${columns.length} are expected: ${columns.join(", ")}`);
  }
  const cell = (column: Column): string | undefined => {
    const at = columns.indexOf(column);
    return at === -1 ? undefined : cells[at];
  };
  const device = readDevice(cell("device") ?? null, "device");
  if (!device.ok) return device;
  const key = cell("key");
  if (key !== undefined && LOGGER_KEYS.includes(key.toUpperCase())) return parsed({ device: device.value, timeUs: null, samples: [], labels: {} });
  const time = timeOf(cell, `${device.value ?? ""}\n${key ?? ""}`, context);
  if (!time.ok) return time;
  const quality = cell("quality") ?? "";
  const labels = new Labels();
  if (quality !== "" && quality.toUpperCase() !== "G") labels.set("quality", quality);
  const isBad = quality.toUpperCase() === BAD_QUALITY;
  const samples: Sample[] = [];
  for (const [name, text, unit] of valuesOf(cells, columns, cell)) {
    const value = readValue(text, name);
    if (!value.ok) return value;
    if (name === "" || name.length > MAX_KEY_CHARACTERS || isMeasuredText(name)) return refused("malformed-csv", "the name of the value is missing, too long or a number", "key");
    samples.push({ ...named(name, unit, context.options), value: isBad ? null : value.value, timeUs: time.value });
  }
  const texts = labels.done();
  return texts.ok ? parsed({ device: device.value, timeUs: time.value, samples, labels: texts.value }) : texts;
}

type CellOf = (column: Column) => string | undefined;
const ROLES: readonly Column[] = ["date", "clock", "time", "key", "value", "unit", "quality", "device", "-"];

/** Name, text and unit of each value of the line. */
function valuesOf(cells: readonly string[], columns: readonly Column[], cell: CellOf): (readonly [string, string, string | null])[] {
  const unit = cell("unit");
  const single = cell("value");
  if (single !== undefined) return [[cell("key") ?? "value", single, unit === undefined || unit === "" ? null : unit]];
  const values: (readonly [string, string, null])[] = [];
  columns.forEach((column, at) => { if (!ROLES.includes(column)) values.push([column, cells[at] ?? "", null]); });
  return values;
}

function readValue(text: string, field: string): Parsed<number | string | null> {
  if (text === "") return parsed(null);
  const number = numberOf(text);
  if (number !== undefined) return Number.isFinite(number) ? parsed(number) : refused("not-finite", "the value is beyond what a double holds", field);
  return isMeasuredText(text) ? parsed(text) : refused("malformed-csv", `"${text.slice(0, 40)}" is not a number`, field);
}

function timeOf(cell: CellOf, series: string, context: DecodeContext): Parsed<number | null> {
  const date = cell("date");
  const time = cell("time");
  if (date === undefined && time === undefined) return parsed(null);
  const [day, clock] = date === undefined ? (time ?? "").split(" ", 2) : [date, cell("clock") ?? "00:00"];
  const civilUs = loggerCivilUs(day ?? "", clock ?? "");
  if (civilUs !== undefined) return writtenInstant(civilUs, null, { field: date === undefined ? "time" : "date", series, context });
  if (date !== undefined) return refused("malformed-csv", `"${`${date} ${clock ?? ""}`.slice(0, 40)}" is not a date and time`, "date");
  const instant = readSourceTime(time, "time", series, context);
  return instant.ok || instant.refusal.why === "implausible-time" ? instant : refused("malformed-csv", instant.refusal.detail, "time");
}
