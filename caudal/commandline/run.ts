import type { EventEmitter } from "node:events";
import { resolve } from "node:path";
import { parseSettings, type Language } from "@caudal/runtime";
import { commandTable, type CommandGroup } from "../commands/table.ts";
import { version } from "../composition/version.ts";
import { readEnvironment } from "../environment.ts";
import { installationSettings } from "../settings.ts";
import { ApiClient, baseUrlOf } from "./api-client.ts";
import { parseArguments, writtenLanguage } from "./arguments.ts";
import type { Command } from "./command.ts";
import { CommandFailure, expectedFailure, toldFailure } from "./command-failure.ts";
import { exitCodeOf, exitCodes } from "./exit-codes.ts";
import type { InputStream } from "./hidden-line.ts";
import { printCommandHelp, printHelp, usageOf } from "./help.ts";
import { findRunning } from "./running-instance.ts";
import { languageOf, sayIn } from "./say.ts";
import type { Terminal } from "./terminal.ts";

type Environment = Readonly<Record<string, string | undefined>>;

export interface CommandLineOptions {
  readonly env: Environment;
  readonly terminal: Terminal;
  /** Settings of the working folder; `.env` when absent. */
  readonly envFile?: string;
  /** Where signals are heard; the process when absent. */
  readonly signals?: EventEmitter;
  /** Standard input; the process's when absent. */
  readonly input?: () => InputStream;
}

const DEFAULT_URL = "http://127.0.0.1:8000";

/** The command that the words name, and the words that are left. */
function commandOf(argv: readonly string[]): { command?: Command; group?: CommandGroup; rest: readonly string[] } {
  const [noun, verb] = argv;
  const group = commandTable.find((row) => row.noun === noun);
  if (group === undefined) return { rest: argv };
  const alone = group.commands.find(({ name }) => name === noun);
  if (alone !== undefined) return { command: alone, group, rest: argv.slice(1) };
  const command = group.commands.find(({ name }) => name === `${noun} ${verb}`);
  return command === undefined ? { group, rest: argv.slice(1) } : { command, group, rest: argv.slice(2) };
}

function wantsHelp(argv: readonly string[]): boolean {
  const end = argv.indexOf("--");
  const words = end === -1 ? argv : argv.slice(0, end);
  return argv.length === 0 || argv[0] === "help" || words.includes("--help") || words.includes("-h");
}

interface Asked {
  readonly env: Environment;
  readonly terminal: Terminal;
  readonly language: Language;
  readonly signals: EventEmitter;
  readonly input: () => InputStream;
}

async function answer(argv: readonly string[], { env, terminal, language, signals, input }: Asked): Promise<number> {
  const say = sayIn(language);
  const { command, group, rest } = commandOf(argv[0] === "help" ? argv.slice(1) : argv);
  if (argv[0] === "--version") {
    terminal.line(version());
    return exitCodes.ok;
  }
  if (wantsHelp(argv)) {
    if (group !== undefined && command !== undefined) await printCommandHelp(terminal, { say, language }, { group, command });
    else printHelp(terminal, say, group === undefined ? commandTable : [group]);
    return exitCodes.ok;
  }
  if (command === undefined) {
    const next = group === undefined ? say("cli.unknown-command.next") : say("cli.usage-of", { usage: group.commands.map(usageOf).join(" | ") });
    throw new CommandFailure("bad-request", say("cli.unknown-command", { name: argv.slice(0, group === undefined ? 1 : 2).join(" ") }), { next });
  }
  const usageError = (message: string): CommandFailure => new CommandFailure("bad-request", message, { next: say("cli.usage-of", { usage: usageOf(command) }) });
  const parsed = parseArguments(rest, command.spec, { say, usageError });
  const settings = parseSettings(installationSettings, { env, flags: parsed.flags });
  const dataDirectory = resolve(settings.data);
  const running = findRunning(dataDirectory);
  return command.run({
    arguments: parsed, json: parsed.flags["--json"] === "on", terminal, language, say, env, dataDirectory, running, signals, input, usageError,
    reachable: settings.url !== undefined || running !== undefined,
    api: () => new ApiClient({ baseUrl: baseUrlOf(settings.url ?? running?.http ?? DEFAULT_URL, say), token: settings.token, language, say }),
  });
}

/** Runs one command and resolves with its exit code. Expected failures are told with their next step, or as JSON with --json. */
export async function runCommandLine(argv: readonly string[], { env: processEnv, terminal, envFile, signals = process, input = () => process.stdin }: CommandLineOptions): Promise<number> {
  let language = languageOf(writtenLanguage(argv), processEnv);
  try {
    const env = readEnvironment(processEnv, envFile);
    language = languageOf(writtenLanguage(argv), env);
    return await answer(argv, { env, terminal, language, signals, input });
  } catch (error) {
    const failure = expectedFailure(error, language);
    if (failure === undefined) throw error;
    const told = toldFailure(failure, language);
    if (argv.includes("--json")) terminal.json({ error: told });
    else {
      terminal.complain(`${terminal.paint("red", "✗")} ${told.message}`);
      terminal.complain(terminal.paint("dim", `  → ${told.next}`));
    }
    return exitCodeOf(failure.code);
  }
}
