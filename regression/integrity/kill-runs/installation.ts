import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { FaultReport } from "../../../caudal/composition/process-faults.ts";
import type { AuditVerdict } from "../auditor/verdict.ts";

/** What is told to the processes of one run. */
export interface RunSettings {
  /** Whose readings those of the drop folder are. */
  readonly client: string;
  /** CAUDAL_FAULTS of the process that is to end. */
  readonly faults: string;
  /** The service whose process that is. */
  readonly victim: string;
}

/** How a process ended that nobody had asked to. */
export interface Death {
  readonly service: string;
  readonly signal: NodeJS.Signals | null;
  readonly code: number | null;
  readonly report: FaultReport | undefined;
  readonly output: string;
}

/** Caudal as the driver has it: one process, or a fleet on servers. */
export interface Installation {
  /** Services that can be killed apart. */
  readonly services: readonly string[];
  /** Kept when a run finds something. */
  readonly folder: string;
  readonly http: (service: "collector" | "business" | "web") => string;
  /** Where each process tells its metrics. */
  readonly metrics: () => readonly string[];
  readonly mqtt: () => string;
  /** undefined where files are not taken in this run. */
  readonly drop: (client: string) => string | undefined;
  /** Starts what does not run, the victim with its faults. False when the victim ended before it was ready. */
  start(settings: RunSettings): Promise<boolean>;
  /** The next death that nobody asked for. */
  died(): Promise<Death>;
  isRunning(service: string): boolean;
  kill(service: string): Promise<void>;
  /** Points that its processes reached, with how often. */
  reached(): ReadonlyMap<string, number>;
  /** Asks the victim to stop and waits for it; in one process, all. False when it was killed on the way: then `died` tells. */
  stop(settings: RunSettings): Promise<boolean>;
  /** Resolves when the installation has all that its sources call acknowledged. */
  settle(client: string): Promise<void>;
  audit(truthDirectory: string): Promise<AuditVerdict>;
  /** Ends every process. */
  close(): Promise<void>;
}

/** What a process said of its points when it ended; undefined when it could not. */
export function takeReport(folder: string, pid: number): FaultReport | undefined {
  const path = join(folder, "fault-points.json");
  try {
    const report = JSON.parse(readFileSync(path, "utf8")) as FaultReport;
    rmSync(path);
    return report.pid === pid ? report : undefined;
  } catch {
    return undefined;
  }
}

/** Short waits, so that a short run reaches steps that an installation comes to by and by. */
export const hasty = {
  CAUDAL_ARCHIVE_SEGMENT_AGE: "300ms", CAUDAL_ROLLUP_DELAY: "200ms", CAUDAL_ROLLUP_EVERY: "200ms", CAUDAL_DROP_SETTLE: "20ms", CAUDAL_DROP_POLL: "50ms", CAUDAL_PARTITIONS: "3",
} as const;
