import { park, type VariableConfig } from "@caudal/core";
import type { StepOutcome } from "../step.ts";

const limitNames = ["min", "max", "maxRatePerS", "flatLineS"] as const;

/** Reads the body of a configuration event: `PointRecord.variables` as JSON. */
export function readConfiguration(body: string | null): StepOutcome<Readonly<Record<string, VariableConfig>>> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body ?? "");
  } catch {
    return park("malformed-json", "the body of the configuration event is no JSON");
  }
  if (!isObject(parsed)) return park("wrong-type", "the body of the configuration event is no object");
  const config: Record<string, VariableConfig> = {};
  for (const [variable, limits] of Object.entries(parsed)) {
    if (!isObject(limits)) return park("wrong-type", `the limits of ${variable} are no object`);
    const read: Partial<Record<(typeof limitNames)[number], number>> = {};
    for (const name of limitNames) {
      const value = limits[name];
      if (value === undefined || value === null) continue;
      if (typeof value !== "number" || !Number.isFinite(value)) return park("wrong-type", `${name} of ${variable} is no number`);
      read[name] = value;
    }
    config[variable] = read;
  }
  return { kind: "keep", value: config };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
