import {
  deviceKey, feedingDevices, feedingKeys, formatInstant, limitPeriodsOf, limitsGivenAt, storedUnit, unitSlug, variableRow,
  type DeviceRecord, type FeedingKey, type LimitPeriod, type PointPeriod, type PointRecord, type RecountRecord, type StoredDocument,
} from "@caudal/core";
import { z } from "zod";

const limit = z.number().nullable();

export const variableSchema = z.object({
  key: z.string(), device: z.string().describe("Device that sends the key."), channel: z.string(), variable: z.string(),
  name: z.object({ en: z.string(), es: z.string() }), kind: z.string(),
  unit: z.string().describe("Unit that facts are stored in."), sourceUnit: z.string().describe("Unit that the source's values are in."),
  decimals: z.int().nullable().describe("Digits after the point that pages show; null of a variable that the catalogue does not know."), column: z.string(), guessed: z.boolean(), ignored: z.boolean(), beside: z.boolean().describe("The key has a point of its own and feeds this one beside it, such as one barometer many wells: no sign of life of this point's devices."), min: limit, max: limit, maxRatePerS: limit, flatLineS: limit,
});

const periodSchema = z.object({
  validFrom: z.string().nullable().describe("From when these hold; null: from the first reading."),
  values: z.record(z.string(), z.union([z.number(), z.string(), z.null()])).describe("By name; null unsets one from then on. Names and units: GET /api/v1/variables/settings."),
  changedAt: z.string(), changedBy: z.string(), reason: z.string().optional(),
});

const limitsSchema = periodSchema.extend({
  variable: z.string(),
  values: z.record(z.string(), z.number().nullable()).describe("By name, in the variable's stored unit and in seconds; null takes the default again from then on."),
});

export const pointSchema = z.object({
  id: z.string(), client: z.string(), name: z.string(), device: z.string(), channel: z.string(), labels: z.record(z.string(), z.string()),
  adoptedBy: z.enum(["auto", "person"]), createdAt: z.string(), periodS: z.number().nullable(), variables: z.array(variableSchema),
  settings: z.array(periodSchema).describe("What people said of the point, from when it holds, by whom and when; in time order."),
  limits: z.array(limitsSchema).describe("Limits of the quality tests that people gave, by variable, from when they hold, by whom and when; by variable and time. Those in force now stand with the variables."),
  recomputing: z.object({ since: z.string(), from: z.string().nullable() }).nullable().optional().describe("Since when, and from which instant on (null: all), what follows from late or corrected data waits to be computed again; null: nothing does. In lists absent."),
  version: z.number().describe("Grows with each change by a person; for If-Match."),
});
export type PointView = z.input<typeof pointSchema>;

function variableView({ device, entry, isBeside = false }: FeedingKey, limits: readonly LimitPeriod[], nowUs: number): z.input<typeof variableSchema> {
  const { key, channel, variable, guessed } = entry;
  const row = variableRow(variable);
  const unit = storedUnit(variable, entry.unit);
  const slug = unitSlug(unit);
  const { min, max, maxRatePerS, flatLineS } = limitsGivenAt(undefined, limits, variable, nowUs);
  return {
    key, device, channel, variable, name: row?.name ?? { en: key, es: key }, kind: row?.kind ?? "state", unit, sourceUnit: entry.unit,
    decimals: row?.decimals ?? null, column: slug === "" ? variable : `${variable}_${slug}`, guessed, ignored: entry.ignored === true, beside: isBeside,
    min: min ?? row?.range.min ?? null, max: max ?? row?.range.max ?? null, maxRatePerS: maxRatePerS ?? null, flatLineS: flatLineS ?? null,
  };
}

function limitsView(period: LimitPeriod): z.input<typeof limitsSchema> {
  return { variable: period.variable, ...periodView(period), values: valuesOf(period.values) };
}

function valuesOf<T>(values: Readonly<Record<string, T | null | undefined>>): Record<string, T | null> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, value ?? null]));
}

function periodView({ validFromUs, values, changedAtUs, changedBy, reason }: PointPeriod | LimitPeriod): z.input<typeof periodSchema> {
  return { validFrom: validFromUs === null ? null : formatInstant(validFromUs), values: valuesOf<number | string>(values), changedAt: formatInstant(changedAtUs), changedBy, ...(reason === undefined ? {} : { reason }) };
}

/** What of a point waits to be computed again. */
export function recomputingOf(recount: StoredDocument<RecountRecord> | undefined): { since: string; from: string | null } | null {
  if (recount?.body.state !== "waiting") return null;
  const { sinceUs, behindUs } = recount.body;
  return { since: formatInstant(sinceUs), from: behindUs > Number.MIN_SAFE_INTEGER ? formatInstant(behindUs) : null };
}

/** A point as the API shows it, with what the keys mean that feed it, whichever of `devices` (by id) sends them. */
export function pointView({ id, body }: StoredDocument<PointRecord>, devices: ReadonlyMap<string, DeviceRecord>, nowUs: number): PointView {
  const { client, name, channel, adoptedBy, periodS, revision } = body;
  const limits = limitPeriodsOf(body);
  const feeding = feedingDevices(body).flatMap((device) => devices.get(device) ?? []);
  return {
    id, client, name, device: body.device, channel, labels: { ...devices.get(deviceKey(client, body.device))?.labels, ...body.labels }, adoptedBy,
    settings: (body.settings ?? []).map(periodView), limits: limits.map(limitsView),
    createdAt: formatInstant(body.createdAtUs), periodS, variables: feedingKeys(id, feeding).map((key) => variableView(key, limits, nowUs)), version: revision,
  };
}
