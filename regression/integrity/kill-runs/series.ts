import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Catalogue } from "./catalogue.ts";
import type { Installation } from "./installation.ts";
import { isGood, killRun, type RunResult } from "./kill-run.ts";
import { needsNewInstallation, planOf } from "./plan.ts";

export interface SeriesOptions {
  readonly seeds: readonly string[];
  readonly catalogue: Catalogue;
  readonly lanes: number;
  readonly perFolder: number;
  readonly open: (folder: string) => Promise<Installation>;
  /** Told of each run as it ends, with the folder that is kept of one that found something. */
  readonly onRun: (result: RunResult, folder: string | undefined) => void;
  readonly signal?: AbortSignal;
}

export interface SeriesResult {
  readonly results: readonly RunResult[];
  readonly reached: ReadonlySet<string>;
}

/** Runs seeds, lanes side by side, each on an installation that serves several runs and goes with its last, or after one that found something. */
export async function runSeries({ seeds, catalogue, lanes, perFolder, open, onRun, signal }: SeriesOptions): Promise<SeriesResult> {
  const waiting = [...seeds];
  const results: RunResult[] = [];
  const reached = new Set<string>();

  async function lane(): Promise<void> {
    while (waiting.length > 0 && signal?.aborted !== true) await onOneFolder(waiting.splice(0, perFolder));
  }

  async function onOneFolder(lot: readonly string[]): Promise<void> {
    const folder = mkdtempSync(join(tmpdir(), "caudal-kill-"));
    const installation = await open(folder);
    let isClean = true;
    try {
      for (const [at, seed] of lot.entries()) {
        if (signal?.aborted === true) return;
        if (at > 0 && needsNewInstallation(planOf(seed, catalogue, installation.services), catalogue)) {
          waiting.unshift(...lot.slice(at));
          return;
        }
        const result = await killRun({ seed, installation, catalogue });
        results.push(result);
        isClean = isGood(result);
        onRun(result, isClean ? undefined : folder);
        if (isClean) continue;
        waiting.unshift(...lot.slice(at + 1));
        return;
      }
    } finally {
      await installation.close();
      for (const point of installation.reached().keys()) reached.add(point);
      if (isClean) rmSync(folder, { recursive: true, force: true });
    }
  }

  await Promise.all(Array.from({ length: lanes }, lane));
  return { results, reached };
}
