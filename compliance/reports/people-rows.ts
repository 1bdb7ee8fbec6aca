import { fill, Problem, type Language } from "@caudal/runtime";
import type { Cell, Column, Report, Table } from "./report.ts";

/** Rows of one document for people at most. */
export const MAX_PEOPLE_ROWS = 20_000;

export interface PeopleTable {
  readonly table: Table;
  readonly rows: readonly (readonly Cell[])[];
}

/** The tables for people with their rows in hand, words in place of codes. Problem "too-large" past `MAX_PEOPLE_ROWS`. */
export async function peopleTables({ tables }: Report, language: Language): Promise<PeopleTable[]> {
  const read: PeopleTable[] = [];
  let count = 0;
  for (const table of tables.filter(({ isForPeople }) => isForPeople !== false)) {
    const rows: Cell[][] = [];
    for await (const row of table.rows()) {
      if (++count > MAX_PEOPLE_ROWS) {
        throw new Problem("too-large", { status: 400, field: "query.work", detail: { en: `more than ${MAX_PEOPLE_ROWS} rows: ask for one work, or for CSV`, es: `más de ${MAX_PEOPLE_ROWS} filas: pida una sola obra, o CSV` } });
      }
      rows.push(table.columns.map((column) => cellOf(column, row[column.id] ?? null, language)));
    }
    read.push({ table, rows });
  }
  return read;
}

const yesNo = { true: { en: "yes", es: "sí" }, false: { en: "no", es: "no" } };

function cellOf({ words }: Column, cell: Cell, language: Language): Cell {
  if (typeof cell === "boolean") return fill(yesNo[`${cell}`], language);
  const word = typeof cell === "string" ? words?.[cell] : undefined;
  return word === undefined ? cell : fill(word, language);
}
