import type { Command } from "../commandline/command.ts";
import { runReplay, scopeFlags } from "./replay.ts";
import { triedRulesOf } from "./tried-rules.ts";

export const rulesTry: Command = {
  name: "rules try",
  usage: "[FILE] [--set NAME=VALUE …] [--from TIME] [--to TIME] [--client CLIENT] [--device DEVICE | --point POINT] [--diff] [--diff-file FILE]",
  spec: { values: [...scopeFlags, "--diff-file", "--set"], switches: ["--diff"], words: 1 },
  flagHelp: async (language) => [{ flag: "--set", text: (await import("@caudal/runtime")).text(language, "rules.set.help") }],
  async run(context) {
    const { arguments: { positionals: [file] }, usageError, say } = context;
    const rules = await triedRulesOf(context, file);
    if (Object.keys(rules).length === 0) throw usageError(say("rules.none"));
    return runReplay(context, rules);
  },
};
