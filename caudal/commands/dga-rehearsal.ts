import type { ForgetPlan } from "@caudal/compliance";
import { silentLogger, systemClock, type JobView } from "@caudal/runtime";
import { CommandFailure } from "../commandline/command-failure.ts";
import type { Command, CommandContext } from "../commandline/command.ts";
import { exitCodes } from "../commandline/exit-codes.ts";
import { followJob, jobHere } from "../commandline/follow-job.ts";
import { COMPLIANCE } from "./dga-named.ts";

/** Who did it where no installation runs, as the versions of works and the switch say it. */
const AUTHOR = "caudal dga forget-rehearsal";

/** Exit code 1 where it only told what it would do and was not asked to only tell. */
export const dgaForgetRehearsal: Command = {
  name: "dga forget-rehearsal",
  usage: "[--dry-run] [--yes]",
  spec: { switches: ["--dry-run", "--yes"] },
  async run(context) {
    const { reachable, json, terminal, arguments: { flags } } = context;
    const isPlan = flags["--dry-run"] !== undefined || flags["--yes"] === undefined;
    const report = await (reachable ? asked(context, isPlan) : here(context, isPlan));
    if (json) terminal.json({ forgotten: !isPlan, ...report });
    else print(context, report, isPlan);
    return isPlan && flags["--dry-run"] === undefined ? exitCodes.finding : exitCodes.ok;
  },
};

async function asked(context: CommandContext, isPlan: boolean): Promise<ForgetPlan> {
  const plan = await context.api().get<ForgetPlan>(`${COMPLIANCE}/rehearsal`);
  mustBeRehearsal(plan, context);
  if (isPlan) return plan;
  return (await followJob(context, COMPLIANCE, await context.api().send<JobView>("POST", `${COMPLIANCE}/rehearsal/forget`))).result as unknown as ForgetPlan;
}

/** On an installation that does not run. */
async function here(context: CommandContext, isPlan: boolean): Promise<ForgetPlan> {
  const [{ parseAllSettings }, { openPorts }, { placeMark }, { forgetRehearsal, planForgetting }] = await Promise.all([
    import("../composition/all-settings.ts"), import("../composition/open-ports.ts"), import("../composition/place-mark.ts"), import("@caudal/compliance"),
  ]);
  const { dataDirectory, env, arguments: { flags } } = context;
  const { choices, installation } = parseAllSettings({ env, flags });
  const ports = await openPorts(["documents"], { dataDirectory, choices, settings: installation, logger: silentLogger });
  try {
    const options = { documents: ports.documents, nowUs: () => systemClock.nowUs() };
    const plan = await planForgetting(options);
    mustBeRehearsal(plan, context);
    if (isPlan) return plan;
    const instanceId = await placeMark({ dataDirectory, documents: choices.documents });
    return (await jobHere(context, "forget-rehearsal", ({ progress }) => forgetRehearsal({ ...options, instanceId, by: AUTHOR, progress }))).result as unknown as ForgetPlan;
  } finally {
    await ports.close();
  }
}

function mustBeRehearsal({ audience }: ForgetPlan, { say }: CommandContext): void {
  if (audience === "live") throw new CommandFailure("setting", say("dga.forget-live"), { next: say("dga.forget-live.next") });
}

function print({ terminal, say }: CommandContext, { counts, works }: ForgetPlan, isPlan: boolean): void {
  terminal.line(say(isPlan ? "dga.forget-would" : "dga.forget-did"));
  terminal.table(Object.entries(counts).map(([what, count]) => [what, String(count)]));
  if (works.length > 0) terminal.line(say("dga.forget-works", { works: works.join(", ") }));
  terminal.line(say(isPlan ? "dga.forget-next" : "dga.forgot-next"));
}
