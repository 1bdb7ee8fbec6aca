import { stat } from "node:fs/promises";
import { applyPlan, checkPlan, type AppliedPlan } from "../configuration/apply-plan.ts";
import { exportConfiguration } from "../configuration/export.ts";
import { named } from "../configuration/glob.ts";
import { changesAnything, differs, makePlan, type Plan } from "../configuration/plan.ts";
import { planJson, printChange, printPlan, printTold, toldJson } from "../configuration/print-plan.ts";
import { progress } from "../configuration/progress.ts";
import { readFiles } from "../configuration/read-files.ts";
import type { Told } from "../configuration/told.ts";
import { givenFiles } from "../configuration/yaml-files.ts";
import type { Command, CommandContext } from "../commandline/command.ts";
import { exitCodes } from "../commandline/exit-codes.ts";

/** Where files are looked for that nobody names. */
const FOLDER = "config/clients";
const MAX_WORDS = 10_000;

export const configExport: Command = {
  name: "config export",
  usage: "[--client CLIENT] [--point GLOB] [--to DIR|-]",
  spec: { values: ["--client", "--point", "--to"] },
  run: exportConfiguration,
};

/** The files compared with the installation; undefined, and told, when they cannot be. */
async function compared(context: CommandContext): Promise<Plan | undefined> {
  const { arguments: { positionals, flags }, say, usageError } = context;
  const client = flags["--client"];
  const includes = named(flags["--point"]);
  const fits = (said: Parameters<typeof includes>[0]): boolean => (client === undefined || said.client === client) && includes(said);
  if (positionals.length === 0 && !(await isThere(FOLDER))) throw usageError(say("config.files-missing", { folder: FOLDER }));
  const { files, isWhole } = await givenFiles(positionals.length === 0 ? [FOLDER] : positionals, say);
  const line = progress(context);
  try {
    const read = await readFiles(files, { ...context, includes: fits, tick: (done) => line(say("config.reading"), done, files.length) });
    if (read.told.length > 0) return void wrong(read.told, context);
    const wanted = { ...read, clients: read.clients.filter(({ stated }) => client === undefined || stated.client === client) };
    const plan = await makePlan(wanted, { ...context, api: context.api(), prune: flags["--prune"] !== undefined, isWhole, includes: fits, tick: (done, total) => line(say("config.comparing"), done, total) });
    if (plan.told.length === 0) return plan;
    return void wrong(plan.told, context);
  } finally {
    context.terminal.status("");
  }
}

function wrong(told: readonly Told[], context: CommandContext): void {
  context.terminal.status("");
  if (context.json) context.terminal.json({ errors: toldJson(told) });
  else {
    printTold(told, context);
    context.terminal.complain(context.say("config.wrong", { count: told.length }));
  }
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(() => true, () => false);
}

export const configDiff: Command = {
  name: "config diff",
  usage: "[FILES|DIR …] [--client CLIENT] [--point GLOB] [--prune]",
  spec: { values: ["--client", "--point"], switches: ["--prune"], words: MAX_WORDS },
  async run(context) {
    const plan = await compared(context);
    if (plan === undefined) return exitCodes.usage;
    if (context.json) context.terminal.json(planJson(plan));
    else printPlan(plan, context.arguments.flags["--prune"] !== undefined, context);
    return differs(plan) ? exitCodes.finding : exitCodes.ok;
  },
};

export const configApply: Command = {
  name: "config apply",
  usage: "[FILES|DIR …] [--client CLIENT] [--point GLOB] [--prune] [--reason TEXT] [--dry-run] [--yes]",
  spec: { values: ["--client", "--point", "--reason"], switches: ["--prune", "--dry-run", "--yes"], words: MAX_WORDS },
  async run(context) {
    const { arguments: { flags }, json, terminal, say } = context;
    const plan = await compared(context);
    if (plan === undefined) return exitCodes.usage;
    const prune = flags["--prune"] !== undefined;
    const hasWork = changesAnything(plan, prune);
    const told = hasWork ? await checkPlan(plan, { ...context, api: context.api() }) : [];
    if (told.length > 0) {
      wrong(told, context);
      return exitCodes.usage;
    }
    const isPlan = flags["--dry-run"] !== undefined || flags["--yes"] === undefined;
    if (isPlan || !hasWork) {
      if (json) terminal.json({ applied: false, ...planJson(plan) });
      else {
        printPlan(plan, prune, context);
        terminal.line(say(hasWork ? "config.nothing-written" : "config.nothing-to-do"));
        if (hasWork && flags["--dry-run"] === undefined) terminal.line(terminal.paint("dim", `→ ${say("config.yes-next")}`));
      }
      // Asked to apply and not told to go ahead: something is left to do.
      return hasWork && flags["--dry-run"] === undefined ? exitCodes.finding : exitCodes.ok;
    }
    const line = progress(context);
    const done = await applyPlan(plan, { ...context, api: context.api(), prune, reason: flags["--reason"], tick: (count, total) => line(say("config.applying"), count, total) });
    terminal.status("");
    if (json) terminal.json({ ...done, conflicts: done.conflicts.map(({ client, device, now }) => ({ client, device, changes: now?.changes ?? [] })), told: toldJson(done.told) });
    else printApplied(done, context);
    return done.conflicts.length > 0 || done.told.length > 0 ? exitCodes.finding : exitCodes.ok;
  },
};

function printApplied({ applied, unchanged, removed, kept, conflicts, told }: AppliedPlan, context: CommandContext): void {
  const { terminal, say } = context;
  for (const { client, device, points } of kept) terminal.line(terminal.paint("dim", say("config.kept-points", { device: `${client}/${device}`, points: points.join(", ") })));
  for (const { client, device, now } of conflicts) {
    terminal.complain(`${terminal.paint("red", "✗")} ${say("config.conflict", { what: device === null ? client : `${client}/${device}` })}`);
    for (const change of now?.changes ?? []) printChange(change, context);
  }
  printTold(told, context);
  terminal.line(say("config.applied", { applied, unchanged, removed, conflicts: conflicts.length }));
  if (conflicts.length > 0) terminal.line(terminal.paint("dim", `→ ${say("config.conflict-next")}`));
}
