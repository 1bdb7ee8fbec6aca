import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { openBrokerLink } from "./broker-link.ts";
import { readCatalog } from "./catalog.ts";
import type { Catalog, CatalogSeries } from "./catalog.ts";
import { labelsOf } from "./message.ts";
import { Pace } from "./pace.ts";
import type { FleetBudget } from "./pace.ts";
import { Player } from "./player.ts";
import type { FleetProgress, FleetStatus } from "./player.ts";
import { firstPlacement } from "./schedule.ts";
import type { Placement } from "./schedule.ts";
import { readSeries } from "./series.ts";
import type { Series } from "./series.ts";
import { readFleetState, writeFleetState } from "./state-file.ts";
import type { SavedFleet } from "./state-file.ts";
import { Track } from "./track.ts";

export interface FleetOptions {
  /** `mqtt://host:port` or `mqtts://host:port`; need not be up yet. */
  readonly mqttUrl: string;
  /** Client that the demo belongs to: second level of the topic. */
  readonly client: string;
  /** Folder where offsets and positions are kept. */
  readonly stateDir: string;
  /** Folder of `catalog.json` and the series; the repository's `examples/data` by default. */
  readonly dataDir?: string;
  readonly username?: string;
  readonly password?: string;
  readonly clock?: { readonly nowMs: () => number };
  /** Slows compressed points near the limit; without it they always play at full pace. */
  readonly budget?: FleetBudget;
  /** Told at most ten times a second while rows go out. */
  readonly onProgress?: (progress: FleetProgress) => void;
  readonly log?: (event: string, fields: Readonly<Record<string, unknown>>) => void;
}

/** The demo's devices at work. */
export interface Fleet {
  /** Stores the positions and closes; under a second, whether the broker answers or not. */
  readonly stop: () => Promise<void>;
  readonly status: () => FleetStatus;
  /** Resolves when the backfill, or what was missed while away, has been acknowledged. */
  readonly caughtUp: () => Promise<void>;
}

/** The repository's own series. */
export const defaultDataDir = (): string => fileURLToPath(new URL("../data", import.meta.url));

/**
 * Plays every series of the catalogue to an MQTT broker, from where an earlier run stopped. Resolves when the series
 * are read, not when the broker answers. Rejects when the data folder or the state folder cannot be used.
 */
export async function startFleet(options: FleetOptions): Promise<Fleet> {
  const dataDir = options.dataDir ?? defaultDataDir();
  const nowMs = options.clock?.nowMs ?? Date.now;
  const log = options.log ?? (() => undefined);
  const catalog = await readCatalog(dataDir);
  const saved = await readFleetState(options.stateDir, (reason) => log("fleet.state-unreadable", { reason }));
  const tracks = (await readAll(catalog, dataDir)).map((series) => {
    const { entry } = series;
    const placement = savedPlacement(series, saved, log) ?? firstPlacement(series, nowMs());
    return new Track(series, placement, `caudal/${options.client}/${entry.device}/readings`, labelsFor(catalog, entry));
  });
  const link = openBrokerLink({ mqttUrl: options.mqttUrl, username: options.username, password: options.password, log });
  const pace = new Pace(options.budget, (level, usedBytes) => log("fleet.pace-changed", { level, usedBytes }));
  await pace.check(nowMs());
  const save = (): Promise<void> => savePlacements(options.stateDir, tracks);
  const player = new Player({ tracks, link, pace, nowMs, save, log, onProgress: options.onProgress ?? (() => undefined) });
  log("fleet.started", { devices: tracks.length, rowsDue: player.status().backfillTotal });
  return { stop: () => player.stop(), status: () => player.status(), caughtUp: () => player.caughtUp() };
}

function labelsFor(catalog: Catalog, entry: CatalogSeries): ReturnType<typeof labelsOf> {
  const dataset = catalog.datasets[entry.dataset];
  if (dataset === undefined) throw new Error(`${entry.device}: unknown dataset ${entry.dataset}`);
  return labelsOf(entry, dataset);
}

/** Reads each file once, however many series play a stretch of it. */
async function readAll(catalog: Catalog, dataDir: string): Promise<readonly Series[]> {
  const files = new Map<string, Buffer>();
  const all: Series[] = [];
  for (const entry of catalog.series) {
    const bytes = files.get(entry.file) ?? (await promisify(gunzip)(await readFile(join(dataDir, entry.file))));
    files.set(entry.file, bytes);
    all.push(readSeries(entry, bytes));
  }
  return all;
}

function savedPlacement(series: Series, saved: SavedFleet, log: NonNullable<FleetOptions["log"]>): Placement | null {
  const { device } = series.entry;
  const row = saved[device];
  if (row === undefined) return null;
  if (row.rows === series.timesMs.length) return { offsetMs: row.offsetMs, next: row.next };
  log("fleet.series-changed", { device, rowsBefore: row.rows, rowsNow: series.timesMs.length });
  return null;
}

async function savePlacements(stateDir: string, tracks: readonly Track[]): Promise<void> {
  const stored = tracks.map((track) => ({ track, placement: track.placement, rows: track.series.timesMs.length }));
  await writeFleetState(stateDir, Object.fromEntries(stored.map(({ track, placement, rows }) => [track.series.entry.device, { ...placement, rows }])));
  for (const { track, placement } of stored) track.storedOffsetMs = placement.offsetMs;
}
