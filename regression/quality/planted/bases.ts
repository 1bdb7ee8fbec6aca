import { readExample } from "../data-folder.ts";
import { readMeters } from "../meter-file.ts";
import { kindsOf } from "../odd-rows.ts";

/** A value of a real series, and beside it what another sensor said. */
export interface BaseRow {
  readonly timeUs: number;
  readonly value: number;
  readonly beside?: number;
}
export type Base = readonly BaseRow[];

const HOUR_US = 3_600_000_000;

/** Totals in litres of the households whose files have no odd row. */
export function cleanMeters(most: number): Base[] {
  const found: Base[] = [];
  for (let number = 1; number <= 12 && found.length < most; number++) {
    const [meter] = readMeters(readExample(`daiad-water-meters/hogar-${String(number).padStart(2, "0")}.csv.gz`));
    if (meter !== undefined && kindsOf(meter.rows).every((kind) => kind === "plain")) found.push(meter.rows.map(({ timeUs, litres }) => ({ timeUs, value: litres })));
  }
  return found;
}

/** Hourly heads of an observation well, m; a logger since 2015. */
export function wellHeads(): Base {
  return columns(readExample("brabant-groundwater/B49F1552_1.csv.gz"), (text) => Date.parse(`${text.replace(" ", "T")}Z`) * 1000, 0, 1);
}

/** A river sensor of 2017 every 15 minutes, without the codes of its faults. */
export function riverSensor(name: "temp" | "cond" | "ph" | "do"): Base {
  return columns(readExample("logan-river/FB2017.csv.gz"), loganTimeUs, 0, ["datetime", "temp", "cond", "ph", "do"].indexOf(name));
}

/** Discharge of a flashy stream every 5 minutes at the size of a well (its L/s called m3/s), L/s, and beside it the total that a meter would show, m3 to the litre. */
export function wellFlow(): Base {
  let totalM3 = 1000;
  const rows = columns(readExample("usgs-dead-run/deadrun_5min_2018-06.csv.gz"), (text) => Date.parse(text) * 1000, 0, 2);
  return rows.map(({ timeUs, value }, index) => {
    const flowLps = Number((value * 0.028316846592).toFixed(3));
    if (index > 0) totalM3 += (flowLps * (timeUs - rows[index - 1]!.timeUs)) / 1e9;
    return { timeUs, value: flowLps, beside: Number(totalM3.toFixed(3)) };
  });
}

/** Mountain standard time all year. */
export function loganTimeUs(text: string): number {
  return Date.parse(`${text.slice(0, 16).replace(" ", "T")}:00Z`) * 1000 + 7 * HOUR_US;
}

function columns(text: string, timeOf: (text: string) => number, time: number, value: number): BaseRow[] {
  const rows: BaseRow[] = [];
  for (const line of text.split("\n").slice(1)) {
    const cells = line.trim().split(",");
    const number = Number(cells[value] === "" ? undefined : cells[value]);
    if (Number.isFinite(number) && number > -999) rows.push({ timeUs: timeOf(cells[time]!), value: number });
  }
  return rows;
}
