import type { PointKey } from "@caudal/core";
import type { Row } from "../cluster/cluster.ts";
import { decodeNewest, type NewestFact } from "./newest-cell.ts";
import type { Pace } from "./pace.ts";

/** What stands in the store of a point beside its facts. */
export interface PointHead {
  /** Number of this life of the point: newest facts of an earlier one, which was erased, do not count. */
  readonly era: bigint;
  readonly floorUs: number;
  /** False until the first fact came, which begins the floor; a floor may have been raised before. */
  readonly begun: boolean;
  /** Instants from here on have partitions of a day; Infinity while there is none. */
  readonly daysFromUs: number;
}

/** A point as the writer remembers it. */
export interface KnownPoint extends PointHead {
  /** By variable, withdrawn or not. What is newer than these is not in the store. */
  readonly newest: Map<string, NewestFact>;
  /** Spans that stand in the store. */
  readonly spans: Set<string>;
  readonly pace: Pace;
  /** Of the monotonic clock. */
  readonly loadedAtMs: number;
}

/** The head that stands in each row of a point; undefined for a point that the tier never saw. */
export function headOf(row: Row | undefined): PointHead | undefined {
  if (row === undefined || row["era"] === null) return undefined;
  const daysFrom = row["days_from"] as bigint | null;
  return {
    era: row["era"] as bigint, floorUs: (row["floor"] as number | null) ?? -Infinity, begun: row["begun"] === true, daysFromUs: daysFrom === null ? Infinity : Number(daysFrom),
  };
}

/** Takes the newest facts out of rows of a point, but those of another era. */
export function addNewest(newest: Map<string, NewestFact>, rows: readonly Row[], era: bigint): void {
  for (const row of rows) {
    const cell = row["newest"] as Buffer | null;
    if (cell !== null && row["of_era"] === era) newest.set(row["variable"] as string, decodeNewest(cell));
  }
}

/** Key of a point in maps; names hold no NUL. */
export function textOf({ client, point }: PointKey): string {
  return `${client}\0${point}`;
}
