import type { Command, CommandContext } from "../commandline/command.ts";
import { durationText } from "../commandline/duration-text.ts";
import { exitCodes } from "../commandline/exit-codes.ts";
import { COMPLIANCE, regulatorTime } from "./dga-named.ts";
import { printSending, type ShownSending } from "./dga-status.ts";

/** What waits, as the API tells it. */
export interface Plan {
  readonly at: string;
  readonly sending: boolean;
  readonly total: number;
  readonly doneAt: string | null;
  readonly works: readonly { readonly work: string; readonly waiting: number; readonly oldest: string; readonly next: { readonly slot: string; readonly dueAt: string } | null; readonly doneAt: string | null; readonly stopped: string | null }[];
}

/** How long until the end. */
export const leftOf = ({ at, doneAt }: Pick<Plan, "at"> & { readonly doneAt: string | null }): string => (doneAt === null ? "-" : durationText((Date.parse(doneAt) - Date.parse(at)) / 1000));

/** Exit code 1 while something waits that nobody can say the end of. */
export const dgaPlan: Command = {
  name: "dga plan",
  usage: "",
  spec: {},
  async run(context) {
    const { api, json, terminal, say } = context;
    const plan = await api().get<Plan>(`${COMPLIANCE}/plan`);
    if (json) terminal.json(plan);
    else {
      if (plan.works.length > 0) {
        terminal.table([(["work", "waiting", "oldest", "send", "done"] as const).map((name) => say(`dga.column.${name}`)), ...plan.works.map(({ work, waiting, oldest, next, doneAt, stopped }) => [
          work, String(waiting), regulatorTime(oldest), stopped === null ? regulatorTime(next?.dueAt ?? null) : say("dga.stopped", { reason: stopped.slice(0, 60) }), doneAt === null ? "-" : `${regulatorTime(doneAt)} (${leftOf({ at: plan.at, doneAt })})`,
        ])]);
      }
      terminal.line(totalText(plan, say));
      if (!plan.sending) printSending(await api().get<ShownSending>(`${COMPLIANCE}/sending`), context);
    }
    return plan.total > 0 && plan.doneAt === null ? exitCodes.finding : exitCodes.ok;
  },
};

function totalText(plan: Plan, say: CommandContext["say"]): string {
  const { total, works, doneAt } = plan;
  if (total === 0) return say("dga.plan-empty");
  return doneAt === null ? say("dga.plan-open", { total, works: works.length }) : say("dga.plan-total", { total, works: works.length, time: regulatorTime(doneAt), left: leftOf(plan) });
}
