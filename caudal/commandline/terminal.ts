/** Where a command writes: people read `line` and `table`, programs read `json`. */
export interface Terminal {
  readonly interactive: boolean;
  readonly columns: number;
  line(text: string): void;
  /** To the error stream, so that it never mixes with data. */
  complain(text: string): void;
  json(value: unknown): void;
  table(rows: readonly (readonly string[])[]): void;
  paint(style: Style, text: string): string;
  /** Overwrites one line at the bottom; an empty text clears it. Does nothing where nobody watches. */
  status(text: string): void;
}

export type Style = "bold" | "dim" | "red" | "green" | "yellow" | "cyan";
const codes: Record<Style, number> = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, cyan: 36 };

export interface TerminalOptions {
  readonly out: NodeJS.WriteStream;
  readonly error: NodeJS.WriteStream;
  /** NO_COLOR as the environment has it. */
  readonly noColor: boolean;
}

function widths(rows: readonly (readonly string[])[]): number[] {
  const columns = Math.max(0, ...rows.map((row) => row.length));
  return Array.from({ length: columns }, (_, column) => Math.max(...rows.map((row) => (row[column] ?? "").length)));
}

export function createTerminal({ out, error, noColor }: TerminalOptions): Terminal {
  const interactive = out.isTTY === true;
  const colour = interactive && !noColor;
  let shown = false;
  const clear = (): void => {
    if (shown) out.write("\r\u001b[2K");
    shown = false;
  };
  return {
    interactive,
    get columns() {
      return out.columns ?? 80;
    },
    line(text) {
      clear();
      out.write(`${text}\n`);
    },
    complain(text) {
      clear();
      error.write(`${text}\n`);
    },
    json(value) {
      clear();
      out.write(`${JSON.stringify(value)}\n`);
    },
    table(rows) {
      clear();
      const width = widths(rows);
      for (const row of rows) out.write(`${row.map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(width[column] ?? 0))).join("  ")}\n`);
    },
    paint: (style, text) => (colour ? `\u001b[${codes[style]}m${text}\u001b[0m` : text),
    status(text) {
      if (!interactive) return;
      clear();
      if (text === "") return;
      out.write(text.slice(0, (out.columns ?? 80) - 1));
      shown = true;
    },
  };
}
