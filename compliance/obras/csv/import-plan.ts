import { CaudalError, type Scope } from "@caudal/core";
import { fill, type Language, type Text } from "@caudal/runtime";
import type { ObraDraft, ReadDraft } from "../draft.ts";
import { RefusedObra } from "../findings.ts";
import type { ObraBook } from "../obra-book.ts";
import { workOf, type Obra, type RegulatorName } from "../obra.ts";
import { draftOf, type SettledObra } from "../settled.ts";
import { RefusedCell, type CellContext } from "./cells.ts";
import { columnOf, columnOfPath, obraColumns, type LooseDraft, type ObraColumn } from "./columns.ts";
import { readCsv, type CsvCell, type CsvFault } from "./csv-text.ts";

/** Works that one file may hold. */
const MAX_ROWS = 5000;
const AT_ONCE = 32;

export interface RowError {
  /** Header of the cell that is at fault. */
  readonly column: string;
  readonly text: Text;
}

interface RowChange {
  readonly field: string;
  /** Both as they would stand in the file. */
  readonly old: string;
  readonly new: string;
}

/** What a row means for the works that are there. */
export interface PlannedRow {
  readonly line: number;
  /** `regulator/code`, as far as it could be read. */
  readonly work: string | null;
  readonly outcome: "new" | "changed" | "unchanged" | "refused";
  readonly changes: readonly RowChange[];
  readonly errors: readonly RowError[];
  /** What would be put, on which version; of new and changed rows. */
  readonly put: { readonly draft: ObraDraft; readonly version: number } | undefined;
}

export type ImportPlan = { readonly ok: true; readonly rows: readonly PlannedRow[] } | { readonly ok: false; readonly fault: CsvFault };

/**
 * What a file would change, row by row. A column that is not in the file leaves existing works as they are and gives new ones their default; an empty cell means that the work has none. Nothing is written.
 * `fault` names the line where the file as a whole cannot be read.
 */
export async function planImport(text: string, { book, scope }: { readonly book: ObraBook; readonly scope: Scope }): Promise<ImportPlan> {
  const table = readCsv(text);
  if (!table.ok) return table;
  const [header, ...lines] = table.rows;
  const columns = header === undefined ? undefined : headerColumns(header);
  if (columns === undefined) return faulty(1, "the file is empty; its first line names the columns", "el archivo está vacío; su primera línea nombra las columnas");
  if ("fault" in columns) return columns;
  if (lines.length > MAX_ROWS) return faulty(lines[MAX_ROWS]?.[0]?.line ?? 0, `more than ${MAX_ROWS} rows; send them in several files`, `más de ${MAX_ROWS} filas; envíelas en varios archivos`);
  const seen = new Map<string, number>();
  const rows: PlannedRow[] = [];
  const parts: RowParts = { columns, seen, book, scope, context: { decimalComma: table.separator === ";" } };
  for (let at = 0; at < lines.length; at += AT_ONCE) rows.push(...await Promise.all(lines.slice(at, at + AT_ONCE).map((line) => planRow(line, parts))));
  return { ok: true, rows };
}

interface RowParts {
  readonly columns: readonly ObraColumn[];
  /** Works of rows above, and their lines. */
  readonly seen: Map<string, number>;
  readonly book: ObraBook;
  readonly scope: Scope;
  readonly context: CellContext;
}

async function planRow(cells: readonly CsvCell[], { columns, seen, book, scope, context }: RowParts): Promise<PlannedRow> {
  const line = cells[0]?.line ?? 0;
  const refused = (work: string | null, errors: readonly RowError[]): PlannedRow => ({ line, work, outcome: "refused", changes: [], errors, put: undefined });
  if (cells.length > columns.length && cells.slice(columns.length).some(({ text }) => text !== "")) {
    return refused(null, [{ column: columns.at(-1)?.name ?? "", text: fault(`${cells.length} cells where the first line names ${columns.length}`, `${cells.length} celdas donde la primera línea nombra ${columns.length}`) }]);
  }
  const textOf = (name: string): string => cells[columns.findIndex((column) => column.name === name)]?.text ?? "";
  const work = workOf((textOf("regulator").toLowerCase() || "dga") as RegulatorName, textOf("code"));
  const above = seen.get(work);
  if (above !== undefined) return refused(work, [{ column: "code", text: fault(`line ${above} has this work already`, `la línea ${above} ya tiene esta obra`) }]);
  seen.set(work, line);
  const held = await book.get(scope, work);
  const draft: LooseDraft = held === undefined ? { regulator: "dga" } : { ...draftOf(held) };
  const errors = readCells(cells, { columns, draft, context });
  if (held === undefined) errors.push(...missingColumns(columns));
  if (errors.length > 0) return refused(work, errors);
  try {
    const content = await book.check(draft as ObraDraft, { scope });
    const changes = changesOf(held, content);
    const put = { draft: draft as ObraDraft, version: held?.version ?? 0 };
    if (held === undefined) return { line, work, outcome: "new", changes, errors: [], put };
    return changes.length === 0 ? { line, work, outcome: "unchanged", changes, errors: [], put: undefined } : { line, work, outcome: "changed", changes, errors: [], put };
  } catch (error) {
    return refused(work, rowErrors(error));
  }
}

function readCells(cells: readonly CsvCell[], { columns, draft, context }: { readonly columns: readonly ObraColumn[]; readonly draft: LooseDraft; readonly context: CellContext }): RowError[] {
  const errors: RowError[] = [];
  columns.forEach((column, at) => {
    const cell = cells[at]?.text ?? "";
    try {
      if (cell !== "") column.read(draft, cell, context);
      else if (column.name !== "regulator") column.clear(draft);
    } catch (error) {
      if (!(error instanceof RefusedCell)) throw error;
      errors.push({ column: column.name, text: error.text });
    }
  });
  return errors;
}

/** What a put or a check says of a row; anything unexpected is thrown on. */
export function rowErrors(error: unknown): readonly RowError[] {
  if (error instanceof RefusedObra) return error.findings.map(({ path, text }) => ({ column: columnOfPath(path).name, text }));
  if (error instanceof CaudalError && error.code === "forbidden") return [{ column: "client", text: fault("this client is outside your scope", "este cliente está fuera de su alcance") }];
  if (error instanceof CaudalError && error.code === "duplicate-key") return [{ column: "code", text: fault("the work is taken by another client", "la obra ya es de otro cliente") }];
  if (error instanceof CaudalError && error.code === "too-large") return [{ column: "code", text: fault("there are as many works as there may be", "ya hay tantas obras como puede haber") }];
  if (error instanceof CaudalError && error.code === "version-conflict") return [{ column: "code", text: fault("the work was changed meanwhile; import the file again", "la obra cambió entretanto; importe el archivo otra vez") }];
  throw error;
}

function changesOf(held: Obra | undefined, content: SettledObra): readonly RowChange[] {
  const [before, after] = [held === undefined ? undefined : draftOf(held), content as unknown as ReadDraft];
  const changes = obraColumns.map((column) => ({ field: column.name, old: before === undefined ? "" : column.write(before), new: column.write(after) }));
  return changes.filter((change) => change.old !== change.new);
}

function missingColumns(columns: readonly ObraColumn[]): readonly RowError[] {
  return obraColumns.filter((column) => column.required === true && !columns.includes(column)).map(({ name }) => ({ column: name, text: fault("the file lacks this column, which a new work needs", "al archivo le falta esta columna, que una obra nueva necesita") }));
}

function headerColumns(header: readonly CsvCell[]): readonly ObraColumn[] | Extract<ImportPlan, { ok: false }> {
  const columns: ObraColumn[] = [];
  for (const { text, line } of header) {
    const column = columnOf(text);
    if (column === undefined) return faulty(line, `"${text.slice(0, 40)}" is no column of works`, `"${text.slice(0, 40)}" no es una columna de obras`);
    if (columns.includes(column)) return faulty(line, `the column ${column.name} stands twice`, `la columna ${column.name} está dos veces`);
    columns.push(column);
  }
  const hasCode = columns.some(({ name }) => name === "code");
  return hasCode ? columns : faulty(header[0]?.line ?? 1, "the first line names no column code", "la primera línea no nombra la columna code");
}

function faulty(line: number, en: string, es: string): Extract<ImportPlan, { ok: false }> {
  return { ok: false, fault: { line, text: fault(en, es) } };
}

function fault(en: string, es: string): Text {
  return { en, es };
}

/** The errors in a language, as they are shown. */
export function shownErrors(errors: readonly RowError[], language: Language): { readonly column: string; readonly detail: string }[] {
  return errors.map(({ column, text }) => ({ column, detail: fill(text, language) }));
}
