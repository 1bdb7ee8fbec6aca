import { mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Placement } from "./schedule.ts";

const FILE = "demo-fleet.json";

/** What is kept of one series: its placement and how many rows it had, which tells a changed file. */
export interface SavedSeries extends Placement {
  readonly rows: number;
}

export type SavedFleet = Readonly<Record<string, SavedSeries>>;

/**
 * What an earlier run stored; empty at the first start. A file that cannot be read is put aside as `.bad` and
 * `onBad` is told, because new offsets are the only way on.
 */
export async function readFleetState(stateDir: string, onBad: (cause: string) => void): Promise<SavedFleet> {
  const path = join(stateDir, FILE);
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return {};
    throw error;
  }
  try {
    return parseState(JSON.parse(text) as unknown);
  } catch (error) {
    await rename(path, `${path}.bad`);
    onBad(error instanceof Error ? error.message : String(error));
    return {};
  }
}

/** Replaces the state in one step; resolves when it is on disk. */
export async function writeFleetState(stateDir: string, state: SavedFleet): Promise<void> {
  const path = join(stateDir, FILE);
  await mkdir(stateDir, { recursive: true });
  const file = await open(`${path}.new`, "w");
  try {
    await file.writeFile(`${JSON.stringify({ version: 1, series: state })}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${path}.new`, path);
}

/** Forgets where the fleet stood: the next start is a first start. */
export async function clearFleetState(stateDir: string): Promise<void> {
  for (const name of [FILE, `${FILE}.new`, `${FILE}.bad`]) await rm(join(stateDir, name), { force: true });
}

function parseState(value: unknown): SavedFleet {
  const { version, series } = (value ?? {}) as { version?: unknown; series?: unknown };
  if (version !== 1 || typeof series !== "object" || series === null) throw new Error("version 1 with series is needed");
  return Object.fromEntries(Object.entries(series).map(([device, row]) => [device, parseSeries(device, row as unknown)]));
}

function parseSeries(device: string, value: unknown): SavedSeries {
  const { offsetMs, next, rows } = (value ?? {}) as Record<string, unknown>;
  if (!Number.isFinite(offsetMs) || !isCount(next) || !isCount(rows)) throw new Error(`series.${device}: offsetMs, next and rows are needed`);
  return { offsetMs: offsetMs as number, next, rows };
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
