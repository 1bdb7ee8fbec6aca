import { formatInstant, storedUnit, unitSlug, variableRow, type DeviceRecord, type DirectoryEntry, type PointRecord, type StoredDocument } from "@caudal/core";
import { z } from "zod";

const limit = z.number().nullable();

export const variableSchema = z.object({
  key: z.string(), channel: z.string(), variable: z.string(), name: z.object({ en: z.string(), es: z.string() }), kind: z.string(),
  unit: z.string().describe("Unit that facts are stored in."), sourceUnit: z.string().describe("Unit that the source's values are in."),
  column: z.string(), guessed: z.boolean(), ignored: z.boolean(), min: limit, max: limit, maxRatePerS: limit, flatLineS: limit,
});

export const pointSchema = z.object({
  id: z.string(), client: z.string(), name: z.string(), device: z.string(), channel: z.string(), labels: z.record(z.string(), z.string()),
  adoptedBy: z.enum(["auto", "person"]), createdAt: z.string(), periodS: z.number().nullable(), variables: z.array(variableSchema), version: z.number(),
});

/** What is in force now: of each key the entry that began last. */
function newestEntries(entries: readonly DirectoryEntry[]): DirectoryEntry[] {
  const newest = new Map<string, DirectoryEntry>();
  for (const entry of entries) {
    const known = newest.get(entry.key);
    if (known === undefined || (entry.validFromUs ?? Number.NEGATIVE_INFINITY) >= (known.validFromUs ?? Number.NEGATIVE_INFINITY)) newest.set(entry.key, entry);
  }
  return [...newest.values()];
}

function variableView(entry: DirectoryEntry, point: PointRecord): z.input<typeof variableSchema> {
  const { key, channel, variable, guessed } = entry;
  const row = variableRow(variable);
  const unit = storedUnit(variable, entry.unit);
  const slug = unitSlug(unit);
  const { min, max, maxRatePerS, flatLineS } = point.variables[variable] ?? {};
  return {
    key, channel, variable, name: row?.name ?? { en: key, es: key }, kind: row?.kind ?? "state", unit, sourceUnit: entry.unit,
    column: slug === "" ? variable : `${variable}_${slug}`, guessed, ignored: entry.ignored === true,
    min: min ?? row?.range.min ?? null, max: max ?? row?.range.max ?? null, maxRatePerS: maxRatePerS ?? null, flatLineS: flatLineS ?? null,
  };
}

/** A point as the API shows it, with what its device's keys mean. */
export function pointView({ id, version, body }: StoredDocument<PointRecord>, device: DeviceRecord | undefined): z.input<typeof pointSchema> {
  const { client, name, channel, labels, adoptedBy, periodS } = body;
  const entries = newestEntries(device?.entries ?? []).filter((entry) => entry.point === id);
  return {
    id, client, name, device: body.device, channel, labels: { ...device?.labels, ...labels }, adoptedBy, createdAt: formatInstant(body.createdAtUs), periodS,
    variables: entries.map((entry) => variableView(entry, body)), version,
  };
}
