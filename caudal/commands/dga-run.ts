import { systemSleep } from "@caudal/runtime";
import type { Command, CommandContext } from "../commandline/command.ts";
import { exitCodes } from "../commandline/exit-codes.ts";
import { COMPLIANCE, namedWork, regulatorTime } from "./dga-named.ts";
import { dgaPlan, leftOf, type Plan } from "./dga-plan.ts";
import { printSending, type ShownSending } from "./dga-status.ts";

interface Run {
  readonly sending: boolean;
  readonly waiting: number;
  readonly sent: Readonly<Record<string, number>>;
  readonly withoutCredentials: readonly string[];
  readonly failed: readonly { readonly work: string; readonly message: string }[];
}

/** A centre is left after half a minute, and rounds run one after the other. */
export const RUN_MS = 300_000;
const LOOK_EVERY_MS = 2000;
const LONGEST_REST_MS = 30_000;

export const dgaRun: Command = {
  name: "dga run",
  usage: "[WORK] [--watch | --dry-run]",
  spec: { switches: ["--watch", "--dry-run"], words: 1 },
  async run(context) {
    const { arguments: { positionals: [name], flags } } = context;
    if (flags["--dry-run"] !== undefined) return dgaPlan.run(context);
    const body = name === undefined ? {} : { work: namedWork(name, context).work };
    if (flags["--watch"] !== undefined) return watch(context, body);
    const round = await once(context, body);
    if (context.json) context.terminal.json(round);
    else await print(round, context);
    return ended(round);
  },
};

function once({ api }: Pick<CommandContext, "api">, body: object): Promise<Run> {
  return api().send<Run>("POST", `${COMPLIANCE}/run`, { body, timeoutMs: RUN_MS });
}

function countOf({ sent }: Run, ...names: readonly string[]): number {
  return names.reduce((sum, name) => sum + (sent[name] ?? 0), 0);
}

/** On the wire, whatever came of it. */
function summed(round: Run): { readonly accepted: number; readonly refused: number; readonly unknown: number; readonly sent: number } {
  const [accepted, refused, unknown] = [countOf(round, "accepted", "duplicate", "accepted-no-voucher"), countOf(round, "refused", "refused-for-good"), countOf(round, "unknown")];
  return { accepted, refused, unknown, sent: accepted + refused + unknown };
}

async function print(round: Run, context: CommandContext): Promise<void> {
  const { terminal, say, api } = context;
  terminal.line(say("dga.ran", { ...summed(round), waiting: round.waiting }));
  for (const work of round.withoutCredentials) terminal.line(terminal.paint("yellow", say("dga.no-credentials", { work })));
  for (const { work, message } of round.failed) terminal.line(terminal.paint("red", `${work}: ${message}`));
  if (!round.sending) printSending(await api().get<ShownSending>(`${COMPLIANCE}/sending`), context);
}

function ended(round: Run): number {
  return !round.sending || round.withoutCredentials.length + round.failed.length + countOf(round, "refused", "refused-for-good", "unknown", "accepted-no-voucher") > 0 ? exitCodes.finding : exitCodes.ok;
}

/** Round after round until nothing waits, or nothing will go on by itself; Ctrl-C leaves off, the installation goes on by itself. */
async function watch(context: CommandContext, body: { readonly work?: string }): Promise<number> {
  const { api, json, terminal, say, signals } = context;
  const pressed = new AbortController();
  const stop = (): void => pressed.abort();
  signals.once("SIGINT", stop).once("SIGTERM", stop);
  let code: number = exitCodes.ok;
  let done = 0;
  try {
    for (;;) {
      const round = await once(context, body);
      done += summed(round).sent;
      if (summed(round).sent > 0 && json) terminal.json(round);
      code = Math.max(code, ended(round));
      const whole = await api().get<Plan>(`${COMPLIANCE}/plan`);
      const works = whole.works.filter(({ work }) => body.work === undefined || work === body.work);
      const waiting = works.reduce((sum, each) => sum + each.waiting, 0);
      const next = works.flatMap(({ next: at }) => (at === null ? [] : [at.dueAt])).sort()[0];
      if (waiting === 0 || !round.sending || next === undefined) {
        terminal.status("");
        if (!json) {
          await print({ ...round, waiting }, context);
          if (waiting === 0) terminal.line(say("dga.drained"));
        }
        return waiting === 0 ? code : exitCodes.finding;
      }
      const doneAt = works.some((each) => each.doneAt === null) ? null : (works.map((each) => each.doneAt ?? "").sort().at(-1) ?? null);
      terminal.status([say("dga.progress", { done, total: done + waiting }), ...(doneAt === null ? [] : [say("dga.left", { time: leftOf({ at: whole.at, doneAt }) })]), say("dga.next-at", { time: regulatorTime(next) })].join(" | "));
      const restMs = Math.min(LONGEST_REST_MS, Math.max(LOOK_EVERY_MS, Date.parse(next) - Date.parse(whole.at)));
      await systemSleep(restMs, pressed.signal).catch(() => undefined);
      if (pressed.signal.aborted) return exitCodes.interrupted;
    }
  } finally {
    terminal.status("");
    signals.off("SIGINT", stop).off("SIGTERM", stop);
  }
}
