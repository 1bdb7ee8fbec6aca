import { readFileSync, writeFileSync } from "node:fs";

export type Mode = "embedded" | "engines";

/**
 * Every fault point that a run without faults reached, with how often: what seeds choose from, so it is kept, and a seed stays the same fault. 0 stands
 * for a point that only the first run of an installation comes to.
 */
export type Catalogue = Readonly<Record<string, number>>;

const at = (mode: Mode): URL => new URL(`points.${mode}.json`, import.meta.url);

export function readCatalogue(mode: Mode): Catalogue {
  return JSON.parse(readFileSync(at(mode), "utf8")) as Catalogue;
}

export function writeCatalogue(mode: Mode, points: Catalogue): void {
  const sorted = Object.fromEntries(Object.entries(points).sort(([a], [b]) => (a < b ? -1 : 1)));
  writeFileSync(at(mode), `${JSON.stringify(sorted, null, 1)}\n`);
}

/** Counts of a first run and of `others` runs after it, as the catalogue holds them. */
export function catalogueOf(first: ReadonlyMap<string, number>, all: ReadonlyMap<string, number>, others: number): Catalogue {
  return Object.fromEntries([...all].map(([point, count]) => {
    const later = count - (first.get(point) ?? 0);
    return [point, later === 0 ? 0 : Math.max(1, Math.floor(later / others))];
  }));
}

export function serviceOf(point: string): string {
  return point.slice(0, point.indexOf("/"));
}
