import { bufferOf, linesOf, textOf } from "./bytes.ts";
import { cellsOf, headerColumns, namedColumns, usualColumns, type Column } from "./csv-columns.ts";
import { readCsvRow, type CsvRow } from "./csv-row.ts";
import { newestTimeUs, refused, type DecodeContext, type Parsed, type RefusedRow, type RowOutcome } from "./decoded.ts";
import { MAX_SAMPLES } from "./limits.ts";

export const CSV = "text/csv";

/**
 * Reads lines of CSV: a logger's file, or a single line sent as a message. Neighbouring lines of one device and instant make one
 * reading. A bad line is refused by itself; lines without any sample are skipped.
 */
export function readCsv(bytes: Uint8Array, context: DecodeContext): readonly RowOutcome[] {
  const text = textOf(bytes);
  if (!text.ok) return [whole(bytes, text.refusal)];
  const table = new Table(context);
  for (const line of linesOf(bytes)) table.take(line);
  const rows = table.done();
  return rows.length > 0 ? rows : [whole(bytes, refused("empty", "no line has a value").refusal)];
}

function whole(raw: Uint8Array, refusal: RefusedRow["refusal"]): RefusedRow {
  return { kind: "park", raw, contentType: CSV, device: null, refusal };
}

class Table {
  readonly #context: DecodeContext;
  readonly #outcomes: RowOutcome[] = [];
  #columns: readonly Column[] | undefined;
  #isFirst = true;
  #group: { first: Uint8Array; last: Uint8Array; rows: CsvRow[] } | undefined;

  constructor(context: DecodeContext) {
    this.#context = context;
    this.#columns = context.options.columns === undefined ? undefined : namedColumns(context.options.columns);
  }

  take(line: Uint8Array): void {
    const cells = cellsOf(bufferOf(line).toString("utf8"));
    const header = this.#isFirst && cells !== undefined ? headerColumns(cells) : undefined;
    this.#isFirst = false;
    if (header !== undefined) {
      this.#columns = header;
      return;
    }
    const row = cells === undefined ? refused("malformed-csv", "a quote is left open") : this.#read(cells);
    if (!row.ok) {
      this.#flush();
      this.#outcomes.push({ ...whole(line, row.refusal), ...(this.#columns === undefined ? {} : { columns: this.#columns }) });
    } else if (row.value.samples.length > 0) this.#add(line, row.value);
  }

  done(): readonly RowOutcome[] {
    this.#flush();
    return this.#outcomes;
  }

  #read(cells: readonly string[]): Parsed<CsvRow> {
    const columns = this.#columns ?? usualColumns(cells.length);
    return columns === undefined ? refused("malformed-csv", `a line of ${cells.length} cells, and nothing says what they are`) : readCsvRow(cells, columns, this.#context);
  }

  #add(line: Uint8Array, row: CsvRow): void {
    if (this.#group !== undefined && this.#belongs(this.#group, line, row)) {
      this.#group.last = line;
      this.#group.rows.push(row);
      return;
    }
    this.#flush();
    this.#group = { first: line, last: line, rows: [row] };
  }

  /** Only lines that touch share a reading, so that its bytes are one piece of the file. */
  #belongs(group: { last: Uint8Array; rows: CsvRow[] }, line: Uint8Array, row: CsvRow): boolean {
    const head = group.rows[0];
    const gap = line.byteOffset - group.last.byteOffset - group.last.length;
    return head !== undefined && gap <= 2 && group.rows.length < MAX_SAMPLES && head.timeUs !== null && head.timeUs === row.timeUs && head.device === row.device
      && head.labels["quality"] === row.labels["quality"] && !group.rows.some((other) => other.samples.some((a) => row.samples.some((b) => a.key === b.key)));
  }

  #flush(): void {
    const group = this.#group;
    const head = group?.rows[0];
    this.#group = undefined;
    if (group === undefined || head === undefined) return;
    const end = group.last.byteOffset + group.last.length;
    const raw = new Uint8Array(group.first.buffer, group.first.byteOffset, end - group.first.byteOffset);
    const samples = group.rows.flatMap((row) => row.samples);
    this.#outcomes.push({ kind: "reading", raw, contentType: CSV, device: head.device, samples, labels: head.labels, observedAtUs: newestTimeUs(samples) });
  }
}
