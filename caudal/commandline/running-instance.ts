import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Where a running installation answers; stands in its data folder while it runs, so that commands need no flags. */
export interface RunningInstance {
  readonly pid: number;
  readonly http: string;
  readonly mqtt: string | null;
}

interface Note extends RunningInstance {
  /** When the process started, as the kernel counts it; null where that cannot be asked. */
  readonly startedAt: string | null;
}

const FILE = "running.json";

export function noteRunning(dataDirectory: string, instance: RunningInstance): void {
  const path = join(dataDirectory, FILE);
  const note: Note = { ...instance, startedAt: startOf(instance.pid) };
  writeFileSync(`${path}.new`, `${JSON.stringify(note)}\n`);
  renameSync(`${path}.new`, path);
}

export function forgetRunning(dataDirectory: string): void {
  rmSync(join(dataDirectory, FILE), { force: true });
}

/** Undefined when none runs on this folder: the file is missing, or its process is gone and perhaps another has its pid. */
export function findRunning(dataDirectory: string): RunningInstance | undefined {
  try {
    const { pid, http, mqtt, startedAt } = JSON.parse(readFileSync(join(dataDirectory, FILE), "utf8")) as Note;
    return isThere(pid) && startedAt === startOf(pid) ? { pid, http, mqtt } : undefined;
  } catch {
    return undefined;
  }
}

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Somebody else's process may not be signalled, but it is there.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/** Clock ticks from boot to the process's start (Linux, field 22 of stat; the name before it may hold spaces and brackets). */
function startOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? null;
  } catch {
    return null;
  }
}
