import type { VariableConfig } from "@caudal/core";
import { readExample } from "../data-folder.ts";
import { loganTimeUs } from "../planted/bases.ts";
import type { LabelledSeries } from "./series.ts";

const HOUR_S = 3600;

/** Six sensors of a mountain river in winter; what such a river can do in an hour is known without its labels. */
const sensors: readonly { readonly name: string; readonly variable: string; readonly unit: string; readonly byNature: VariableConfig }[] = [
  { name: "temp", variable: "temperature", unit: "Cel", byNature: { min: -1, max: 30, maxRatePerS: 4 / HOUR_S, spike: 1 } },
  { name: "cond", variable: "conductivity", unit: "uS/cm", byNature: { min: 50, max: 1500, maxRatePerS: 200 / HOUR_S, spike: 25 } },
  { name: "ph", variable: "ph", unit: "pH", byNature: { min: 6, max: 9.5, maxRatePerS: 1 / HOUR_S, spike: 0.2 } },
  { name: "do", variable: "dissolved_oxygen", unit: "mg/L", byNature: { min: 3, max: 18, maxRatePerS: 4 / HOUR_S, spike: 1 } },
  { name: "turb", variable: "turbidity", unit: "NTU", byNature: { min: 0, max: 3000 } },
  { name: "stage", variable: "level", unit: "cm", byNature: { min: 0.05, max: 3, maxRatePerS: 0.4 / HOUR_S, spike: 0.05 } },
];

/** Logan River Observatory, Blacksmith Fork 2020: what a technician labelled, each run of labelled rows an event. */
export function readLogan(): LabelledSeries[] {
  const [head = "", ...lines] = readExample("logan-river/BlackSmithFork2020.csv.gz").trim().split("\n").map((line) => line.trim());
  const columns = head.split(",");
  return sensors.map(({ name, variable, unit, byNature }) => {
    const [at, label] = [columns.indexOf(name), columns.indexOf(`${name}_qual`)];
    const rows: { timeUs: number; value: number }[] = [];
    const events: [number, number][] = [];
    let labelled = false;
    for (const line of lines) {
      const cells = line.split(",");
      const timeUs = loganTimeUs(cells[0]!);
      if (cells[at] !== "NULL") rows.push({ timeUs, value: Number(cells[at]) });
      const isLabelled = cells[label] !== "NULL" && cells[at] !== "NULL";
      if (isLabelled && labelled) events.at(-1)![1] = timeUs;
      else if (isLabelled) events.push([timeUs, timeUs]);
      labelled = isLabelled;
    }
    return { source: "Logan", sensor: name, variable, unit, rows, events, commissionedRows: 0, byNature };
  });
}
