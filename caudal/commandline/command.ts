import type { EventEmitter } from "node:events";
import type { Language } from "@caudal/runtime";
import type { ApiClient } from "./api-client.ts";
import type { ArgumentSpec, Arguments, UsageError } from "./arguments.ts";
import type { InputStream } from "./hidden-line.ts";
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
  /** True when there is an installation to ask: one was named by --url or CAUDAL_URL, or runs on the data folder. */
  readonly reachable: boolean;
  /** The running installation: --url, CAUDAL_URL, or the one on the data folder. */
  api(): ApiClient;
  /** Standard input. */
  input(): InputStream;
  /** Where SIGINT and its kin are heard: the process. */
  readonly signals: EventEmitter;
  /** To be thrown when the command was not written as its usage says. */
  readonly usageError: UsageError;
}

/** A line of help on one flag. */
export interface FlagHelp {
  readonly flag: string;
  readonly text: string;
}

/** One row of the command table. */
export interface Command {
  /** `points set`; a command without verbs has one word. */
  readonly name: string;
  /** What follows the name. */
  readonly usage: string;
  readonly spec: ArgumentSpec;
  /** What each flag means, where the usage does not say it. */
  flagHelp?(language: Language): Promise<readonly FlagHelp[]>;
  /** Exit code. */
  run(context: CommandContext): Promise<number>;
}
