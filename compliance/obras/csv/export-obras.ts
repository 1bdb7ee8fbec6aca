import type { Obra } from "../obra.ts";
import { draftOf } from "../settled.ts";
import { obraColumns } from "./columns.ts";
import { csvLine } from "./csv-text.ts";

/** The works as a file that imports without a change: a byte order mark, by which spreadsheets know UTF-8, then a line a work. */
export function exportObras(obras: readonly Obra[]): string {
  const lines = obras.map((obra) => {
    const draft = draftOf(obra);
    return csvLine(obraColumns.map((column) => column.write(draft)));
  });
  return `\uFEFF${csvLine(obraColumns.map(({ name }) => name))}${lines.join("")}`;
}
