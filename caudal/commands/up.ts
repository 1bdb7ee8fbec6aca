import { hasCode } from "@caudal/core";
import { createLogger } from "@caudal/runtime";
import type { Command, CommandContext } from "../commandline/command.ts";
import { CommandFailure } from "../commandline/command-failure.ts";
import { exitCodes } from "../commandline/exit-codes.ts";
import { findRunning, forgetRunning, noteRunning } from "../commandline/running-instance.ts";
import { watchStopSignals } from "../commandline/stop-signals.ts";
import type { Settings } from "../composition/all-settings.ts";
import type { ExposedWithoutToken } from "../composition/exposure.ts";
import type { Installation } from "../composition/one-process.ts";
import { forgetDemoCleared, wasDemoCleared } from "../demo/demo-note.ts";
import { printStart, startReport } from "../status/start-report.ts";
import { startStatusLine } from "../status/status-line.ts";

const STOP_BUDGET_MS = 4500;

/** A person's word counts; without one the demo plays until it was cleared, and only where our own broker can take it. */
function demoWanted({ installation: { demo }, collector }: Settings, { dataDirectory, terminal, say }: CommandContext): boolean {
  const broker = collector.mqtt.kind === "broker";
  if (demo === true && !broker) terminal.complain(say("up.demo-needs-broker"));
  return broker && (demo ?? !wasDemoCleared(dataDirectory));
}

function inUse({ say, dataDirectory }: CommandContext, { pid, http }: { pid: number; http: string }, cause?: unknown): CommandFailure {
  return new CommandFailure("in-use", say("up.folder-in-use", { folder: dataDirectory, pid, url: http }), { next: say("up.folder-in-use.next", { url: http }), cause });
}

/** Failures of the start that a person can mend, in their words; all else as it came. */
function explained(error: unknown, context: CommandContext): unknown {
  const { say, dataDirectory } = context;
  if (error instanceof Error && "listener" in error) {
    const { what, host } = (error as ExposedWithoutToken).listener;
    return new CommandFailure("setting", say("up.exposed", { what, host }), { next: say("up.exposed.next"), cause: error });
  }
  const running = hasCode(error, "in-use") ? findRunning(dataDirectory) : undefined;
  return running === undefined ? error : inUse(context, running, error);
}

async function start(context: CommandContext): Promise<{ settings: Settings; installation: Installation }> {
  const { arguments: { flags }, env, dataDirectory, running, terminal } = context;
  if (running !== undefined) throw inUse(context, running);
  // Here and not above: the other commands start without loading the services.
  const [{ parseAllSettings }, { startOneProcess }] = await Promise.all([import("../composition/all-settings.ts"), import("../composition/one-process.ts")]);
  const settings = parseAllSettings({ env, flags: { ...flags, ...(flags["--no-demo"] === undefined ? {} : { "--demo": "off" }) } });
  const logger = createLogger({ level: settings.installation.logLevel, destination: terminal.log, color: terminal.colour });
  try {
    return { settings, installation: await startOneProcess({ dataDirectory, settings, logger, demo: demoWanted(settings, context) }) };
  } catch (error) {
    throw explained(error, context);
  }
}

export const up: Command = {
  name: "up",
  usage: "[--data DIR] [--http [HOST:]PORT] [--mqtt [HOST:]PORT|off|URL,…] [--no-demo] [--demo on|off] [--adopt auto|ask] [--drop DIR] [--log-level LEVEL] [--engines] [--log|--registry|--hot|--warm|--cold|--documents|--archive|--live URL]",
  spec: {
    values: ["--http", "--mqtt", "--demo", "--adopt", "--drop", "--log-level", "--log", "--registry", "--hot", "--warm", "--cold", "--documents", "--archive", "--live", "--backups"],
    switches: ["--no-demo", "--engines"],
  },
  async flagHelp(language) {
    const { settingsSpecs } = await import("../composition/all-settings.ts");
    const rows = settingsSpecs.flatMap((spec) => Object.values(spec.rows));
    return rows.flatMap((row) => ("flag" in row ? [{ flag: `${row.flag}, ${row.env}`, text: row.doc[language] }] : []));
  },
  async run(context) {
    const startedMs = performance.now();
    const { dataDirectory, json, terminal, say } = context;
    const signals = watchStopSignals({ source: context.signals, monotonicMs: () => performance.now(), onImpatience: () => process.exit(exitCodes.interrupted) });
    try {
      const { settings, installation } = await start(context);
      if (settings.installation.demo === true) forgetDemoCleared(dataDirectory);
      const { page, mqtt } = installation.urls();
      noteRunning(dataDirectory, { pid: process.pid, http: page, mqtt });
      const report = await startReport(installation, { settings, dataDirectory, tookMs: performance.now() - startedMs });
      if (json) terminal.json(report);
      else printStart(report, context);
      const endStatus = json ? () => undefined : startStatusLine({ terminal, say, read: installation.status, fleet: () => installation.demo?.status(), nowMs: () => Date.now() });
      // The dashboard is there already: opening it must not wait for the demo's providers.
      const providers = await Promise.race([installation.demo?.openProviders(), signals.asked]);
      if (!json && typeof providers === "object") terminal.line(say("up.sandbox", { providers: providers.providers, devices: providers.devices, url: providers.url, command: installation.command("providers ls") }));
      await signals.asked;
      endStatus();
      if (!json) terminal.line(say("up.stopping"));
      const { tookMs } = await installation.stop(STOP_BUDGET_MS);
      forgetRunning(dataDirectory);
      if (!json) terminal.line(say("up.stopped", { seconds: (tookMs / 1000).toFixed(1) }));
      return exitCodes.ok;
    } finally {
      signals.release();
    }
  },
};
