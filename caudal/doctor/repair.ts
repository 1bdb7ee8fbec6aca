import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import type { RepairLine, RepairReport } from "@caudal/archiver";
import { createMetrics, silentLogger, systemClock, type JobView } from "@caudal/runtime";
import type { CommandContext } from "../commandline/command.ts";
import { exitCodes } from "../commandline/exit-codes.ts";
import { followJob, jobHere } from "../commandline/follow-job.ts";

const BASE = "/api/v1/archiver";

/** What was done to a file before its store could be opened. */
interface FileLine {
  readonly store: string;
  readonly place: string;
  readonly detail: string;
  readonly action: RepairLine["action"] | "move-aside";
  readonly outcome: RepairLine["outcome"];
  readonly next: RepairLine["next"];
  readonly to?: string;
}

interface Report {
  readonly dryRun: boolean;
  readonly lines: readonly FileLine[];
}

/** Mends what is damaged: the running installation by a job of it, one that does not run in this process. Exit code 1 where something is left. */
export async function repairStored(context: CommandContext): Promise<number> {
  const { reachable, api, json, terminal, say, arguments: { flags } } = context;
  const request = { dryRun: flags["--dry-run"] !== undefined, skip: flags["--skip"] !== undefined };
  const report: Report = reachable
    ? ((await followJob(context, BASE, await api().send<JobView>("POST", `${BASE}/scrub/repair`, { body: request }))).result as RepairReport)
    : await here(context, request);
  if (json) terminal.json(report);
  else if (report.lines.length === 0) terminal.line(say("doctor.nothing-to-mend"));
  else {
    for (const { store, place, action, outcome, next, to = "" } of report.lines) {
      terminal.line(say("doctor.mend", { store, place, action: say(`doctor.action.${action}`, { to }), outcome: say(`doctor.outcome.${outcome}`) }));
      if (next !== null) terminal.line(`  ${say(`doctor.next.${next}`)}`);
    }
  }
  return report.lines.some(({ outcome }) => outcome === "left" || outcome === "planned") ? exitCodes.finding : exitCodes.ok;
}

interface Request {
  readonly dryRun: boolean;
  readonly skip: boolean;
}

async function here(context: CommandContext, request: Request): Promise<Report> {
  const { dataDirectory } = context;
  if (!existsSync(join(dataDirectory, "log"))) return { dryRun: request.dryRun, lines: [] };
  const lines = await mendFiles(dataDirectory, request);
  // What cannot be opened hinders the rest: it is told of alone.
  if (lines.some(({ outcome }) => outcome === "left" || outcome === "planned")) return { dryRun: request.dryRun, lines };
  const view = await jobHere(context, "scrub-repair", (run) => mendStores(context, request, { run, refill: lines.some(({ action }) => action === "move-aside") }));
  const report = view.result as RepairReport;
  return { dryRun: request.dryRun, lines: [...lines, ...report.lines] };
}

async function mendFiles(dataDirectory: string, { dryRun }: Request): Promise<FileLine[]> {
  const { checkDataFolder, lockDataFolder, moveAside, rebuildFileIndexes } = await import("@caudal/embedded");
  const lock = await lockDataFolder(dataDirectory);
  try {
    return checkDataFolder(dataDirectory).flatMap(({ store, path, problems, isIndexOnly, isNoDatabase }): FileLine[] => {
      const line = { store, place: path, detail: problems.join("; ") };
      if (isIndexOnly) {
        if (dryRun) return [{ ...line, action: "rebuild-indexes", outcome: "planned", next: null }];
        return rebuildFileIndexes(path) ? [{ ...line, action: "rebuild-indexes", outcome: "repaired", next: null }] : [{ ...line, action: "none", outcome: "left", next: "restore" }];
      }
      if (!isNoDatabase) return [];
      // Hot and warm are copies; the others are the only ones, and no machine moves them.
      if (store !== "hot" && store !== "warm") return [{ ...line, action: "none", outcome: "left", next: "restore" }];
      const suffix = `damaged-${new Date().toISOString().slice(0, 19).replaceAll(":", "")}`;
      const to = dryRun ? `${basename(path)}.${suffix}` : basename(moveAside(path, suffix));
      return [{ ...line, action: "move-aside", outcome: dryRun ? "planned" : "repaired", next: null, to }];
    });
  } finally {
    await lock.release();
  }
}

async function mendStores({ dataDirectory, env, arguments: { flags } }: CommandContext, request: Request, { run, refill }: { readonly run: Parameters<Parameters<typeof jobHere>[2]>[0]; readonly refill: boolean }): Promise<RepairReport> {
  const [{ parseAllSettings }, { openPorts }, { createScrub, createTierWork }, { Codec }] = await Promise.all([
    import("../composition/all-settings.ts"), import("../composition/open-ports.ts"), import("@caudal/archiver"), import("@caudal/schemas"),
  ]);
  const { choices, installation, archiver } = parseAllSettings({ env, flags });
  const ports = await openPorts(["registry", "log", "documents", "archive", "hot", "warm", "cold"], { dataDirectory, choices, settings: installation, logger: silentLogger, mending: true });
  try {
    const { log, documents, hot, warm, cold, registry } = ports;
    const parts = { clock: systemClock, logger: silentLogger, metrics: createMetrics({ process: false }) };
    const tierWork = createTierWork({ tiers: { hot, warm, cold }, log, documents, codec: await Codec.open(registry), waitMs: 0, ...parts });
    if (refill) await tierWork.run("repair", {}, run);
    const scrub = createScrub({ ports, tierWork, everyMs: archiver.scrubEveryMs, bytesPerS: archiver.scrubBytesPerS, ...parts });
    await scrub.scrubber.pass(run);
    return await scrub.repair(request, run);
  } finally {
    await ports.close();
  }
}
