import { MAX_POINT_NAME_CHARACTERS, parseInstant, type KeyChange, type PointChange } from "@caudal/core";
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
  min: bound, max: bound, maxRatePerS: positive, flatLineS: positive,
});

/** Body of a change of a point; absent fields stay as they are. */
export const changeSchema = z.strictObject({
  name: z.string().trim().min(1).max(MAX_POINT_NAME_CHARACTERS).optional(),
  periodS: z.number().positive().nullable().optional().describe("Seconds between readings; null learns it from the data."),
  variables: z.array(keySchema).max(1024).optional(),
});
export type ChangeBody = z.output<typeof changeSchema>;

type Given<T> = { [K in keyof T]: Exclude<T[K], undefined> };

function given<T extends object>(value: T): Given<T> {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as Given<T>;
}

function keyChange({ validFrom, ...change }: z.output<typeof keySchema>, index: number): KeyChange {
  const validFromUs = typeof validFrom === "string" ? parseInstant(validFrom) : validFrom;
  if (typeof validFrom === "string" && validFromUs === undefined) {
    const field = `body.variables.${index}.validFrom`;
    const detail = { en: "not an RFC 3339 time", es: "no es una hora RFC 3339" };
    throw new Problem("invalid-body", { field, detail, errors: [{ field, detail }], next: { en: "Send a time such as 2026-03-01T12:00:00Z.", es: "Envíe una hora como 2026-03-01T12:00:00Z." } });
  }
  return given({ ...change, validFromUs });
}

/** The change that the directory takes; its `variables` stand in the order of the body's. Throws Problem "invalid-body". */
export function changeOf({ name, periodS, variables }: ChangeBody): PointChange {
  return given({ name, periodS, variables: variables?.map(keyChange) });
}
