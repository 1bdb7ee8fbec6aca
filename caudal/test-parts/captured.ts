import type { EventEmitter } from "node:events";
import type { InputStream } from "../commandline/hidden-line.ts";
import { runCommandLine } from "../commandline/run.ts";
import { createTerminal, type OutputStream, type Terminal } from "../commandline/terminal.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** A stream that remembers; with columns it is a terminal's. */
class Remembered implements OutputStream {
  text = "";
  readonly isTTY: boolean;
  readonly columns: number | undefined;

  constructor(columns: number | undefined) {
    this.isTTY = columns !== undefined;
    this.columns = columns;
  }

  write(text: string): void {
    this.text += text;
  }
}

export interface Captured {
  readonly terminal: Terminal;
  readonly out: () => string;
  readonly error: () => string;
}

export function captured({ columns, env = {} }: { columns?: number; env?: Environment } = {}): Captured {
  const [out, error] = [new Remembered(columns), new Remembered(columns)];
  return { terminal: createTerminal({ out, error, env }), out: () => out.text, error: () => error.text };
}

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly error: string;
  /** What --json printed. */
  json<T>(): T;
}

export interface RunOptions {
  readonly env?: Environment;
  readonly envFile?: string;
  readonly signals?: EventEmitter;
  readonly input?: () => InputStream;
  readonly columns?: number;
}

/** A `.env` that is not there: what lies in the working folder must not count. */
const NO_FILE = "/nonexistent/.env";

/** `caudal ARGV` in this process. */
export async function run(argv: readonly string[], { env = {}, envFile = NO_FILE, columns, ...rest }: RunOptions = {}): Promise<Ran> {
  const { terminal, out, error } = captured({ env, ...(columns === undefined ? {} : { columns }) });
  const code = await runCommandLine(argv, { env, terminal, envFile, ...rest });
  return { code, out: out(), error: error(), json: <T>() => JSON.parse(out()) as T };
}
