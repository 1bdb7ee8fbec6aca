import type { Language } from "@caudal/runtime";
import type { ApiClient } from "./api-client.ts";
import type { ArgumentSpec, Arguments } from "./arguments.ts";
import type { RunningInstance } from "./running-instance.ts";
import type { Terminal } from "./terminal.ts";
import type { CliText } from "./say.ts";

/** What every command is given. */
export interface CommandContext {
  readonly arguments: Arguments;
  readonly json: boolean;
  readonly terminal: Terminal;
  readonly language: Language;
  readonly say: CliText;
  /** Environment with `.env` behind it. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly dataDirectory: string;
  /** The installation that runs on the data folder, when one does. */
  readonly running: RunningInstance | undefined;
  /** The running installation: --url, CAUDAL_URL, or the one on the data folder. */
  api(): ApiClient;
}

/** One row of the command table. */
export interface Command {
  /** `points set`; a command without verbs has one word. */
  readonly name: string;
  /** What follows the name. */
  readonly usage: string;
  readonly spec?: ArgumentSpec;
  /** Exit code. */
  run(context: CommandContext): Promise<number>;
}
