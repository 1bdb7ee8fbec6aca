import { access } from "node:fs/promises";
import type { InstallationTiers, PackReport, TierJob, TierReport, TierStanding, TierWork } from "@caudal/archiver";
import { systemScope } from "@caudal/core";
import { createMetrics, Problem, silentLogger, systemClock, type JobView } from "@caudal/runtime";
import type { Command, CommandContext } from "../commandline/command.ts";
import { CommandFailure } from "../commandline/command-failure.ts";
import { exitCodes } from "../commandline/exit-codes.ts";
import { followJob, jobHere } from "../commandline/follow-job.ts";

const BASE = "/api/v1/archiver";
/** Where nothing runs, nobody makes a group go on: it is not waited for. */
const WAIT_MS = 0;
const filterFlags = ["tier", "client", "point", "from", "to"] as const;

/** Does the work in this process, on an installation that does not run. */
async function withWork<T>({ dataDirectory, env, say, arguments: { flags } }: CommandContext, work: (work: TierWork) => Promise<T>): Promise<T> {
  const [{ parseAllSettings }, { openPorts }, { tierBytesOf }, { createTierWork }, { Codec }] = await Promise.all([
    import("../composition/all-settings.ts"), import("../composition/open-ports.ts"), import("../composition/tier-bytes.ts"), import("@caudal/archiver"), import("@caudal/schemas"),
  ]);
  const { choices, installation } = parseAllSettings({ env, flags });
  if (choices.log.kind === "embedded") {
    await access(dataDirectory).catch(() => {
      throw new CommandFailure("unavailable", say("tiers.no-folder", { path: dataDirectory }), { next: say("tiers.no-folder.next") });
    });
  }
  const ports = await openPorts(["registry", "log", "documents", "hot", "warm", "cold"], { dataDirectory, choices, settings: installation, logger: silentLogger });
  try {
    const { log, documents, hot, warm, cold, registry } = ports;
    const codec = await Codec.open(registry);
    return await work(createTierWork({
      tiers: { hot, warm, cold }, log, codec, documents, clock: systemClock, logger: silentLogger, metrics: createMetrics({ process: false }), waitMs: WAIT_MS, bytes: tierBytesOf({ dataDirectory, choices }),
    }));
  } finally {
    await ports.close();
  }
}

const dash = (value: string | number | null): string => (value === null ? "-" : String(value));

function standingRow({ tier, keepsDays, points, oldestDay, newestDay, dueDays, bytes, packing, checks }: TierStanding, say: CommandContext["say"]): string[] {
  return [
    tier, keepsDays === null ? say("tiers.for-ever") : say("tiers.days", { days: keepsDays }), say("tiers.points", { points }), `${dash(oldestDay)} … ${dash(newestDay)}`,
    packing === null ? say("tiers.due", { days: dueDays }) : say("tiers.packing", { ...packing }), bytes === null ? "-" : `${bytes} B`, checks === null ? "" : say("tiers.checks", { ...checks, verifiedAt: checks.verifiedAt ?? "-" }),
  ];
}

export const tiersStatus: Command = {
  name: "tiers status",
  usage: "",
  spec: {},
  async run(context) {
    const { reachable, api, json, terminal, say } = context;
    const status = reachable ? await api().get<InstallationTiers>(`${BASE}/tiers`) : await withWork(context, (work) => work.status(systemScope));
    if (json) terminal.json(status);
    else {
      terminal.table(status.tiers.map((standing) => standingRow(standing, say)));
      if (status.looked < status.points) terminal.line(say("tiers.looked", { looked: status.looked, points: status.points }));
    }
    return exitCodes.ok;
  },
};

/** What the flags ask for, as the API takes it. */
function bodyOf({ arguments: { flags } }: CommandContext): Record<string, unknown> {
  const asked = filterFlags.map((name) => [name, flags[`--${name}`]] as const).filter(([, value]) => value !== undefined);
  return { ...Object.fromEntries(asked), ...(flags["--dry-run"] === undefined ? {} : { dryRun: true }) };
}

async function here(context: CommandContext, job: TierJob, body: Record<string, unknown>): Promise<JobView> {
  const { tierBodySchema, requestOf } = await import("@caudal/archiver");
  const { language, usageError } = context;
  const parsed = tierBodySchema.safeParse(body);
  if (!parsed.success) throw usageError(parsed.error.issues.map(({ path, message }) => `--${path.join(".")}: ${message}`).join("; "));
  try {
    const request = requestOf(parsed.data);
    return await withWork(context, (work) => jobHere(context, `tiers-${job}`, (run) => work.run(job, request, run)));
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    const { detail } = error.options;
    throw usageError(typeof detail === "object" ? detail[language] : (detail ?? error.message));
  }
}

function printReport({ terminal, say }: CommandContext, job: TierJob, { dryRun, tiers, different, unconfirmed, held }: TierReport): void {
  for (const counts of tiers) {
    terminal.line(say(job === "forget" ? (dryRun ? "tiers.would-forget" : "tiers.forgot") : job === "verify" || dryRun ? "tiers.verified" : "tiers.repaired", { ...counts }));
    if (counts.conflicts > 0) terminal.line(terminal.paint("red", `  ${say("tiers.conflicts", { ...counts })}`));
    if (counts.unconfirmed > 0) terminal.line(terminal.paint("yellow", `  ${say("tiers.unconfirmed", { ...counts })}`));
    if (counts.expired > 0) terminal.line(`  ${say("tiers.expired", { ...counts })}`);
  }
  terminal.table([
    ...different.map(({ tier, client, point, day, differences }) => [tier, client, point, day, say("tiers.differences", { differences })]),
    ...unconfirmed.map(({ holder, client, point, instant, variable, value, log }) => [holder, client, point, instant, `${variable} ${dash(value)} (${log})`]),
    ...held.map(({ tier, client, point, day, why }) => [tier, client, point, day, why]),
  ]);
}

function tierCommand(job: TierJob, isFinding: (report: TierReport) => boolean): Command {
  const dryRun = job === "verify" ? "" : " [--dry-run]";
  return {
    name: `tiers ${job}`,
    usage: `[--tier hot|warm] [--client CLIENT] [--point POINT] [--from DAY] [--to DAY]${dryRun}`,
    // Verifying changes nothing, with or without the word.
    spec: { values: filterFlags.map((name) => `--${name}`), switches: ["--dry-run"] },
    async run(context) {
      const { reachable, api, json, terminal } = context;
      const body = bodyOf(context);
      const view = reachable ? await followJob(context, BASE, await api().send<JobView>("POST", `${BASE}/tiers/${job}`, { body })) : await here(context, job, body);
      const report = view.result as TierReport;
      if (json) terminal.json(report);
      else printReport(context, job, report);
      return isFinding(report) ? exitCodes.finding : exitCodes.ok;
    },
  };
}

export const tiersPack: Command = {
  name: "tiers pack",
  usage: "[--client CLIENT] [--point POINT] [--whole] [--dry-run]",
  spec: { values: ["--client", "--point"], switches: ["--whole", "--dry-run"] },
  async run(context) {
    const { reachable, api, json, terminal, say, arguments: { flags } } = context;
    const body = { ...bodyOf(context), ...(flags["--whole"] === undefined ? {} : { whole: true }) };
    const view = reachable
      ? await followJob(context, BASE, await api().send<JobView>("POST", `${BASE}/tiers/pack`, { body }))
      : await withWork(context, (work) => jobHere(context, "tiers-pack", (run) => work.pack(body, run)));
    const report = view.result as PackReport;
    const { dryRun, ...counts } = report;
    if (json) terminal.json(report);
    else terminal.line(say(dryRun ? "tiers.would-pack" : "tiers.packed", counts));
    if (report.damaged > 0) terminal.line(terminal.paint("red", say("tiers.pack-damaged", counts)));
    return report.damaged > 0 ? exitCodes.finding : exitCodes.ok;
  },
};

const some = (report: TierReport, ...counts: readonly ("differences" | "conflicts" | "held")[]): boolean => report.tiers.some((tier) => counts.some((name) => tier[name] > 0)) || report.held.length > 0;

export const tiersVerify = tierCommand("verify", (report) => some(report, "differences"));
export const tiersRepair = tierCommand("repair", (report) => some(report, "conflicts", ...(report.dryRun ? (["differences"] as const) : [])));
export const tiersForget = tierCommand("forget", (report) => some(report, "conflicts", "held"));
