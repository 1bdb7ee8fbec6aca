import { limitNames, MAX_POINT_NAME_CHARACTERS, parseInstant, pointSettingRows, type KeyChange, type LimitChange, type PointChange, type SettingsChange } from "@caudal/core";
import { Problem } from "@caudal/runtime";
import { z } from "zod";

const bound = z.number().nullable().optional();
const positive = z.number().positive().nullable().optional();

const keySchema = z.strictObject({
  key: z.string().min(1).max(256).describe("The source's own name for the value."),
  device: z.string().min(1).max(256).optional().describe("Device that sends it, where several of the point's devices have such a key."),
  channel: z.string().max(64).optional().describe("Channel of the device that the key belongs to; its point is made when it is new."),
  point: z.string().min(1).max(64).optional().describe("Another point of the client that the key feeds (two loggers, one well)."),
  variable: z.string().max(64).optional(),
  unit: z.string().max(64).optional().describe("Unit that the source's values are in."),
  ignored: z.boolean().optional(),
  validFrom: z.string().max(40).nullable().optional().describe("RFC 3339 time from which this holds; absent or null: from the first reading."),
  min: bound, max: bound, maxRatePerS: positive, flatLineS: positive, spike: positive, stuckM3: positive,
});

const settingsSchema = z.strictObject({
  validFrom: z.string().max(40).nullable().optional().describe("RFC 3339 time from which these hold; absent or null: from the first reading."),
  values: z.record(z.string().max(64), z.union([z.number(), z.string().max(64), z.null()])).default({}).describe(`By name: ${pointSettingRows.map(({ name }) => name).join(", ")}. null unsets one from then on.`),
  forget: z.array(z.string().max(64)).max(64).optional().describe("Names that this period says nothing of any more, as if it never had: what held before holds on. A period that says nothing is gone."),
  keepLater: z.boolean().optional().describe("Where it holds from the first reading: corrects that period alone, and what later ones say stays."),
  reason: z.string().trim().min(1).max(1000).optional().describe("Why; kept with the period."),
});

const limitsSchema = z.strictObject({
  variable: z.string().min(1).max(80),
  validFrom: z.string().max(40).nullable().optional().describe("RFC 3339 time from which these hold; absent or null: from the first reading."),
  values: z.record(z.string().max(64), z.number().nullable()).default({}).describe(`By name: ${limitNames.join(", ")}; in the variable's stored unit, and seconds. null takes the default again from then on.`),
  forget: z.array(z.string().max(64)).max(64).optional().describe("Names that this period says nothing of any more, as if it never had."),
  keepLater: z.boolean().optional().describe("Where it holds from the first reading: corrects that period alone, and what later ones say stays."),
  reason: z.string().trim().min(1).max(1000).optional().describe("Why; kept with the period."),
});

/** Body of a change of a point; absent fields stay as they are. */
export const changeSchema = z.strictObject({
  name: z.string().trim().min(1).max(MAX_POINT_NAME_CHARACTERS).optional(),
  periodS: z.number().positive().nullable().optional().describe("Seconds between readings; null learns it from the data."),
  variables: z.array(keySchema).max(1024).optional(),
  settings: z.array(settingsSchema).max(64).optional(),
  limits: z.array(limitsSchema).max(256).optional().describe("Limits of the quality tests, by variable; those beside a key hold from its validFrom."),
});
export type ChangeBody = z.output<typeof changeSchema>;

type Given<T> = { [K in keyof T]: Exclude<T[K], undefined> };

function given<T extends object>(value: T): Given<T> {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as Given<T>;
}

function keyChange({ validFrom, ...change }: z.output<typeof keySchema>, index: number): KeyChange {
  return given({ ...change, validFromUs: instantOf(validFrom, `body.variables.${index}.validFrom`) });
}

function settingsChange({ validFrom, ...change }: z.output<typeof settingsSchema>, index: number): SettingsChange {
  return given({ ...change, validFromUs: instantOf(validFrom, `body.settings.${index}.validFrom`) });
}

function limitsChange({ validFrom, ...change }: z.output<typeof limitsSchema>, index: number): LimitChange {
  return given({ ...change, validFromUs: instantOf(validFrom, `body.limits.${index}.validFrom`) });
}

function instantOf(validFrom: string | null | undefined, field: string): number | null | undefined {
  const validFromUs = typeof validFrom === "string" ? parseInstant(validFrom) : validFrom;
  if (typeof validFrom === "string" && validFromUs === undefined) {
    const detail = { en: "not an RFC 3339 time", es: "no es una hora RFC 3339" };
    throw new Problem("invalid-body", { field, detail, errors: [{ field, detail }], next: { en: "Send a time such as 2026-03-01T12:00:00Z.", es: "Envíe una hora como 2026-03-01T12:00:00Z." } });
  }
  return validFromUs;
}

/** The change that the directory takes; its `variables` stand in the order of the body's. Throws Problem "invalid-body". */
export function changeOf({ name, periodS, variables, settings, limits }: ChangeBody): PointChange {
  return given({ name, periodS, variables: variables?.map(keyChange), settings: settings?.map(settingsChange), limits: limits?.map(limitsChange) });
}
