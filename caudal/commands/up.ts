import { CaudalError } from "@caudal/core";
import { createLogger } from "@caudal/runtime";
import type { Command, CommandContext } from "../commandline/command.ts";
import { exitCodes } from "../commandline/exit-codes.ts";
import { forgetRunning, noteRunning } from "../commandline/running-instance.ts";
import { wasDemoCleared, forgetDemoCleared } from "../demo/demo-note.ts";
import type { Installation } from "../composition/one-process.ts";
import type { Settings } from "../composition/all-settings.ts";
import { startStatusLine } from "../status/status-line.ts";

const STOP_BUDGET_MS = 4500;

/** A person's word counts; without one the demo plays until it was cleared, and only where our own broker can take it. */
function demoWanted({ installation: { demo }, collector }: Settings, dataDirectory: string): boolean {
  if (collector.mqtt.kind !== "broker") return false;
  return demo ?? !wasDemoCleared(dataDirectory);
}

function stopAsked(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => resolve());
  });
}

async function tell({ terminal, say }: CommandContext, installation: Installation, took: { seconds: string }, asked: Settings): Promise<void> {
  const { engines, send, urls } = await installation.status();
  const http = Number(new URL(urls.page).port);
  const moved = [
    { what: "HTTP", asked: asked.installation.http.port, port: http },
    ...(urls.mqtt !== null && asked.collector.mqtt.kind === "broker" ? [{ what: "MQTT", asked: asked.collector.mqtt.listen.port, port: Number(new URL(urls.mqtt).port) }] : []),
  ];
  for (const row of moved) if (row.asked !== 0 && row.asked !== row.port) terminal.line(terminal.paint("yellow", say("up.moved", { ...row, owner: "" })));
  terminal.line(terminal.paint("bold", say("up.ready", took)));
  terminal.line(`${say("up.engines")}: ${Object.entries(engines).map(([port, engine]) => `${port} ${engine}`).join(", ")}`);
  const demo = installation.demo?.status();
  if (demo !== undefined) terminal.line(say("up.demo", { devices: demo.devices }));
  terminal.line("");
  terminal.line(`${say("up.dashboard")}: ${terminal.paint("cyan", urls.page)}`);
  terminal.line(`${say("up.send")}:`);
  for (const line of [send.npx, send.mosquitto_pub, send.curl]) if (line !== null) terminal.line(`  ${line}`);
  terminal.line("");
}

export const up: Command = {
  name: "up",
  usage: "[--data DIR] [--http [HOST:]PORT] [--mqtt [HOST:]PORT|off|URL,…] [--no-demo] [--adopt auto|ask] [--log-level LEVEL]",
  spec: { values: ["--http", "--mqtt", "--demo", "--adopt", "--log-level"], switches: ["--no-demo"] },
  async run(context) {
    const startedMs = performance.now();
    const { arguments: { positionals, flags }, env, dataDirectory, running, terminal, say } = context;
    if (positionals.length > 0) throw new CaudalError("bad-request", `caudal ${up.name} ${up.usage}`);
    if (running !== undefined) throw new CaudalError("in-use", `the data folder ${dataDirectory} belongs to process ${running.pid} at ${running.http}`);
    // Here and not above: the other commands start without loading the services.
    const [{ parseAllSettings }, { startOneProcess }] = await Promise.all([import("../composition/all-settings.ts"), import("../composition/one-process.ts")]);
    const settings = parseAllSettings({ env, flags: { ...flags, ...(flags["--no-demo"] === undefined ? {} : { "--demo": "off" }) } });
    if (settings.installation.demo === true) forgetDemoCleared(dataDirectory);
    const stopping = stopAsked();
    const logger = createLogger({ level: settings.installation.logLevel });
    const installation = await startOneProcess({ dataDirectory, settings, logger, demo: demoWanted(settings, dataDirectory) });
    const { page, mqtt } = installation.urls();
    noteRunning(dataDirectory, { pid: process.pid, http: page, mqtt });
    await tell(context, installation, { seconds: ((performance.now() - startedMs) / 1000).toFixed(1) }, settings);
    const endStatus = startStatusLine({ terminal, say, read: installation.status, fleet: () => installation.demo?.status(), nowMs: () => Date.now() });
    await stopping;
    endStatus();
    terminal.line(say("up.stopping"));
    const { tookMs } = await installation.stop(STOP_BUDGET_MS);
    forgetRunning(dataDirectory);
    terminal.line(say("up.stopped", { seconds: (tookMs / 1000).toFixed(1) }));
    return exitCodes.ok;
  },
};
