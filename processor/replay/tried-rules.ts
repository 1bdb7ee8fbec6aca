import { parseInstant, RefusedChange, type SettingsChange } from "@caudal/core";
import { Problem } from "@caudal/runtime";
import { z } from "zod";
import { Trial, type TriedConfiguration, type TriedRules } from "./trial.ts";

const bound = z.number().nullable().optional();
const positive = z.number().positive().nullable().optional();
const limits = z.strictObject({ min: bound, max: bound, maxRatePerS: positive, flatLineS: positive, spike: positive, stuckM3: positive })
  .refine(({ min, max }) => typeof min !== "number" || typeof max !== "number" || min <= max, "min is above max");
const configuration = {
  variables: z.record(z.string().min(1).max(64), limits).optional()
    .describe("Limits by variable, for the whole past; null is none."),
  settings: z.array(z.strictObject({
    validFrom: z.string().max(40).nullable().optional().describe("RFC 3339 time from which these hold; absent or null: from the first reading."),
    values: z.record(z.string().max(64), z.union([z.number(), z.string().max(64), z.null()])).describe("Settings of a point by name, as PATCH of a point takes them."),
  })).max(64).optional(),
};

/** Rules that somebody tries: for every point, and by point id for some. */
export const triedRulesSchema = z.strictObject({
  ...configuration,
  points: z.record(z.string().min(1).max(128), z.strictObject(configuration)).optional().describe("By point id; beside what is tried for all."),
});

type Given = Pick<z.output<typeof triedRulesSchema>, "variables" | "settings">;

/** The rules as a replay takes them. Problem "invalid-body" for what cannot be, with its place under `at`. */
export function triedRules({ points, ...all }: z.output<typeof triedRulesSchema>, at = "body.rules"): TriedRules {
  const rules: TriedRules = { ...tried(all, at), ...(points === undefined ? {} : { points: Object.fromEntries(Object.entries(points).map(([point, own]) => [point, tried(own, `${at}.points.${point}`)])) }) };
  try {
    new Trial(rules);
  } catch (error) {
    if (error instanceof RefusedChange) throw refused(`${at}.${error.place.field}`, error.message);
    throw error;
  }
  return rules;
}

/** The same of what a file or a command line says. Problem "invalid-body". */
export function checkedRules(given: unknown): TriedRules {
  const checked = triedRulesSchema.safeParse(given);
  if (checked.success) return triedRules(checked.data);
  const [issue] = checked.error.issues;
  throw refused(["body.rules", ...(issue?.path ?? [])].join("."), issue?.message ?? "it does not have the form");
}

function tried({ variables, settings }: Given, at: string): TriedConfiguration {
  return {
    ...(variables === undefined ? {} : { variables }),
    ...(settings === undefined ? {} : { settings: settings.map(({ validFrom = null, values }, index): SettingsChange => ({ validFromUs: instantOf(validFrom, `${at}.settings.${index}.validFrom`), values })) }),
  };
}

function instantOf(text: string | null, field: string): number | null {
  const instantUs = text === null ? null : parseInstant(text);
  if (instantUs === undefined) throw refused(field, `${text} is not an RFC 3339 time`);
  return instantUs;
}

function refused(field: string, detail: string): Problem {
  return new Problem("invalid-body", { field, detail });
}
