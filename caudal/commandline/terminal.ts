import type { LogDestination } from "@caudal/runtime";
import { folded } from "./folded.ts";
import { plain } from "./plain.ts";

/** Where a command writes: people read `line` and `table`, programs read `json`. */
export interface Terminal {
  /** Somebody watches: a line may be overwritten. */
  readonly interactive: boolean;
  readonly colour: boolean;
  line(text: string): void;
  /** To the error stream, so that it never mixes with data. */
  complain(text: string): void;
  json(value: unknown): void;
  table(rows: readonly (readonly string[])[]): void;
  paint(style: Style, text: string): string;
  /** Overwrites what stands at the bottom; an empty text clears it. Does nothing where nobody watches. */
  status(text: string): void;
  /** The error stream for a logger, above the status. */
  readonly log: LogDestination;
}

export type Style = "bold" | "dim" | "red" | "green" | "yellow" | "cyan";
const codes: Record<Style, number> = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, cyan: 36 };

/** Standard output or error, or what a test has in their place. */
export interface OutputStream {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
}

export interface TerminalOptions {
  readonly out: OutputStream;
  readonly error: OutputStream;
  /** NO_COLOR and TERM count. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

const CLEAR_LINE = "\r\u001b[2K";
const CLEAR_LINE_ABOVE = "\u001b[1A\u001b[2K";

function widths(rows: readonly (readonly string[])[]): number[] {
  const columns = Math.max(0, ...rows.map((row) => row.length));
  return Array.from({ length: columns }, (_, column) => Math.max(...rows.map((row) => (row[column] ?? "").length)));
}

export function createTerminal({ out, error, env }: TerminalOptions): Terminal {
  const interactive = out.isTTY === true && env["TERM"] !== "dumb";
  const colour = interactive && (env["NO_COLOR"] ?? "") === "";
  let shown = 0;
  const clear = (): void => {
    if (shown > 0) out.write(CLEAR_LINE + CLEAR_LINE_ABOVE.repeat(shown - 1));
    shown = 0;
  };
  const write = (stream: OutputStream, text: string): void => {
    clear();
    stream.write(`${text}\n`);
  };
  return {
    interactive,
    colour,
    line: (text) => write(out, text),
    complain: (text) => write(error, text),
    json: (value) => write(out, JSON.stringify(value)),
    table(texts) {
      const rows = texts.map((row) => row.map((cell) => plain(cell)));
      const width = widths(rows);
      for (const row of rows) write(out, row.map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(width[column] ?? 0))).join("  "));
    },
    paint: (style, text) => (colour ? `\u001b[${codes[style]}m${text}\u001b[0m` : text),
    status(text) {
      if (!interactive) return;
      clear();
      if (text === "") return;
      const lines = folded(text, (out.columns ?? 80) - 1);
      out.write(lines.join("\n"));
      shown = lines.length;
    },
    log: { write: (line) => write(error, line.replace(/\n$/, "")), isTTY: error.isTTY === true },
  };
}
