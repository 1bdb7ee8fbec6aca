import { randomBytes } from "node:crypto";
import { resolve } from "node:path";
import { parseSettings, text as textOf, type TextKey } from "@caudal/runtime";
import type { Simulation, SimulationCounters, SimulationResult } from "@caudal/simulator";
import type { Command, CommandContext } from "../commandline/command.ts";
import { CommandFailure } from "../commandline/command-failure.ts";
import { durationText } from "../commandline/duration-text.ts";
import { exitCodes } from "../commandline/exit-codes.ts";
import { installationSettings } from "../settings.ts";
import type { SimulationPlan } from "../simulate/plan.ts";

const flagTexts = {
  "--truth DIR": "simulate.help.truth", "--seed TEXT": "simulate.help.seed", "--devices N": "simulate.help.devices", "--kinds LIST": "simulate.help.kinds",
  "--interval 15m": "simulate.help.interval", "--rate N/s": "simulate.help.rate", "--from TIME": "simulate.help.from", "--messages N, --for 10m": "simulate.help.bounds",
  "--over mqtt,http,drop": "simulate.help.over", "--mqtt-url URL": "simulate.help.mqtt-url", "--drop FOLDER": "simulate.help.drop", "--client CLIENT": "simulate.help.client",
  "--troubles LIST": "simulate.help.troubles",
} as const satisfies Record<string, TextKey>;

const SHOW_EVERY_MS = 250;
const CLIENT = "simulation";
/** A dropped file of a device that nobody knows belongs to this one. */
const DROP_CLIENT = "default";

/** Sends a seeded fleet to an installation and writes the truth of it. */
export const simulate: Command = {
  name: "simulate",
  usage: "--truth DIR [--seed TEXT] [--devices N] [--kinds LIST] [--rate N/s] [--interval 15m] [--from TIME] [--messages N | --for 10m] [--over mqtt,http,drop] [--mqtt-url URL] [--drop FOLDER] [--client CLIENT] [--troubles all|none|LIST]",
  spec: { values: ["--truth", "--seed", "--devices", "--kinds", "--rate", "--interval", "--from", "--messages", "--for", "--over", "--mqtt-url", "--drop", "--client", "--troubles"] },
  flagHelp: async (language) => Object.entries(flagTexts).map(([flag, key]) => ({ flag, text: textOf(language, key) })),
  async run(context) {
    const { arguments: { flags }, env, say, usageError, terminal, json } = context;
    const { "--truth": truth, "--seed": seed = randomBytes(4).toString("hex") } = flags;
    if (truth === undefined) throw usageError(say("simulate.no-truth"));
    const [{ runSimulation, TruthFolderNotEmpty }, { simulationPlan }, { destinationsOf }, { isClientId }] = await Promise.all([
      import("@caudal/simulator"), import("../simulate/plan.ts"), import("../simulate/destinations.ts"), import("@caudal/collector"),
    ]);
    const drops = flags["--drop"] !== undefined || (flags["--over"]?.includes("drop") ?? false);
    const client = flags["--client"] ?? (drops ? DROP_CLIENT : CLIENT);
    if (!isClientId(client)) throw usageError(say("tokens.bad-client", { client }));
    const plan = simulationPlan(context, { nowUs: Date.now() * 1000, seed, client });
    const destinations = await destinationsOf(context, parseSettings(installationSettings, { env, flags }));
    const truthDir = resolve(truth);
    const simulation = runSimulation({ ...plan, destinations, truthDir });
    const result = await followed(simulation, plan, context).catch((error: unknown) => {
      throw error instanceof TruthFolderNotEmpty ? new CommandFailure("bad-request", say("simulate.truth-not-empty", { folder: truthDir }), { next: say("simulate.truth-not-empty.next"), cause: error }) : error;
    });
    if (json) terminal.json({ seed, truth: truthDir, client, devices: plan.fleet.devices, ...result });
    else summary(result, { seed, truthDir }, context);
    if (result.unknown > 0 && result.acknowledged === 0) return exitCodes.unavailable;
    return result.unknown === 0 && result.refusals.length === 0 ? exitCodes.ok : exitCodes.finding;
  },
};

/** To the end, or to a signal: the first one sends nothing new, the second ends at once. */
async function followed(simulation: Simulation, plan: SimulationPlan, { terminal, say, signals }: CommandContext): Promise<SimulationResult> {
  let asked = 0;
  const stop = (): void => (++asked === 1 ? simulation.stop() : simulation.end());
  signals.on("SIGINT", stop).on("SIGTERM", stop);
  const startedMs = performance.now();
  const timer = setInterval(() => terminal.status(progress(simulation.counters(), { plan, tookMs: performance.now() - startedMs, say })), SHOW_EVERY_MS);
  try {
    return await simulation.done;
  } finally {
    clearInterval(timer);
    terminal.status("");
    signals.off("SIGINT", stop).off("SIGTERM", stop);
  }
}

function progress(counters: SimulationCounters, { plan: { messages, forMs }, tookMs, say }: { plan: SimulationPlan; tookMs: number; say: CommandContext["say"] }): string {
  const { sent, acknowledged, refused, unknown, perSecond, simulatedUs } = counters;
  const settled = acknowledged + refused;
  const leftS = messages !== undefined && perSecond > 0 ? (messages - settled) / perSecond : forMs === undefined ? undefined : (forMs - tookMs) / 1000;
  return [
    messages === undefined ? say("simulate.sent", { sent }) : `${settled} / ${messages} (${Math.floor((100 * settled) / messages)} %)`,
    `${perSecond < 10 ? perSecond.toFixed(1) : Math.round(perSecond)}/s`,
    say("simulate.unknown", { unknown }),
    new Date(simulatedUs / 1000).toISOString(),
    ...(leftS === undefined ? [] : [say("cli.job-left", { time: durationText(leftS) })]),
  ].join(" · ");
}

function summary(result: SimulationResult, { seed, truthDir }: { seed: string; truthDir: string }, { terminal, say }: CommandContext): void {
  const { sent, acknowledged, refused, unknown, sentAgain, tookMs, refusals } = result;
  terminal.line(say("simulate.summary", { sent, acknowledged, refused, unknown, again: sentAgain, time: durationText(tookMs / 1000), rate: Math.round((acknowledged * 1000) / Math.max(1, tookMs)) }));
  terminal.line(say("simulate.truth", { folder: truthDir, seed }));
  for (const why of refusals) terminal.complain(say("simulate.refused", { why }));
}
