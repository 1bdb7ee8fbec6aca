import { plainName } from "./json-styles.ts";

/** What a column holds; any other word is the key of a column of values, and "-" is left out. */
export type Column = "date" | "clock" | "time" | "key" | "value" | "unit" | "quality" | "device" | "-" | (string & {});

const ROLES: Readonly<Record<string, Column>> = {
  fecha: "date", date: "date", hora: "clock", clock: "clock",
  time: "time", timestamp: "time", ts: "time", datetime: "time", fechahora: "time",
  nombresensor: "key", sensor: "key", nombre: "key", variable: "key", key: "key", name: "key",
  valor: "value", value: "value", unidad: "unit", unit: "unit", quality: "quality", calidad: "quality",
  device: "device", deviceid: "device", serial: "device", dispositivo: "device",
};

/** Lines without a header, by their number of cells. Six are the loggers' own. */
const BY_COUNT: Readonly<Record<number, readonly Column[]>> = {
  2: ["key", "value"],
  3: ["time", "key", "value"],
  4: ["time", "key", "value", "unit"],
  5: ["date", "clock", "key", "value", "unit"],
  6: ["date", "clock", "key", "value", "unit", "quality"],
};

export function usualColumns(cells: number): readonly Column[] | undefined {
  return BY_COUNT[cells];
}

/** Columns as names say: a header's, or a person's in the settings. */
export function namedColumns(names: readonly string[]): readonly Column[] {
  const columns = names.map((name): Column => {
    const role = plainName(name.trim());
    return Object.hasOwn(ROLES, role) ? (ROLES[role] ?? name.trim()) : name.trim();
  });
  // Beside a date, a column called time is the clock.
  return columns.includes("date") && !columns.includes("clock") ? columns.map((column) => (column === "time" ? "clock" : column)) : columns;
}

/** The columns that a first line names, or undefined when it is a row like the others. */
export function headerColumns(cells: readonly string[]): readonly Column[] | undefined {
  if (cells.some((cell) => /^[+-]?\d/.test(cell.trim()) || cell.trim() === "")) return undefined;
  const columns = namedColumns(cells);
  const timed = columns.includes("time") || columns.includes("date");
  return timed || (columns.includes("key") && columns.includes("value")) ? columns : undefined;
}

/** Cells of a line: `;` separates where there is one, else a tab, else a comma. Quotes protect; undefined when one is left open. */
export function cellsOf(line: string): readonly string[] | undefined {
  const separator = line.includes(";") ? ";" : line.includes("\t") ? "\t" : ",";
  if (!line.includes('"')) return line.split(separator).map((cell) => cell.trim());
  const cells: string[] = [];
  let cell = "";
  let quoted = false;
  for (let at = 0; at < line.length; at++) {
    const character = line.charAt(at);
    if (character === '"') {
      if (quoted && line.charAt(at + 1) === '"') cell += line.charAt(++at);
      else quoted = !quoted;
    } else if (character === separator && !quoted) {
      cells.push(cell.trim());
      cell = "";
    } else cell += character;
  }
  return quoted ? undefined : [...cells, cell.trim()];
}
