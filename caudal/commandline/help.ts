import type { Language } from "@caudal/runtime";
import type { CommandGroup } from "../commands/table.ts";
import type { Command } from "./command.ts";
import type { CliText } from "./say.ts";
import type { Terminal } from "./terminal.ts";

/** `caudal points show POINT`. */
export function usageOf({ name, usage }: Command): string {
  return `caudal ${name} ${usage}`.trimEnd();
}

/** The commands of these groups, each group with what it is for. */
export function printHelp(terminal: Terminal, say: CliText, groups: readonly CommandGroup[]): void {
  terminal.line(say("cli.usage"));
  terminal.line("");
  for (const { summary, commands } of groups) {
    terminal.line(terminal.paint("dim", `  # ${say(summary)}`));
    for (const command of commands) terminal.line(`  ${usageOf(command)}`);
  }
  terminal.line("");
  terminal.line(say("cli.usage.common"));
}

/** One command: its usage, what it is for, and what its flags mean. */
export async function printCommandHelp(terminal: Terminal, { say, language }: { say: CliText; language: Language }, { group, command }: { group: CommandGroup; command: Command }): Promise<void> {
  terminal.line(say("cli.usage-of", { usage: usageOf(command) }));
  terminal.line(say(group.summary));
  const flags = await command.flagHelp?.(language);
  if (flags !== undefined) {
    terminal.line("");
    terminal.table(flags.map(({ flag, text }) => [`  ${flag}`, text]));
  }
  terminal.line("");
  terminal.line(say("cli.usage.common"));
}
