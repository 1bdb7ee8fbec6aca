import type { Command, CommandContext } from "../commandline/command.ts";
import { exitCodes } from "../commandline/exit-codes.ts";
import { COMPLIANCE, namedReason, namedSlot, namedVerb, namedWork, regulatorTime } from "./dga-named.ts";
import { printSending, type ShownSending } from "./dga-status.ts";

async function decide(context: CommandContext, verb: "stop" | "resume"): Promise<number> {
  const { work, path } = namedWork(context.arguments.positionals[0], context);
  const told = await context.api().send<object>("POST", `${path}/${verb}`, { body: { reason: namedReason(context) } });
  if (context.json) context.terminal.json(told);
  else context.terminal.line(context.say(verb === "stop" ? "dga.was-stopped" : "dga.was-resumed", { work }));
  return exitCodes.ok;
}

export const dgaStop: Command = { name: "dga stop", usage: "WORK --reason TEXT", spec: { values: ["--reason"], words: 1 }, run: (context) => decide(context, "stop") };

export const dgaResume: Command = { name: "dga resume", usage: "WORK --reason TEXT", spec: { values: ["--reason"], words: 1 }, run: (context) => decide(context, "resume") };

export const dgaWriteOff: Command = {
  name: "dga write-off",
  usage: "WORK SLOT --reason TEXT",
  spec: { values: ["--reason"], words: 2 },
  async run(context) {
    const { work, path } = namedWork(context.arguments.positionals[0], context);
    const slot = namedSlot(context.arguments.positionals[1], context);
    const told = await context.api().send<object>("POST", `${path}/slots/${encodeURIComponent(slot)}/write-off`, { body: { reason: namedReason(context) } });
    if (context.json) context.terminal.json(told);
    else context.terminal.line(context.say("dga.written-off", { work, slot: regulatorTime(slot) }));
    return exitCodes.ok;
  },
};

/** Without a word it says how the switch stands: exit code 1 while it is off. */
export const dgaSwitch: Command = {
  name: "dga switch",
  usage: "[on|off --reason TEXT]",
  spec: { values: ["--reason"], words: 1 },
  async run(context) {
    const verb = namedVerb(context.arguments.positionals[0], ["show", "on", "off"], context);
    const sending = verb === "show" ? await context.api().get<ShownSending>(`${COMPLIANCE}/sending`) : await context.api().send<ShownSending>("PUT", `${COMPLIANCE}/sending`, { body: { on: verb === "on", reason: namedReason(context) } });
    if (context.json) context.terminal.json(sending);
    else printSending(sending, context);
    return verb === "show" && !sending.on ? exitCodes.finding : exitCodes.ok;
  },
};
