import type { Text } from "@caudal/runtime";

export interface CsvCell {
  readonly text: string;
  /** Of the file, from 1: where the cell begins. */
  readonly line: number;
}

export interface CsvFault {
  readonly line: number;
  readonly text: Text;
}

export type CsvTable = { readonly ok: true; readonly rows: readonly (readonly CsvCell[])[]; readonly separator: "," | ";" } | { readonly ok: false; readonly fault: CsvFault };

/**
 * Rows of RFC 4180, with comma or semicolon, whichever stands first outside of quotes in the first line; a byte order mark, either line end and blank lines are taken. A quoted cell may hold separators,
 * line ends, and quotes written twice. What cannot be read is told by its line, and then nothing is read.
 */
export function readCsv(text: string): CsvTable {
  const from = text.startsWith("\uFEFF") ? 1 : 0;
  const separator = separatorOf(text, from);
  const rows: CsvCell[][] = [];
  let row: CsvCell[] = [];
  let line = 1;
  for (let at = from; at <= text.length;) {
    const begins = line;
    let cell: string;
    if (text[at] === '"') {
      let end = at + 1;
      for (;; end++) {
        const next = text[end];
        if (next === undefined) return faulty(begins, "a quoted cell has no end", "una celda entre comillas no termina");
        if (next === "\n") line += 1;
        if (next !== '"') continue;
        if (text[end + 1] !== '"') break;
        end += 1;
      }
      cell = text.slice(at + 1, end).replaceAll('""', '"');
      at = end + 1;
      if (at < text.length && text[at] !== separator && text[at] !== "\n" && text[at] !== "\r") return faulty(line, "there is text behind a quoted cell", "hay texto después de una celda entre comillas");
    } else {
      let end = at;
      while (end < text.length && text[end] !== separator && text[end] !== "\n" && text[end] !== "\r") {
        if (text[end] === '"') return faulty(line, "a quote within a cell that is not quoted", "una comilla dentro de una celda sin comillas");
        end += 1;
      }
      cell = text.slice(at, end).trim();
      at = end;
    }
    row.push({ text: cell, line: begins });
    if (text[at] === separator) {
      at += 1;
      continue;
    }
    if (row.length > 1 || cell !== "") rows.push(row);
    row = [];
    if (at >= text.length) break;
    if (text[at] === "\r" && text[at + 1] === "\n") at += 1;
    at += 1;
    line += 1;
  }
  return { ok: true, rows, separator };
}

/** Cells in a line, those that need it in quotes. */
export function csvLine(cells: readonly string[]): string {
  return `${cells.map((cell) => (/[",;\r\n]|^\s|\s$/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(",")}\r\n`;
}

function separatorOf(text: string, from: number): "," | ";" {
  let quoted = false;
  for (let at = from; at < text.length; at++) {
    const next = text[at];
    if (next === '"') quoted = !quoted;
    else if (quoted) continue;
    else if (next === "," || next === ";") return next;
    else if (next === "\n" || next === "\r") break;
  }
  return ",";
}

function faulty(line: number, en: string, es: string): CsvTable {
  return { ok: false, fault: { line, text: { en, es } } };
}
