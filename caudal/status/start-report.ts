import { portOwner } from "@caudal/runtime";
import type { CommandContext } from "../commandline/command.ts";
import type { Settings } from "../composition/all-settings.ts";
import type { Installation } from "../composition/one-process.ts";
import type { InstallationStatus } from "./installation-status.ts";

/** A default port that was taken, and the one used in its place. */
export interface MovedPort {
  readonly what: "HTTP" | "MQTT";
  readonly asked: number;
  readonly port: number;
  /** Process that has the default one, where that is known. */
  readonly ownerPid: number | null;
}

/** What a person or a program is told when Caudal has started. */
export interface StartReport extends Pick<InstallationStatus, "version" | "engines" | "urls" | "send"> {
  readonly pid: number;
  readonly seconds: number;
  readonly data: string;
  readonly moved: readonly MovedPort[];
  /** Devices of the demo; null when it does not play. */
  readonly demoDevices: number | null;
  /** The line that removes the demo. */
  readonly clearDemo: string;
}

export interface StartReportOptions {
  readonly settings: Settings;
  readonly dataDirectory: string;
  readonly tookMs: number;
}

async function movedPort(what: MovedPort["what"], asked: number, url: string): Promise<readonly MovedPort[]> {
  const port = Number(new URL(url).port || "80");
  return asked === 0 || asked === port ? [] : [{ what, asked, port, ownerPid: (await portOwner(asked)) ?? null }];
}

export async function startReport(installation: Installation, { settings, dataDirectory, tookMs }: StartReportOptions): Promise<StartReport> {
  const { version, engines, urls, send } = await installation.status();
  const { mqtt } = settings.collector;
  const moved = [
    ...(await movedPort("HTTP", settings.installation.http.port, urls.page)),
    ...(urls.mqtt === null || mqtt.kind !== "broker" ? [] : await movedPort("MQTT", mqtt.listen.port, urls.mqtt)),
  ];
  return {
    pid: process.pid, seconds: Math.round(tookMs / 100) / 10, version, data: dataDirectory, engines, urls, send, moved,
    demoDevices: installation.demo?.status()?.devices ?? null, clearDemo: installation.command("demo clear"),
  };
}

export function printStart({ seconds, data, engines, urls, send, moved, demoDevices, clearDemo }: StartReport, { terminal, say }: Pick<CommandContext, "terminal" | "say">): void {
  for (const { what, asked, port, ownerPid } of moved) {
    const owner = ownerPid === null ? "" : say("up.owner", { pid: ownerPid });
    terminal.line(terminal.paint("yellow", say("up.moved", { what, asked, port, owner })));
  }
  terminal.line(terminal.paint("bold", say("up.ready", { seconds: seconds.toFixed(1) })));
  terminal.line(`${say("up.engines")}: ${Object.entries(engines).map(([port, engine]) => `${port} ${engine}`).join(", ")}`);
  terminal.line(`${say("up.data")}: ${data}`);
  if (demoDevices !== null) terminal.line(say("up.demo", { devices: demoDevices, command: clearDemo }));
  terminal.line("");
  terminal.line(`${say("up.dashboard")}: ${terminal.paint("cyan", urls.page)}`);
  terminal.line(`${say("up.send")}:`);
  for (const line of [send.npx, send.mosquitto_pub, send.curl]) if (line !== null) terminal.line(`  ${line}`);
  terminal.line("");
}
