import { readShared } from "../data-folder.ts";
import type { LabelledSeries } from "./series.ts";

const files = [
  { file: "realKnownCause/machine_temperature_system_failure.csv", sensor: "machine temperature", variable: "temperature", unit: "Cel" },
  { file: "realTraffic/speed_7578.csv", sensor: "road speed", variable: "speed", unit: "" },
  { file: "artificialWithAnomaly/art_daily_flatmiddle.csv", sensor: "art_daily_flatmiddle", variable: "value", unit: "" },
  { file: "artificialWithAnomaly/art_daily_jumpsup.csv", sensor: "art_daily_jumpsup", variable: "value", unit: "" },
  { file: "artificialNoAnomaly/art_daily_small_noise.csv", sensor: "art_daily_small_noise (no anomaly)", variable: "value", unit: "" },
] as const;

export const nabFiles: readonly string[] = ["nab/combined_windows.json", ...files.map(({ file }) => `nab/${file}.gz`)];

/** The Numenta Anomaly Benchmark: windows in which an alarm counts. Its own judge leaves the first 15 % of each file out, 750 rows at most. */
export function readNab(): LabelledSeries[] {
  const windows = JSON.parse(readShared("nab/combined_windows.json")) as Readonly<Record<string, readonly (readonly [string, string])[]>>;
  return files.map(({ file, sensor, variable, unit }) => {
    const rows = readShared(`nab/${file}.gz`).trim().split("\n").slice(1).map((line) => {
      const [time, value] = line.split(",") as [string, string];
      return { timeUs: timeOf(time), value: Number(value) };
    });
    return { source: "NAB", sensor, variable, unit, rows, commissionedRows: Math.min(Math.floor(0.15 * rows.length), 750), events: (windows[file] ?? []).map(([from, to]) => [timeOf(from), timeOf(to)] as const) };
  });
}

/** No zone is written; UTC has no clock changes. */
function timeOf(text: string): number {
  return Date.parse(`${text.slice(0, 19).replace(" ", "T")}Z`) * 1000;
}
