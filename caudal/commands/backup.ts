import { mkdir, readdir, rename, rmdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { BackupResult, BackupView, BackupWork, DrillReport, Restored } from "@caudal/archiver";
import type { Documents } from "@caudal/core";
import { silentLogger, systemClock, type JobRun, type JobView } from "@caudal/runtime";
import { CommandFailure } from "../commandline/command-failure.ts";
import type { Command, CommandContext } from "../commandline/command.ts";
import { exitCodes } from "../commandline/exit-codes.ts";
import { followJob, jobHere } from "../commandline/follow-job.ts";

const BASE = "/api/v1/archiver";
/** `--into` of the servers that the settings name. */
const ENGINES = "engines";

/** Where nothing runs: this process opens the installation and does the work, with the backups where `--to` or the settings say. */
async function withWork<T>(context: CommandContext, place: string | undefined, work: (work: BackupWork) => Promise<T>): Promise<T> {
  const { settings, modules } = await opened(context);
  const { openPorts, backedUpPorts, backupDirectory, scratchOpener, version, createBackupWork } = modules;
  const { dataDirectory } = context;
  const ports = await openPorts(backedUpPorts, { dataDirectory, choices: settings.choices, settings: settings.installation, logger: silentLogger });
  try {
    const directory = place === undefined ? backupDirectory({ dataDirectory, settings }) : resolve(place);
    return await work(createBackupWork({ ports, directory, version: version(), engines: ports.engines, openScratch: scratchOpener({ settings, logger: silentLogger }), keep: settings.archiver.backupKeep, clock: systemClock }));
  } finally {
    await ports.close();
  }
}

async function opened({ env, arguments: { flags } }: CommandContext) {
  const [settings, places, marks, ports, version, archiver] = await Promise.all([
    import("../composition/all-settings.ts"), import("../composition/backup-places.ts"), import("../composition/place-mark.ts"), import("../composition/open-ports.ts"), import("../composition/version.ts"), import("@caudal/archiver"),
  ]);
  return { settings: settings.parseAllSettings({ env, flags: { ...flags, "--demo": "off" } }), modules: { ...places, ...marks, ...ports, ...version, ...archiver } };
}

/** The folder of backups, without opening the installation. */
async function folderOf(context: CommandContext) {
  const { settings, modules: { BackupFolder, backupDirectory } } = await opened(context);
  const { dataDirectory, arguments: { flags: { "--from": from } } } = context;
  return new BackupFolder(from === undefined ? backupDirectory({ dataDirectory, settings }) : resolve(from));
}

export const backupCreate: Command = {
  name: "backup create",
  usage: "[--to FOLDER]",
  spec: { values: ["--to"] },
  async run(context) {
    const { reachable, api, json, terminal, say, usageError, arguments: { flags: { "--to": place } } } = context;
    if (reachable && place !== undefined) throw usageError(say("backup.to-while-running"));
    const view = reachable
      ? await followJob(context, BASE, await api().send<JobView>("POST", `${BASE}/backups`))
      : await withWork(context, place, (work) => jobHere(context, "backup", (run) => work.create(run)));
    const result = view.result as BackupResult;
    if (json) terminal.json(result);
    else terminal.line(say("backup.created", { ...result, seconds: result.tookS.toFixed(1), removed: result.removed.length }));
    return exitCodes.ok;
  },
};

export const backupLs: Command = {
  name: "backup ls",
  usage: "[--from FOLDER]",
  spec: { values: ["--from"] },
  async run(context) {
    const { reachable, api, json, terminal, say, arguments: { flags } } = context;
    const items = reachable && flags["--from"] === undefined ? (await api().get<{ items: BackupView[] }>(`${BASE}/backups`)).items : await (await folderOf(context)).list();
    if (json) terminal.json({ items, next: null });
    else if (items.length === 0) terminal.line(say("cli.none"));
    else terminal.table(items.map(({ name, points, facts, documents, records, bytes, trouble }) => (trouble === null ? [name, `${points} points`, `${facts} facts`, `${documents} documents`, `${records} records`, `${bytes} B`] : [name, trouble])));
    return items.some(({ trouble }) => trouble !== null) ? exitCodes.finding : exitCodes.ok;
  },
};

export const backupDrill: Command = {
  name: "backup drill",
  usage: "[NAME] [--from FOLDER]",
  spec: { values: ["--from"], words: 1 },
  async run(context) {
    const { reachable, api, json, terminal, say, arguments: { positionals: [name], flags: { "--from": place } } } = context;
    const view = reachable && place === undefined
      ? await followJob(context, BASE, await api().send<JobView>("POST", `${BASE}/backups/drill`, { body: name === undefined ? {} : { name } }))
      : await withWork(context, place, (work) => jobHere(context, "backup-drill", (run) => work.drill(run, name)));
    const report = view.result as DrillReport;
    if (json) terminal.json(report);
    else {
      const { differences, tookS, ok, ...counts } = report;
      terminal.line(say(ok ? "backup.drill-ok" : "backup.drill-differs", { ...counts, seconds: tookS.toFixed(1), differences: differences.length }));
      printDifferences(context, differences);
    }
    return report.ok ? exitCodes.ok : exitCodes.finding;
  },
};

export const backupRestore: Command = {
  name: "backup restore",
  usage: `NAME --into FOLDER|${ENGINES} [--from FOLDER] [--dry-run]`,
  spec: { values: ["--into", "--from"], switches: ["--dry-run"], words: 1 },
  async run(context) {
    const { json, terminal, say, usageError, arguments: { positionals: [name], flags: { "--into": into, "--dry-run": dryRun } } } = context;
    if (name === undefined || into === undefined) throw usageError(say("backup.restore-incomplete"));
    const view = await jobHere(context, "restore", (run) => (dryRun === undefined ? restoreInto(context, name, into, run) : verifyOnly(context, name, run)));
    const result = view.result as Partial<Restored> & { readonly into: string | null };
    const differences = result.differences ?? [];
    if (json) terminal.json(result);
    else if (dryRun !== undefined) terminal.line(say("backup.verified", { name, ...(result as unknown as Record<string, number>), into }));
    else {
      terminal.line(say(differences.length === 0 ? "backup.restored" : "backup.restored-differs", { name, ...(result as unknown as Record<string, number>), into, differences: differences.length }));
      printDifferences(context, differences);
    }
    return differences.length === 0 ? exitCodes.ok : exitCodes.finding;
  },
};

async function verifyOnly(context: CommandContext, name: string, run: JobRun): Promise<object> {
  const { verifyBackup } = await import("@caudal/archiver");
  const folder = await folderOf(context);
  const manifest = await folder.manifest(name);
  await verifyBackup(folder, manifest, run);
  const { bytes: _bytes, trouble: _trouble, ...counts } = await folder.view(name);
  return { ...counts, into: null };
}

async function restoreInto(context: CommandContext, name: string, into: string, run: JobRun): Promise<object> {
  const folder = await folderOf(context);
  const manifest = await folder.manifest(name);
  const { settings, modules: { openPorts, backedUpPorts, embeddedChoices, restoreBackup, placeMark } } = await opened(context);
  const partitions = manifest.topics[0]?.partitions.length ?? settings.installation.partitions;
  if (partitions !== settings.installation.partitions) throw new CommandFailure("setting", context.say("backup.partitions", { partitions }), { next: context.say("backup.partitions.next", { partitions }) });
  const isFolder = into !== ENGINES;
  const target = isFolder ? resolve(into) : context.dataDirectory;
  if (isFolder) await mustBeEmpty(context, target);
  // A folder gets its name when all of it is there: what a crash leaves is not taken for an installation.
  const place = isFolder ? `${target}.restoring` : target;
  const choices = isFolder ? { ...embeddedChoices, registry: settings.choices.registry } : settings.choices;
  const ports = await openPorts(backedUpPorts, { dataDirectory: place, choices, settings: settings.installation, logger: silentLogger });
  let restored: Restored;
  try {
    restored = await restoreBackup({ folder, manifest, into: ports, run });
    // The copies of the ledger and of its rows are of different moments.
    await rebuildRows(ports.documents, run);
    // A folder has a mark of its own; the same servers have the one that they had.
    if (!isFolder) await stopSending(ports.documents, { name, instanceId: await placeMark({ dataDirectory: place, documents: choices.documents }) });
  } finally {
    await ports.close();
  }
  if (isFolder && restored.differences.length === 0) {
    await rmdir(target).catch(() => undefined);
    await mkdir(join(target, ".."), { recursive: true });
    await rename(place, target);
  }
  return { ...restored, into: isFolder && restored.differences.length > 0 ? place : target };
}

async function rebuildRows(documents: Documents, { signal, progress }: JobRun): Promise<void> {
  const { rebuildSlotRows } = await import("@caudal/compliance");
  await rebuildSlotRows(documents, { nowUs: () => systemClock.nowUs(), signal, progress: (done, total) => progress({ done, total, unit: "works", note: "slots" }) });
}

/** What an older copy of the ledger does not know was sent would be sent again. */
async function stopSending(documents: Documents, { name, instanceId }: { readonly name: string; readonly instanceId: string }): Promise<void> {
  const { LedgerAudience, SendSwitch, switchMark } = await import("@caudal/compliance");
  const nowUs = (): number => systemClock.nowUs();
  // Mode off sends nothing: it tells whom the copy is for and settles nothing.
  const { audience } = await LedgerAudience.open(documents, { mode: "off", nowUs });
  const sendSwitch = await SendSwitch.open(documents, { nowUs, instanceId: switchMark(instanceId, audience) });
  await sendSwitch.set(false, "backup restore", `backup ${name} was restored`);
}

async function mustBeEmpty({ say }: CommandContext, folder: string): Promise<void> {
  for (const each of [folder, `${folder}.restoring`]) {
    if ((await readdir(each).catch(() => [])).length > 0) throw new CommandFailure("in-use", say("backup.not-empty", { folder: each }), { next: say("backup.not-empty.next") });
  }
}

function printDifferences({ terminal }: CommandContext, differences: DrillReport["differences"]): void {
  if (differences.length > 0) terminal.table(differences.map(({ tier, client, point, day, expectedFacts, facts }) => [tier, client, point, day, `${expectedFacts} ≠ ${facts}`]));
}
