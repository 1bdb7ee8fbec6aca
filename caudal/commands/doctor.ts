import { access, constants, mkdir, statfs } from "node:fs/promises";
import { checkSchemas, readSchemaFiles } from "@caudal/schemas";
import type { Command, CommandContext } from "../commandline/command.ts";
import { exitCodes } from "../commandline/exit-codes.ts";

/** One thing that was looked at. */
interface Finding {
  readonly check: string;
  readonly ok: boolean;
  readonly text: string;
}

const LOW_BYTES = 1_000_000_000;

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}

async function dataFolder({ dataDirectory: path, say }: CommandContext): Promise<Finding> {
  try {
    await mkdir(path, { recursive: true });
    await access(path, constants.W_OK);
    const { bavail, bsize } = await statfs(path);
    const low = bavail * bsize < LOW_BYTES;
    return { check: "data", ok: !low, text: say(low ? "doctor.low-disk" : "doctor.data", { path, free: gigabytes(bavail * bsize) }) };
  } catch (error) {
    return { check: "data", ok: false, text: say("doctor.data-not-writable", { path, why: error instanceof Error ? error.message : String(error) }) };
  }
}

function schemas({ say }: CommandContext): Finding {
  const count = checkSchemas().length;
  return count === 0 ? { check: "schemas", ok: true, text: say("doctor.schemas", { count: readSchemaFiles().length }) } : { check: "schemas", ok: false, text: say("doctor.schema-findings", { count }) };
}

async function installation({ running, api, say }: CommandContext): Promise<Finding[]> {
  if (running === undefined) return [{ check: "running", ok: true, text: say("doctor.not-running") }];
  const up: Finding = { check: "running", ok: true, text: say("doctor.running", { pid: running.pid, url: running.http }) };
  const response = await fetch(new URL("/readyz", api().baseUrl)).catch(() => undefined);
  const report = (await response?.json().catch(() => undefined)) as { components?: { name: string; status: string; detail?: string }[] } | undefined;
  const failing = (report?.components ?? []).filter(({ status }) => status !== "ok").map(({ name, detail }) => (detail === undefined ? name : `${name} (${detail})`));
  if (response?.ok === true) return [up, { check: "ready", ok: true, text: say("doctor.ready") }];
  return [up, { check: "ready", ok: false, text: say("doctor.not-ready", { why: failing.join(", ") || `HTTP ${response?.status ?? "-"}` }) }];
}

export const doctor: Command = {
  name: "doctor",
  usage: "",
  async run(context) {
    const { json, terminal, say } = context;
    const node: Finding = { check: "node", ok: true, text: say("doctor.node", { version: process.versions.node }) };
    const findings = [node, await dataFolder(context), schemas(context), ...(await installation(context))];
    if (json) terminal.json({ findings });
    else for (const { ok, text } of findings) terminal.line(`${ok ? terminal.paint("green", "✓") : terminal.paint("red", "✗")} ${text}`);
    return findings.every(({ ok }) => ok) ? exitCodes.ok : exitCodes.finding;
  },
};
