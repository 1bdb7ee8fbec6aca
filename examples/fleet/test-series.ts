/** Small series that the tests play; only tests import this file. */
import { parseCatalog } from "./catalog.ts";
import type { CatalogSeries } from "./catalog.ts";
import { readSeries } from "./series.ts";
import type { Series } from "./series.ts";

const DATASETS = { homes: { title: "Homes", credit: "A. Neighbour", licence: "CC0", licenceFile: "LICENSE", origin: "https://data.example/homes" } };

const METER = {
  device: "home-1", name: { es: "Casa 1", en: "Home 1" }, dataset: "homes", file: "home-1.csv.gz", format: "daiad-meter", zone: "Europe/Madrid",
  place: "household", time: "wall-clock", style: "values", keys: [{ key: "total_l", unit: "L", column: 2, totaliser: true }],
};

/** A catalogue with one row for each set of changes to a household meter. */
export function catalogOf(...changes: readonly object[]): { datasets: object; series: readonly object[] } {
  return { datasets: DATASETS, series: changes.map((change) => ({ ...METER, ...change })) };
}

export function entryOf(change: object = {}): CatalogSeries {
  const [entry] = parseCatalog(catalogOf(change)).series;
  if (entry === undefined) throw new Error("a catalogue has a row");
  return entry;
}

/** Text of a meter's file: hourly rows from 1 January 2017 00:00 in Madrid, totals counting up by one. */
export function hourlyRows(rows: number, firstTotal = 100): string {
  const lines = Array.from({ length: rows }, (_, i) => {
    const civil = new Date(Date.UTC(2017, 0, 1) + i * 3_600_000).toISOString();
    return `k;${civil.slice(8, 10)}/${civil.slice(5, 7)}/${civil.slice(0, 4)} ${civil.slice(11, 19)};${firstTotal + i};1\n`;
  });
  return `user key;datetime;meter reading;diff\n${lines.join("")}`;
}

export function seriesOf(text: string, change: object = {}): Series {
  return readSeries(entryOf(change), Buffer.from(text));
}
