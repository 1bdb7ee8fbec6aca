import { systemScope, type Scope } from "../access/principal.ts";
import { CaudalError, hasCode } from "../errors.ts";
import type { StoredDocument } from "../ports/documents.ts";
import { insertOnce } from "./adopt.ts";
import type { DirectoryCollections } from "./collections.ts";
import { changeDevice, nextMapping } from "./device-change.ts";
import { changeEntries, changesMeaning, newestEntry, type KeyChange } from "./key-change.ts";
import { readableName } from "./readable-name.ts";
import { deviceKey, type DeviceRecord, type DirectoryEntry, type PointRecord, type VariableConfig } from "./records.ts";

/** A person's change of a point. Absent fields stay as they are. */
export interface PointChange {
  readonly name?: string;
  /** Seconds between readings; null learns it from the data again. */
  readonly periodS?: number | null;
  readonly variables?: readonly KeyChange[];
}

export interface ChangeBy {
  readonly scope: Scope;
  /** Who. */
  readonly by: string;
  readonly atUs: number;
  /** Version of the point's document that the change was made from; "version-conflict" when it moved on. Absent: whatever is there. */
  readonly expectedVersion?: number;
}

export interface Configured {
  readonly point: StoredDocument<PointRecord>;
  /** The device that feeds the point. */
  readonly device: StoredDocument<DeviceRecord> | undefined;
  /** True when what keys mean changed, so that the past is mapped anew. */
  readonly mappingChanged: boolean;
}

const MAX_NAME_CHARACTERS = 120;
const TRIES = 16;
const limitNames = ["min", "max", "maxRatePerS", "flatLineS"] as const;

/**
 * Applies a person's change to a point and to the entries of the device behind it. The point's document is written first, by compare and
 * set: it decides between two people. Fails with "not-found", "version-conflict", or "bad-request" in words that name the key.
 */
export async function configurePoint(collections: DirectoryCollections, pointId: string, change: PointChange, options: ChangeBy): Promise<Configured> {
  const keys = change.variables ?? [];
  for (let attempt = 1; ; attempt++) {
    const stored = await collections.points.get(options.scope, pointId);
    if (stored === undefined) throw new CaudalError("not-found", `no point ${pointId}`);
    if (options.expectedVersion !== undefined && stored.version !== options.expectedVersion) {
      throw new CaudalError("version-conflict", `point ${pointId} is at version ${stored.version}`);
    }
    const { client, device } = stored.body;
    const current = (await collections.devices.get(systemScope, deviceKey(client, device)))?.body;
    if (current === undefined && keys.length > 0) throw new CaudalError("bad-request", `point ${pointId} has no device whose keys could change`);
    const entries = current === undefined ? [] : changeEntries(current, keys);
    await refuseForeignPoints(collections, client, keys);
    const body = changedPoint(stored.body, change, entries, options);
    try {
      const point = await collections.points.replace(options.scope, { id: pointId, body }, stored.version);
      return { point, ...(await changeMapping(collections, stored.body, keys, options)) };
    } catch (error) {
      if (!hasCode(error, "version-conflict") || options.expectedVersion !== undefined || attempt >= TRIES) throw error;
    }
  }
}

async function changeMapping(collections: DirectoryCollections, { client, device }: PointRecord, keys: readonly KeyChange[], options: ChangeBy): Promise<Omit<Configured, "point">> {
  const before = await collections.devices.get(systemScope, deviceKey(client, device));
  if (!keys.some(changesMeaning) || before === undefined) return { device: before, mappingChanged: false };
  let mappingChanged = false;
  const changed = await changeDevice(collections, client, device, (current) => {
    if (current === undefined) return undefined;
    const entries = changeEntries(current, keys);
    mappingChanged = !sameEntries(current.entries, entries);
    return mappingChanged ? { ...current, entries, ...nextMapping(current, options.atUs) } : undefined;
  });
  for (const entry of changed?.body.entries ?? []) await addChannelPoint(collections, { client, device }, entry, options);
  return { device: changed, mappingChanged };
}

async function addChannelPoint(collections: DirectoryCollections, { client, device }: { client: string; device: string }, entry: DirectoryEntry, { by, atUs }: ChangeBy): Promise<void> {
  if (entry.channel === "") return;
  await insertOnce(collections.points, {
    id: entry.point,
    body: {
      client, point: entry.point, name: `${readableName(device)} ${entry.channel}`, device, channel: entry.channel, labels: {}, adoptedBy: "person",
      createdAtUs: atUs, periodS: null, variables: {}, changedAtUs: atUs, changedBy: by, unpublished: false,
    },
  });
}

async function refuseForeignPoints({ points }: DirectoryCollections, client: string, keys: readonly KeyChange[]): Promise<void> {
  for (const { key, point } of keys) {
    if (point === undefined) continue;
    const found = await points.get({ clients: [client] }, point);
    if (found === undefined) throw new CaudalError("bad-request", `${JSON.stringify(key)} cannot feed ${point}: the client has no such point`);
  }
}

function changedPoint(point: PointRecord, change: PointChange, entries: readonly DirectoryEntry[], { by, atUs }: ChangeBy): PointRecord {
  const name = change.name?.trim() ?? point.name;
  if (name === "" || name.length > MAX_NAME_CHARACTERS) throw new CaudalError("bad-request", `name has from 1 to ${MAX_NAME_CHARACTERS} characters`);
  const periodS = change.periodS === undefined ? point.periodS : change.periodS;
  if (periodS !== null && !(periodS > 0 && Number.isFinite(periodS))) throw new CaudalError("bad-request", "periodS is a positive number of seconds");
  const variables: Record<string, VariableConfig> = { ...point.variables };
  for (const key of change.variables ?? []) {
    const entry = newestEntry(entries, key.key);
    if (entry === undefined || limitNames.every((name) => key[name] === undefined)) continue;
    if (entry.point !== point.point) throw new CaudalError("bad-request", `${JSON.stringify(key.key)} feeds another point; its limits are set there`);
    const limits = changedLimits(variables[entry.variable] ?? {}, key);
    if (Object.keys(limits).length === 0) delete variables[entry.variable];
    else variables[entry.variable] = limits;
  }
  return { ...point, name, periodS, variables, changedAtUs: Math.max(atUs, point.changedAtUs + 1), changedBy: by, unpublished: true };
}

function changedLimits(limits: VariableConfig, change: KeyChange): VariableConfig {
  const changed: { -readonly [N in keyof VariableConfig]: VariableConfig[N] } = { ...limits };
  for (const name of limitNames) {
    const value = change[name];
    if (value === undefined) continue;
    if (value === null) delete changed[name];
    else if (!Number.isFinite(value) || ((name === "maxRatePerS" || name === "flatLineS") && value <= 0)) {
      throw new CaudalError("bad-request", `${JSON.stringify(change.key)}: ${name} is not a ${name === "min" || name === "max" ? "finite" : "positive"} number`);
    } else changed[name] = value;
  }
  if (changed.min !== undefined && changed.max !== undefined && changed.min > changed.max) throw new CaudalError("bad-request", `${JSON.stringify(change.key)}: min is above max`);
  return changed;
}

function sameEntries(a: readonly DirectoryEntry[], b: readonly DirectoryEntry[]): boolean {
  const text = (entries: readonly DirectoryEntry[]): string =>
    entries.map((e) => JSON.stringify([e.key, e.validFromUs, e.channel, e.point, e.variable, e.unit, e.guessed, e.ignored === true])).sort().join("\n");
  return text(a) === text(b);
}
