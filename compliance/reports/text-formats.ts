import { formatInstant } from "@caudal/core";
import { fill, type Language } from "@caudal/runtime";
import type { Cell, Report, Row, Table } from "./report.ts";

/** The report as one JSON document, written while it is read: `{ kind, at, title, notes, <table>: [rows] }`. */
export async function* reportJson({ kind, atUs, title, notes, tables }: Report, { language, asked }: { readonly language: Language; readonly asked: (table: Table) => boolean }): AsyncGenerator<string> {
  const head = JSON.stringify({ kind, at: formatInstant(Math.trunc(atUs)), title: fill(title, language), notes: notes.map((note) => fill(note, language)) });
  yield head.slice(0, -1);
  for (const table of tables.filter(asked)) {
    yield `,${JSON.stringify(table.id)}:[`;
    let isFirst = true;
    for await (const row of table.rows()) {
      yield `${isFirst ? "" : ","}\n${JSON.stringify(rowOf(table, row))}`;
      isFirst = false;
    }
    yield "]";
  }
  yield "}\n";
}

/** One table as CSV (RFC 4180, UTF-8); `reportTable` says which. */
export async function* reportCsv(table: Table): AsyncGenerator<string> {
  yield `${table.columns.map(({ id }) => id).join(",")}\r\n`;
  for await (const row of table.rows()) yield `${table.columns.map(({ id }) => csvCell(row[id] ?? null)).join(",")}\r\n`;
}

/** The table asked for by name, else the long one, else the first. */
export function reportTable({ tables }: Report, name: string | undefined): Table | undefined {
  return name === undefined ? (tables.find(({ isLong }) => isLong === true) ?? tables[0]) : tables.find(({ id }) => id === name);
}

function rowOf({ columns }: Table, row: Row): Record<string, Cell> {
  return Object.fromEntries(columns.map(({ id }) => [id, row[id] ?? null]));
}

function csvCell(cell: Cell): string {
  if (cell === null) return "";
  if (typeof cell !== "string") return String(cell);
  // A sheet would take these for a formula, and names come from whoever configures.
  const safe = /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
