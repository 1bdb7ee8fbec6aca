import type { Clock, Jobs, JobRun, JobView, Logger, Metrics } from "@caudal/runtime";
import { BackupFolder, type BackupView } from "./backup-folder.ts";
import type { BackupPorts, BackupRun } from "./backup-ports.ts";
import { createBackup } from "./create-backup.ts";
import { drillBackup, type DrillReport, type OpenScratch } from "./drill.ts";
import { BackupNotes, type BackupNote, type Kind } from "./notes.ts";
import { retain } from "./retention.ts";

export interface BackupWorkOptions {
  readonly ports: BackupPorts;
  /** Where backups lie. */
  readonly directory: string;
  readonly version: string;
  readonly engines: Readonly<Record<string, string>>;
  readonly openScratch: OpenScratch;
  /** Backups that stay. */
  readonly keep: number;
  readonly clock: Clock;
}

/** What came of a backup, for people. */
export interface BackupResult {
  readonly name: string;
  readonly directory: string;
  readonly tookS: number;
  readonly points: number;
  readonly facts: number;
  readonly revisions: number;
  readonly documents: number;
  readonly records: number;
  readonly segments: number;
  readonly copiedSegments: number;
  /** Older ones that went. */
  readonly removed: readonly string[];
}

/** The work itself, wherever it runs: in the archiver as a job, or in a command where no installation runs. */
export interface BackupWork {
  readonly folder: BackupFolder;
  create(run: BackupRun): Promise<BackupResult>;
  drill(run: BackupRun, name?: string): Promise<DrillReport>;
}

export function createBackupWork({ ports, directory, version, engines, openScratch, keep, clock }: BackupWorkOptions): BackupWork {
  const folder = new BackupFolder(directory);
  const notes = (): Promise<BackupNotes> => BackupNotes.open(ports.documents);

  async function noted<T>(kind: Kind, work: () => Promise<{ readonly result: T; readonly note: Pick<BackupNote, "name" | "ok" | "trouble"> }>): Promise<T> {
    const beganMs = clock.monotonicMs();
    const { result, note } = await work();
    await (await notes()).note(kind, { ...note, endedAtUs: clock.nowUs(), tookS: (clock.monotonicMs() - beganMs) / 1000 });
    return result;
  }

  return {
    folder,
    create: (run) => noted("backup", async () => {
      const beganMs = clock.monotonicMs();
      const { manifest: { name, facts, collections, topics, archive }, copiedSegments } = await createBackup({ ports, folder, clock, version, engines, run });
      // Only now that a newer one stands.
      const { removed } = await retain(folder, keep);
      const result: BackupResult = {
        name, directory, tookS: (clock.monotonicMs() - beganMs) / 1000, points: facts.points, facts: facts.facts, revisions: facts.revisions, segments: archive.segments, copiedSegments, removed,
        documents: collections.reduce((sum, { documents }) => sum + documents, 0), records: topics.reduce((sum, { records }) => sum + records, 0),
      };
      return { result, note: { name, ok: true, trouble: null } };
    }),
    drill: (run, name) => noted("drill", async () => {
      const result = await drillBackup({ folder, openScratch, clock, run, ...(name === undefined ? {} : { name }) });
      const { ok, differences: [first] } = result;
      return { result, note: { name: result.name, ok, trouble: first === undefined ? null : `${first.tier} ${first.client}/${first.point} ${first.day}` } };
    }),
  };
}

export interface BackupSchedule {
  /** Milliseconds from one backup to the next, and from one drill to the next; none when undefined. */
  readonly everyMs: number | undefined;
  readonly drillEveryMs: number | undefined;
}

export interface BackupsOptions extends BackupWorkOptions, BackupSchedule {
  readonly jobs: Jobs;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** Backups of a running installation: on request as jobs, and by schedule. */
export interface Backups {
  list(): Promise<readonly BackupView[]>;
  create(): JobView;
  drill(name?: string): JobView;
  /** Starts what is due; runs by itself between `start` and `stop`. */
  look(): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

const LOOK_EVERY_MS = 60_000;
/** What failed is tried again after this, or after its own period when that is shorter. */
const AGAIN_MS = 15 * 60_000;

export function createBackups(options: BackupsOptions): Backups {
  const { jobs, clock, logger, metrics, everyMs, drillEveryMs, ports } = options;
  const work = createBackupWork(options);
  const lastBackup = metrics.gauge("caudal_backup_last_success_timestamp_seconds");
  const lastDrill = metrics.gauge("caudal_backup_drill_last_success_timestamp_seconds");
  const failures = metrics.counter("caudal_backup_failures_total");
  let timer: NodeJS.Timeout | undefined;
  let looking: Promise<void> = Promise.resolve();

  const counted = <T extends object>(kind: Kind, run: JobRun, did: (run: JobRun) => Promise<T>): Promise<T> => did(run).then(
    async (result) => {
      await show();
      if (kind === "drill" && !(result as unknown as DrillReport).ok) {
        failures.inc({ kind });
        logger.error("backup.drill-differs", { result });
      }
      return result;
    },
    (error: unknown) => {
      if (!run.signal.aborted) failures.inc({ kind });
      throw error;
    },
  );
  const create = (): JobView => jobs.start("backup", (run) => counted("backup", run, (it) => work.create(it)));
  const drill = (name?: string): JobView => jobs.start("backup-drill", (run) => counted("drill", run, (it) => work.drill(it, name)));

  /** Also tells what an earlier process, or another of the fleet, did. */
  async function show(): Promise<void> {
    const notes = await BackupNotes.open(ports.documents);
    const [backup, drilled] = [await notes.last("backup"), await notes.last("drill")];
    lastBackup.set({}, (backup?.endedAtUs ?? 0) / 1e6);
    lastDrill.set({}, drilled?.ok === true ? drilled.endedAtUs / 1e6 : 0);
  }

  async function due(kind: Kind, periodMs: number | undefined, begin: () => JobView): Promise<void> {
    if (periodMs === undefined) return;
    const notes = await BackupNotes.open(ports.documents);
    const nowUs = clock.nowUs();
    const againMs = Math.min(periodMs, AGAIN_MS);
    const running = jobs.list().some((job) => job.state === "running" && job.kind === (kind === "backup" ? "backup" : "backup-drill"));
    if (running) return notes.extend(kind, nowUs + againMs * 1000);
    const last = await notes.last(kind);
    if (last !== undefined && nowUs - last.endedAtUs < periodMs * 1000) return;
    if (kind === "drill" && (await work.folder.names()).length === 0) return;
    if (await notes.claim(kind, nowUs, againMs)) begin();
  }

  const look = async (): Promise<void> => {
    try {
      await due("backup", everyMs, create);
      await due("drill", drillEveryMs, () => drill());
      await show();
    } catch (error) {
      logger.warn("backup.look-failed", { error });
    }
  };

  return {
    list: () => work.folder.list(),
    create, drill, look,
    async start() {
      await look();
      timer = setInterval(() => (looking = looking.then(look)), LOOK_EVERY_MS);
    },
    async stop() {
      clearInterval(timer);
      await looking;
    },
  };
}
