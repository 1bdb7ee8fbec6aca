import { subtractDecimals } from "@caudal/core";
import { readShared } from "./data-folder.ts";
import { mainReason } from "./meter-replay.ts";
import { replaySeries, type SetUp } from "./replayed-series.ts";

export const handFiles: readonly string[] = ["daiad-water-meters/swm_trialA_SanJoan.csv.gz"];

/** What somebody read on a household's dial: whole m3, about every quarter, over decades. */
export interface HandReading {
  readonly timeUs: number;
  readonly m3: number;
}

export const handSetUp: SetUp = { keys: { total: { variable: "total", unit: "m3" } }, settings: { counter: "total" } };

/** The readings of each household in the file's order, the newest first. No clock times are written: ten in the morning UTC. */
export function readHandReadings(): ReadonlyMap<string, readonly HandReading[]> {
  const households = new Map<string, HandReading[]>();
  for (const line of readShared(handFiles[0]!).trim().split("\n").slice(1)) {
    const [key, date, total] = line.trim().split(";") as [string, string, string];
    const rows = households.get(key) ?? [];
    households.set(key, rows);
    rows.push({ timeUs: Date.parse(`${date}T10:00:00Z`) * 1000, m3: Number(total) });
  }
  return households;
}

export interface HandFindings {
  readonly households: number;
  readonly rows: number;
  /** Dials that show less than the time before: somebody changed the meter, or it began anew. */
  readonly changes: number;
  readonly toldAsReset: number;
  /** Other rows with a reason that says what they are. */
  readonly mistaken: number;
  readonly stretches: number;
  readonly wrong: number;
}

/** Replays each household in time order. A stretch goes from one meter's first reading to its last. */
export function replayHandReadings(): HandFindings {
  const found = { households: 0, rows: 0, changes: 0, toldAsReset: 0, mistaken: 0, stretches: 0, wrong: 0 };
  for (const file of readHandReadings().values()) {
    const rows = [...new Map(file.map((row) => [row.timeUs, row])).values()].sort((a, b) => a.timeUs - b.timeUs);
    const replayed = replaySeries(rows.map(({ timeUs, m3 }) => ({ timeUs, values: { total: m3 } })), handSetUp);
    found.households += 1;
    found.rows += rows.length;
    let first = rows[0]!;
    for (const [index, row] of rows.entries()) {
      const isChange = index > 0 && row.m3 < rows[index - 1]!.m3;
      const said = mainReason(replayed.at("total", row.timeUs)!.reasons);
      if (isChange) {
        first = row;
        found.changes += 1;
        if (said === "counter-reset") found.toldAsReset += 1;
      } else if (said !== "nothing") found.mistaken += 1;
      const next = rows[index + 1];
      if (next !== undefined && next.m3 >= row.m3) continue;
      found.stretches += 1;
      const volume = (at: HandReading): number => replayed.at("volume", at.timeUs)?.value ?? NaN;
      if (subtractDecimals(volume(row), volume(first)) !== row.m3 - first.m3) found.wrong += 1;
    }
  }
  return found;
}
