import type { CommandContext } from "../commandline/command.ts";
import type { Finding } from "./finding.ts";

interface ReadyReport {
  readonly failing?: readonly string[];
}

const ANSWER_MS = 5000;

/** Whether one runs here, or at the address that was named, and what it says of itself. */
export async function examineInstallation({ running, reachable, api, say }: CommandContext): Promise<readonly Finding[]> {
  if (!reachable) return [{ check: "running", ok: true, text: say("doctor.not-running") }];
  const { baseUrl: url } = api();
  const response = await fetch(new URL("/readyz", url), { signal: AbortSignal.timeout(ANSWER_MS) }).catch(() => undefined);
  if (response === undefined) return [{ check: "running", ok: false, text: say("doctor.no-answer", { url }) }];
  const up: Finding = { check: "running", ok: true, text: running?.http === url ? say("doctor.running", { pid: running.pid, url }) : say("doctor.running-there", { url }) };
  const report = (await response.json().catch(() => ({}))) as ReadyReport;
  const failing = report.failing ?? [];
  const ready = response.ok;
  return [up, { check: "ready", ok: ready, text: ready ? say("doctor.ready") : say("doctor.not-ready", { why: failing.join(", ") || `HTTP ${response.status}` }) }];
}
