import {
  deviceKey, feedingDevices, feedingKeys, formatInstant, storedUnit, unitSlug, variableRow,
  type DeviceRecord, type FeedingKey, type PointRecord, type StoredDocument,
} from "@caudal/core";
import { z } from "zod";

const limit = z.number().nullable();

export const variableSchema = z.object({
  key: z.string(), device: z.string().describe("Device that sends the key."), channel: z.string(), variable: z.string(),
  name: z.object({ en: z.string(), es: z.string() }), kind: z.string(),
  unit: z.string().describe("Unit that facts are stored in."), sourceUnit: z.string().describe("Unit that the source's values are in."),
  column: z.string(), guessed: z.boolean(), ignored: z.boolean(), min: limit, max: limit, maxRatePerS: limit, flatLineS: limit,
});

export const pointSchema = z.object({
  id: z.string(), client: z.string(), name: z.string(), device: z.string(), channel: z.string(), labels: z.record(z.string(), z.string()),
  adoptedBy: z.enum(["auto", "person"]), createdAt: z.string(), periodS: z.number().nullable(), variables: z.array(variableSchema),
  version: z.number().describe("Grows with each change by a person; for If-Match."),
});
export type PointView = z.input<typeof pointSchema>;

function variableView({ device, entry }: FeedingKey, point: PointRecord): z.input<typeof variableSchema> {
  const { key, channel, variable, guessed } = entry;
  const row = variableRow(variable);
  const unit = storedUnit(variable, entry.unit);
  const slug = unitSlug(unit);
  const { min, max, maxRatePerS, flatLineS } = point.variables[variable] ?? {};
  return {
    key, device, channel, variable, name: row?.name ?? { en: key, es: key }, kind: row?.kind ?? "state", unit, sourceUnit: entry.unit,
    column: slug === "" ? variable : `${variable}_${slug}`, guessed, ignored: entry.ignored === true,
    min: min ?? row?.range.min ?? null, max: max ?? row?.range.max ?? null, maxRatePerS: maxRatePerS ?? null, flatLineS: flatLineS ?? null,
  };
}

/** A point as the API shows it, with what the keys mean that feed it, whichever of `devices` (by id) sends them. */
export function pointView({ id, body }: StoredDocument<PointRecord>, devices: ReadonlyMap<string, DeviceRecord>): PointView {
  const { client, name, channel, adoptedBy, periodS, revision } = body;
  const feeding = feedingDevices(body).flatMap((device) => devices.get(device) ?? []);
  return {
    id, client, name, device: body.device, channel, labels: { ...devices.get(deviceKey(client, body.device))?.labels, ...body.labels }, adoptedBy,
    createdAt: formatInstant(body.createdAtUs), periodS, variables: feedingKeys(id, feeding).map((key) => variableView(key, body)), version: revision,
  };
}
