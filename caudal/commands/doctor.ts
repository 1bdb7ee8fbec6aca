import type { Command, CommandContext } from "../commandline/command.ts";
import { exitCodes } from "../commandline/exit-codes.ts";
import type { Finding } from "../doctor/finding.ts";

/** In the order that a person reads them; each loads what it needs when it runs. */
const examinations: readonly ((context: CommandContext) => Promise<readonly Finding[]>)[] = [
  async ({ say }) => [{ check: "node", ok: true, text: say("doctor.node", { version: process.versions.node }) }],
  async (context) => (await import("../doctor/settings.ts")).examineSettings(context),
  async (context) => (await import("../doctor/data-folder.ts")).examineDataFolder(context),
  async (context) => (await import("../doctor/engines.ts")).examineEngines(context),
  async (context) => (await import("../doctor/schemas.ts")).examineSchemas(context),
  async (context) => (await import("../doctor/stored.ts")).examineStored(context),
  async (context) => (await import("../doctor/conservation.ts")).examineConservation(context),
  async (context) => (await import("../doctor/installation.ts")).examineInstallation(context),
];

export const doctor: Command = {
  name: "doctor",
  usage: "[--engines] | --repair [--dry-run] [--skip]",
  spec: { switches: ["--engines", "--repair", "--dry-run", "--skip"] },
  async run(context) {
    const { json, terminal, arguments: { flags } } = context;
    if (flags["--repair"] !== undefined) return (await import("../doctor/repair.ts")).repairStored(context);
    const findings: Finding[] = [];
    for (const examine of examinations) findings.push(...(await examine(context)));
    if (json) terminal.json({ findings });
    else for (const { ok, text } of findings) terminal.line(`${ok ? terminal.paint("green", "✓") : terminal.paint("red", "✗")} ${text}`);
    return findings.every(({ ok }) => ok) ? exitCodes.ok : exitCodes.finding;
  },
};
