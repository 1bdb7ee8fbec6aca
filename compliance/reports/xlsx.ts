import { fill, type Language } from "@caudal/runtime";
import type { Cell as SheetCell, SheetData } from "write-excel-file/node";
import { peopleTables } from "./people-rows.ts";
import type { Cell, Report } from "./report.ts";

/** A workbook with a sheet a table, and one with what must be known to read them. */
export async function reportXlsx(report: Report, language: Language): Promise<Uint8Array> {
  const tables = await peopleTables(report, language);
  const { default: writeExcelFile } = await import("write-excel-file/node");
  const sheets = tables.map(({ table: { title, columns }, rows }) => ({
    sheet: fill(title, language), stickyRowsCount: 1, columns: columns.map(({ share = 1 }) => ({ width: Math.round(share * 14) })),
    data: [columns.map((column) => ({ value: fill(column.title, language), fontWeight: "bold" as const })), ...rows.map((row) => row.map(sheetCell))] as SheetData,
  }));
  const notes: SheetData = [[{ value: fill(report.title, language), fontWeight: "bold" }], [new Date(report.atUs / 1000).toISOString()], ...report.notes.map((note) => [fill(note, language)])];
  return writeExcelFile([...sheets, { sheet: language === "es" ? "Notas" : "Notes", columns: [{ width: 120 }], data: notes }]).toBuffer();
}

/** Text stays text: what looks like a formula is none. */
function sheetCell(cell: Cell): SheetCell {
  return cell === null ? null : typeof cell === "string" ? { value: cell, type: String } : { value: cell };
}
