import { readFileSync, rmSync, writeFileSync, renameSync } from "node:fs";
import { join } from "node:path";

/** Where a running installation answers; stands in its data folder while it runs, so that commands need no flags. */
export interface RunningInstance {
  readonly pid: number;
  readonly http: string;
  readonly mqtt: string | null;
}

const FILE = "running.json";

export function noteRunning(dataDirectory: string, instance: RunningInstance): void {
  const path = join(dataDirectory, FILE);
  writeFileSync(`${path}.new`, `${JSON.stringify(instance)}\n`);
  renameSync(`${path}.new`, path);
}

export function forgetRunning(dataDirectory: string): void {
  rmSync(join(dataDirectory, FILE), { force: true });
}

/** Undefined when none runs on this folder: the file is missing, or its process is gone. */
export function findRunning(dataDirectory: string): RunningInstance | undefined {
  try {
    const instance = JSON.parse(readFileSync(join(dataDirectory, FILE), "utf8")) as RunningInstance;
    process.kill(instance.pid, 0);
    return instance;
  } catch {
    return undefined;
  }
}
