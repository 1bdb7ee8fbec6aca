import { createLogger } from "@caudal/runtime";
import type { Command } from "../commandline/command.ts";
import { CommandFailure } from "../commandline/command-failure.ts";
import { exitCodes } from "../commandline/exit-codes.ts";
import { watchStopSignals } from "../commandline/stop-signals.ts";
import type { ExposedWithoutToken } from "../composition/exposure.ts";

const STOP_BUDGET_MS = 20_000;

/** `caudal SERVICE`: one service in a process of its own, as a fleet runs it. */
function serviceCommand(name: string): Command {
  return {
    name,
    usage: "[--data DIR] [--http [HOST:]PORT] [--engines] [--log-level LEVEL] [--json]",
    spec: { values: ["--http", "--mqtt", "--drop", "--log-level"], switches: ["--engines"] },
    async run(context) {
      const { arguments: { flags }, env, dataDirectory, json, terminal, say } = context;
      const startedMs = performance.now();
      const signals = watchStopSignals({ source: context.signals, monotonicMs: () => performance.now(), onImpatience: () => process.exit(exitCodes.interrupted) });
      try {
        const [{ parseAllSettings }, { startService }, { serviceTable }] = await Promise.all([
          import("../composition/all-settings.ts"), import("../fleet/start-service.ts"), import("../fleet/service-table.ts"),
        ]);
        const settings = parseAllSettings({ env, flags });
        const service = serviceTable.find((row) => row.name === name)!;
        const logger = createLogger({ level: settings.installation.logLevel, destination: terminal.log, color: terminal.colour }).child({ service: name });
        const running = await startService({ service, dataDirectory, settings, logger }).catch((error: unknown) => {
          if (!(error instanceof Error && "listener" in error)) throw error;
          const { what, host } = (error as ExposedWithoutToken).listener;
          throw new CommandFailure("setting", say("up.exposed", { what, host }), { next: say("up.exposed.next"), cause: error });
        });
        const seconds = Math.round((performance.now() - startedMs) / 100) / 10;
        const { url, engines } = running;
        if (json) terminal.json({ pid: process.pid, service: name, seconds, url, engines });
        else {
          terminal.line(terminal.paint("bold", say("service.ready", { service: name, seconds: seconds.toFixed(1), url })));
          terminal.line(`${say("up.engines")}: ${Object.entries(engines).map(([port, engine]) => `${port} ${engine}`).join(", ")}`);
        }
        await signals.asked;
        if (!json) terminal.line(say("up.stopping"));
        const { tookMs } = await running.stop(STOP_BUDGET_MS);
        if (!json) terminal.line(say("up.stopped", { seconds: (tookMs / 1000).toFixed(1) }));
        return exitCodes.ok;
      } finally {
        signals.release();
      }
    },
  };
}

export const collector = serviceCommand("collector");
export const processor = serviceCommand("processor");
export const archiver = serviceCommand("archiver");
export const analytics = serviceCommand("analytics");
export const business = serviceCommand("business");
export const compliance = serviceCommand("compliance");
export const web = serviceCommand("web");
