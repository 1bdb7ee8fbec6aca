import { checkedLimit, checkedSetting, hasCode, limitNames, park, splitConfiguration, type Configuration, type LimitName, type LimitPeriod, type PointPeriod, type VariableConfig } from "@caudal/core";
import type { StepOutcome } from "../step.ts";

/** Reads the body of a configuration event, as core's `configurationBody` writes it. */
export function readConfiguration(body: string | null): StepOutcome<Configuration> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body ?? "");
  } catch {
    return park("malformed-json", "the body of the configuration event is no JSON");
  }
  if (!isObject(parsed)) return park("wrong-type", "the body of the configuration event is no object");
  const split = splitConfiguration(parsed);
  const variables: Record<string, VariableConfig> = {};
  for (const [variable, limits] of Object.entries(split.variables)) {
    if (!isObject(limits)) return park("wrong-type", `the limits of ${variable} are no object`);
    const read: Partial<Record<LimitName, number>> = {};
    for (const name of limitNames) {
      const value = limits[name];
      if (value === undefined || value === null) continue;
      if (typeof value !== "number" || !Number.isFinite(value)) return park("wrong-type", `${name} of ${variable} is no number`);
      read[name] = value;
    }
    variables[variable] = read;
  }
  const periods = readSettings(split.periods);
  if (periods.kind !== "keep") return periods;
  if (split.limits === undefined) return { kind: "keep", value: { variables, periods: periods.value } };
  const limits = readLimits(split.limits);
  return limits.kind === "keep" ? { kind: "keep", value: { variables, periods: periods.value, limits: limits.value } } : limits;
}

function readSettings(given: unknown): StepOutcome<readonly PointPeriod[]> {
  return readPeriods(given, ({ validFromUs, changedAtUs, changedBy, values }): PointPeriod => {
    const read = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, checkedSetting(name, value, name)]));
    return { validFromUs, changedAtUs, changedBy, values: read };
  });
}

function readLimits(given: unknown): StepOutcome<readonly LimitPeriod[]> {
  return readPeriods(given, ({ variable, validFromUs, changedAtUs, changedBy, values }) => {
    if (typeof variable !== "string" || variable === "") return undefined;
    const read = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, checkedLimit(name, value, { field: name })]));
    return { variable, validFromUs, changedAtUs, changedBy, values: read };
  });
}

interface ReadPeriod {
  readonly validFromUs: number | null;
  readonly changedAtUs: number;
  readonly changedBy: string;
  readonly values: object;
  readonly variable: unknown;
}

/** Why a period was given is for people: it stands in the point's record. */
function readPeriods<T>(given: unknown, read: (period: ReadPeriod) => T | undefined): StepOutcome<readonly T[]> {
  if (!Array.isArray(given)) return park("wrong-type", "the periods are no list");
  const periods: T[] = [];
  for (const period of given as readonly unknown[]) {
    if (!isObject(period) || !isObject(period["values"])) return park("wrong-type", "a period is no object");
    const { validFromUs, changedAtUs, changedBy, values, variable } = period;
    if (validFromUs !== null && !(typeof validFromUs === "number" && Number.isSafeInteger(validFromUs))) return park("wrong-type", "a period begins at no instant");
    if (typeof changedAtUs !== "number" || typeof changedBy !== "string") return park("wrong-type", "a period does not say who gave it");
    try {
      const one = read({ validFromUs, changedAtUs, changedBy, values: values as object, variable });
      if (one === undefined) return park("wrong-type", "a period of limits names no variable");
      periods.push(one);
    } catch (error) {
      if (hasCode(error, "bad-request")) return park("wrong-type", String(error));
      throw error;
    }
  }
  return { kind: "keep", value: periods };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
