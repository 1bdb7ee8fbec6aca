import { resolve } from "node:path";
import { CaudalError } from "@caudal/core";
import { parseSettings, type Language } from "@caudal/runtime";
import { commandTable, type CommandGroup } from "../commands/table.ts";
import { readEnvironment } from "../environment.ts";
import { installationSettings } from "../settings.ts";
import { ApiClient } from "./api-client.ts";
import { parseArguments } from "./arguments.ts";
import type { Command } from "./command.ts";
import { exitCodeOf, exitCodes } from "./exit-codes.ts";
import { findRunning } from "./running-instance.ts";
import { languageOf, sayIn, type CliText } from "./say.ts";
import type { Terminal } from "./terminal.ts";

export interface CommandLineOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly terminal: Terminal;
}

const DEFAULT_URL = "http://127.0.0.1:8000";

function help(terminal: Terminal, say: CliText, groups: readonly CommandGroup[]): void {
  terminal.line(say("cli.usage"));
  terminal.line("");
  const rows = groups.flatMap(({ summary, commands }) => commands.map(({ name, usage }, index) => [`  ${name} ${usage}`.trimEnd(), index === 0 ? say(summary) : ""]));
  for (const [usage = "", summary = ""] of rows) terminal.line(summary === "" ? usage : `${usage}\n      ${terminal.paint("dim", summary)}`);
  terminal.line("");
  terminal.line(say("cli.usage.common"));
}

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

function askedForHelp(argv: readonly string[]): boolean {
  return argv.length === 0 || ["help", "--help", "-h"].some((word) => argv.includes(word));
}

/** Runs one command and resolves with its exit code. Expected failures are told in one line, or as JSON with --json. */
export async function runCommandLine(argv: readonly string[], { env: processEnv, terminal }: CommandLineOptions): Promise<number> {
  let language: Language = languageOf({}, processEnv);
  try {
    const env = readEnvironment(processEnv);
    const { command, group, rest } = commandOf(argv);
    if (askedForHelp(argv)) {
      help(terminal, sayIn(language), group === undefined ? commandTable : [group]);
      return exitCodes.ok;
    }
    if (command === undefined) {
      terminal.complain(sayIn(language)("cli.unknown-command", { name: argv.slice(0, 2).join(" ") }));
      if (group !== undefined) help(terminal, sayIn(language), [group]);
      return exitCodes.usage;
    }
    const parsed = parseArguments(rest, command.spec);
    language = languageOf(parsed.flags, env);
    const settings = parseSettings(installationSettings, { env, flags: parsed.flags });
    const dataDirectory = resolve(settings.data);
    const running = findRunning(dataDirectory);
    return await command.run({
      arguments: parsed, json: parsed.flags["--json"] === "on", terminal, language, say: sayIn(language), env, dataDirectory, running,
      api: () => new ApiClient({ baseUrl: settings.url ?? running?.http ?? DEFAULT_URL, token: settings.token, language }),
    });
  } catch (error) {
    if (!(error instanceof CaudalError)) throw error;
    if (argv.includes("--json")) terminal.json({ error: { code: error.code, message: error.message } });
    else terminal.complain(`${terminal.paint("red", "✗")} ${error.message}`);
    return exitCodeOf(error.code);
  }
}
