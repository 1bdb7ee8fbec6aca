import type { VariableConfig } from "@caudal/core";
import { readShared } from "../data-folder.ts";
import type { LabelledSeries } from "./series.ts";

const MINUTE_S = 60;
export const geccoFiles: readonly string[] = ["gecco-2018-water/geccoIC2018Train.csv.gz"];

/** What the outlet of a drinking-water works does not do: its water changes by the day, so from one minute to the next neither there and back nor for good. */
const sensors: readonly { readonly name: string; readonly variable: string; readonly unit: string; readonly byNature: VariableConfig }[] = [
  { name: "Tp", variable: "temperature", unit: "Cel", byNature: { min: 2, max: 20, spike: 0.5, maxRatePerS: 0.5 / MINUTE_S } },
  { name: "Cl", variable: "chlorine_dioxide", unit: "mg/L", byNature: { min: 0.05, max: 0.4, spike: 0.02, maxRatePerS: 0.02 / MINUTE_S } },
  { name: "pH", variable: "ph", unit: "pH", byNature: { min: 7, max: 9.5, spike: 0.05, maxRatePerS: 0.05 / MINUTE_S } },
  { name: "Redox", variable: "redox", unit: "mV", byNature: { min: 0.6, max: 0.9, spike: 0.01, maxRatePerS: 0.01 / MINUTE_S } },
  { name: "Leit", variable: "conductivity", unit: "uS/cm", byNature: { min: 100, max: 400, spike: 5, maxRatePerS: 5 / MINUTE_S } },
  { name: "Trueb", variable: "turbidity", unit: "NTU", byNature: { min: 0, max: 0.2, spike: 0.05, maxRatePerS: 0.05 / MINUTE_S } },
  { name: "Cl_2", variable: "chlorine_dioxide_2", unit: "mg/L", byNature: { min: 0.05, max: 0.4, spike: 0.02, maxRatePerS: 0.02 / MINUTE_S } },
  { name: "Fm", variable: "flow", unit: "m3/h", byNature: { min: 0, max: 833 } },
  { name: "Fm_2", variable: "flow_2", unit: "m3/h", byNature: { min: 0, max: 833 } },
];

/** GECCO Industrial Challenge 2018: a works' outlet by the minute; an event is of the water, so any sensor may tell of it. */
export function readGecco(): LabelledSeries[] {
  const [head = "", ...lines] = readShared(geccoFiles[0]!).trim().split("\n").map((line) => line.trim());
  const columns = head.split(",");
  const times: number[] = [];
  const values = sensors.map((): number[] => []);
  const places = sensors.map(({ name }) => columns.indexOf(name));
  const events: [number, number][] = [];
  let marked = false;
  for (const line of lines) {
    const cells = line.split(",");
    const timeUs = Number(cells[0]) * 1e6;
    times.push(timeUs);
    for (const [index, place] of places.entries()) values[index]!.push(cells[place] === "NA" ? NaN : Number(cells[place]));
    const isMarked = cells.at(-1) === "TRUE";
    if (isMarked && marked) events.at(-1)![1] = timeUs;
    else if (isMarked) events.push([timeUs, timeUs]);
    marked = isMarked;
  }
  return sensors.map(({ name, variable, unit, byNature }, index) => ({
    source: "GECCO 2018", sensor: name, variable, unit, byNature, events, commissionedRows: 0,
    rows: times.map((timeUs, row) => ({ timeUs, value: values[index]![row]! })).filter(({ value }) => !Number.isNaN(value)),
  }));
}
