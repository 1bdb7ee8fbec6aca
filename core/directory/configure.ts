import { systemScope, type Scope } from "../access/principal.ts";
import { CaudalError, hasCode } from "../errors.ts";
import type { StoredDocument } from "../ports/documents.ts";
import { insertOnce } from "./adopt.ts";
import { changedPoint, type PointChange } from "./change-point.ts";
import type { DirectoryCollections } from "./collections.ts";
import { changeDevice, nextMapping } from "./device-change.ts";
import { newestEntry } from "./entries.ts";
import { addFeeders, MAX_FEEDERS, type Feeder } from "./feeders.ts";
import { entryOfFeed } from "./feeds.ts";
import { changeEntries, changesMeaning, unknownKey, type KeyChange } from "./key-change.ts";
import { feedingDevices, feedsOf } from "./point-feed.ts";
import { pointIdOf } from "./point-id.ts";
import { readableName } from "./readable-name.ts";
import { deviceKey, type DeviceRecord, type DirectoryEntry, type PointRecord } from "./records.ts";
import { RefusedChange } from "./refused-change.ts";

export interface ChangeBy {
  readonly scope: Scope;
  /** Who. */
  readonly by: string;
  readonly atUs: number;
  /** `PointRecord.revision` that the change was made from; "version-conflict" when it moved on. Absent: whatever is there. */
  readonly expectedRevision?: number;
}

export interface Configured {
  readonly point: StoredDocument<PointRecord>;
  /** The point's own device. */
  readonly device: StoredDocument<DeviceRecord> | undefined;
  /** Every device that feeds the point and is known, its own first. */
  readonly devices: readonly StoredDocument<DeviceRecord>[];
  /** Ids (`deviceKey`) of those of them whose keys mean something else now, so that their past is mapped anew. */
  readonly remapped: readonly string[];
}

/** Changes of one device's keys. */
interface DeviceChanges {
  readonly device: DeviceRecord;
  readonly changes: readonly KeyChange[];
}

const TRIES = 16;

/**
 * Applies a person's change to a point and to the entries of the devices behind it. The point's document is written first, by compare and
 * set: it decides between two people. Fails with "not-found", "version-conflict" or, as RefusedChange, "bad-request"; nothing is written then.
 */
export async function configurePoint(collections: DirectoryCollections, pointId: string, change: PointChange, options: ChangeBy): Promise<Configured> {
  const keys = change.variables ?? [];
  for (let attempt = 1; attempt <= TRIES; attempt++) {
    const stored = await collections.points.get(options.scope, pointId);
    if (stored === undefined) throw new CaudalError("not-found", `no point ${pointId}`);
    if (options.expectedRevision !== undefined && stored.body.revision !== options.expectedRevision) {
      throw new CaudalError("version-conflict", `point ${pointId} is at revision ${stored.body.revision}`);
    }
    const devices = (await collections.devices.getMany(systemScope, feedingDevices(stored.body))).map(({ body }) => body);
    const assigned = assignKeys(stored.body, devices, keys);
    const entriesAfter = new Map(assigned.map(({ device, changes }) => [device.device, changeEntries(device, changes)]));
    const fed = await fedPoints(collections, stored.body, assigned);
    const body = changedPoint(stored.body, change, (key) => entryOf(pointId, assigned, entriesAfter, key), options);
    try {
      const point = await collections.points.replace(options.scope, { id: pointId, body }, stored.version);
      await addFeeders(collections, fed);
      const remapped = await changeMappings(collections, assigned, options);
      const after = await collections.devices.getMany(systemScope, feedingDevices(point.body));
      return { point, device: after.find(({ body }) => body.device === point.body.device), devices: after, remapped };
    } catch (error) {
      if (!hasCode(error, "version-conflict")) throw error;
    }
  }
  throw new CaudalError("unavailable", `others keep changing point ${pointId}`);
}

/** Which device each change is about: the one it names, else the one whose key feeds the point, else the one that sends such a key. */
function assignKeys({ point, device: own }: PointRecord, devices: readonly DeviceRecord[], keys: readonly KeyChange[]): readonly DeviceChanges[] {
  const changes = new Map<DeviceRecord, KeyChange[]>();
  for (const change of keys) {
    const has = (device: DeviceRecord, where?: string): boolean => device.entries.some((entry) => entry.key === change.key && (where === undefined || entry.point === where)) || (where !== undefined && isFed(device, where, change.key));
    if (devices.length === 0) throw new RefusedChange("no-device", { field: "key", change }, `cannot change: point ${point} has no device`);
    if (change.device !== undefined && !devices.some(({ device }) => device === change.device)) {
      throw new RefusedChange("unknown-device", { field: "device", change, values: { device: change.device } }, `names ${JSON.stringify(change.device)}, which does not feed the point`);
    }
    const named = devices.filter((device) => (change.device === undefined || device.device === change.device) && has(device));
    const feeding = named.filter((device) => has(device, point));
    const [found, other] = feeding.length > 0 ? feeding : named.filter(({ device }) => change.device !== undefined || device === own);
    if (found === undefined) throw unknownKey(change);
    if (other !== undefined) {
      const values = { key: change.key, devices: feeding.map(({ device }) => device).join(", ") };
      throw new RefusedChange("ambiguous-key", { field: "device", change, values }, `is a key of several devices (${values.devices}); name one`);
    }
    if (changesMeaning(change) && isFed(found, point, change.key) && !found.entries.some((entry) => entry.key === change.key && entry.point === point)) {
      throw new RefusedChange("fed-elsewhere", { field: "key", change, values: { key: change.key, device: found.device } }, `feeds this point beside its own: what it means is said at the points of device ${found.device}`);
    }
    changes.set(found, [...(changes.get(found) ?? []), change]);
  }
  return [...changes].map(([device, list]) => ({ device, changes: list }));
}

function isFed(device: DeviceRecord, point: string, key: string): boolean {
  return feedsOf(point, device).some((feed) => feed.key === key);
}

/** The entries as they will be of the device that the change is about; of a key that feeds the point beside its own, what it is there. */
function entryOf(point: string, assigned: readonly DeviceChanges[], entriesAfter: ReadonlyMap<string, readonly DirectoryEntry[]>, change: KeyChange): readonly DirectoryEntry[] {
  const owner = assigned.find(({ changes }) => changes.includes(change));
  if (owner === undefined) return [];
  const entries = entriesAfter.get(owner.device.device) ?? [];
  const entry = newestEntry(entries, change.key);
  const feed = feedsOf(point, owner.device).find(({ key }) => key === change.key);
  return feed === undefined || entry === undefined || entry.point === point ? entries : [entryOfFeed(feed, entry)];
}

/** Points that keys are made to feed and that are not their own device's, with what has to be noted there. Reads, and refuses those of others. */
async function fedPoints({ points }: DirectoryCollections, { client }: PointRecord, assigned: readonly DeviceChanges[]): Promise<readonly Feeder[]> {
  const fed: Feeder[] = [];
  for (const { device: { device }, changes } of assigned) {
    for (const change of changes) {
      if (change.point === undefined) continue;
      const found = await points.get({ clients: [client] }, change.point);
      if (found === undefined) throw new RefusedChange("unknown-point", { field: "point", change, values: { point: change.point } }, `cannot feed ${change.point}: the client has no such point`);
      const { feeders, device: own } = found.body;
      if (own === device || feeders.includes(device)) continue;
      if (feeders.length >= MAX_FEEDERS) throw new RefusedChange("too-many-feeders", { field: "point", change, values: { most: String(MAX_FEEDERS) } }, `cannot feed ${change.point}: ${MAX_FEEDERS} other devices do`);
      fed.push({ point: change.point, device });
    }
  }
  return fed;
}

async function changeMappings(collections: DirectoryCollections, assigned: readonly DeviceChanges[], options: ChangeBy): Promise<string[]> {
  const remapped: string[] = [];
  for (const { device: { client, device }, changes } of assigned) {
    if (!changes.some(changesMeaning)) continue;
    for (const { channel = "", point } of changes) if (channel !== "" && point === undefined) await addChannelPoint(collections, { client, device, channel }, options);
    let changed = false;
    await changeDevice(collections, client, device, (current) => {
      if (current === undefined) return undefined;
      const entries = changeEntries(current, changes);
      changed = !sameEntries(current.entries, entries);
      return changed ? { ...current, entries, ...nextMapping(current, options.atUs) } : undefined;
    });
    if (changed) remapped.push(deviceKey(client, device));
  }
  return remapped;
}

async function addChannelPoint(collections: DirectoryCollections, owner: { client: string; device: string; channel: string }, { by, atUs }: ChangeBy): Promise<void> {
  const { client, device, channel } = owner;
  const point = pointIdOf(client, device, channel);
  await insertOnce(collections.points, {
    id: point,
    body: {
      client, point, name: `${readableName(device)} ${channel}`, device, channel, feeders: [], labels: {}, adoptedBy: "person",
      createdAtUs: atUs, periodS: null, variables: {}, revision: 1, changedAtUs: atUs, changedBy: by, unpublished: false,
    },
  });
}

function sameEntries(a: readonly DirectoryEntry[], b: readonly DirectoryEntry[]): boolean {
  const text = (entries: readonly DirectoryEntry[]): string =>
    entries.map((e) => JSON.stringify([e.key, e.validFromUs, e.channel, e.point, e.variable, e.unit, e.guessed, e.ignored === true])).sort().join("\n");
  return text(a) === text(b);
}
