import type { Command, CommandContext } from "../commandline/command.ts";
import { exitCodes } from "../commandline/exit-codes.ts";
import { COMPLIANCE, namedWork } from "./dga-named.ts";
import { RUN_MS } from "./dga-run.ts";
import { printSending, type ShownSending } from "./dga-status.ts";

interface Verified {
  readonly sending: boolean;
  readonly asked: Readonly<Record<string, number>>;
  readonly left: boolean;
  readonly failed: readonly { readonly work: string; readonly message: string }[];
}

export const dgaVerify: Command = {
  name: "dga verify",
  usage: "[WORK]",
  spec: { words: 1 },
  async run(context) {
    const { api, json, terminal, say, arguments: { positionals: [name] } } = context;
    const body = name === undefined ? {} : { work: namedWork(name, context).work };
    const { asked, left, failed, sending } = await verifiedAll(context, body);
    const count = (what: string): number => asked[what] ?? 0;
    const checked = count("verified") + count("mismatch") + count("not-found") + count("unknown");
    if (json) terminal.json({ sending, asked, left, failed });
    else {
      terminal.line(say("dga.verified", { checked, verified: count("verified"), mismatch: count("mismatch"), notFound: count("not-found"), unknown: count("unknown") }));
      for (const { work, message } of failed) terminal.line(terminal.paint("red", `${work}: ${message}`));
      if (!sending) printSending(await api().get<ShownSending>(`${COMPLIANCE}/sending`), context);
    }
    return !sending || failed.length + count("mismatch") + count("not-found") + count("unknown") > 0 ? exitCodes.finding : exitCodes.ok;
  },
};

/** Round after round while more is left and every round answers something. */
async function verifiedAll({ api, terminal, say, signals }: CommandContext, body: { readonly work?: string }): Promise<Verified> {
  const pressed = new AbortController();
  const stop = (): void => pressed.abort();
  signals.once("SIGINT", stop).once("SIGTERM", stop);
  const asked: Record<string, number> = {};
  try {
    for (;;) {
      const round = await api().send<Verified>("POST", `${COMPLIANCE}/verify`, { body, timeoutMs: RUN_MS });
      for (const [what, count] of Object.entries(round.asked)) asked[what] = (asked[what] ?? 0) + count;
      const settled = (round.asked["verified"] ?? 0) + (round.asked["mismatch"] ?? 0) + (round.asked["not-found"] ?? 0);
      // Of one work a round asks for everything each time.
      if (!round.left || settled === 0 || body.work !== undefined || pressed.signal.aborted) return { ...round, asked };
      terminal.status(say("dga.verifying", { done: Object.values(asked).reduce((sum, count) => sum + count, 0) }));
    }
  } finally {
    terminal.status("");
    signals.off("SIGINT", stop).off("SIGTERM", stop);
  }
}
