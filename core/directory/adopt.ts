import { systemScope } from "../access/principal.ts";
import { hasCode } from "../errors.ts";
import type { DocumentCollection, NewDocument, StoredDocument } from "../ports/documents.ts";
import type { DirectoryCollections } from "./collections.ts";
import { changeDevice, nextMapping } from "./device-change.ts";
import { guessEntries, MAX_KEYS_SEEN, type SeenKey } from "./entries.ts";
import { pointIdOf } from "./point-id.ts";
import { firstName, readableName } from "./readable-name.ts";
import type { DeviceRecord } from "./records.ts";

export interface Sighting {
  /** Keys that the device sent; where none are given they are learned from its next reading. */
  readonly keys: readonly SeenKey[];
  readonly labels: Readonly<Record<string, string>>;
  /** Received time of the reading, or the time of the person's decision. */
  readonly atUs: number;
}

export interface Adoption extends Sighting {
  readonly by: "auto" | "person";
}

/**
 * Makes a device active, with its main point and, where it is unknown, its client. Safe against others who do the same: an id that is
 * taken was made by somebody else. The device's record is written last, and it alone decides that the device is adopted.
 */
export async function adoptDevice(collections: DirectoryCollections, client: string, device: string, adoption: Adoption): Promise<StoredDocument<DeviceRecord>> {
  const { by, keys, labels, atUs } = adoption;
  const point = pointIdOf(client, device);
  await insertOnce(collections.clients, { id: client, body: { client, name: readableName(client), createdAtUs: atUs } });
  await insertOnce(collections.points, {
    id: point,
    body: {
      client, point, name: firstName(device, labels), device, channel: "", feeders: [], labels, adoptedBy: by, createdAtUs: atUs, periodS: null, variables: {}, revision: 1,
      changedAtUs: atUs, changedBy: by, unpublished: false,
    },
  });
  const adopted = await changeDevice(collections, client, device, (current) => {
    if (current?.state === "active") return undefined;
    const entries = guessEntries({ client, device }, keys, current?.entries ?? []);
    if (current === undefined) {
      return { client, device, state: "active", entries, labels, keysSeen: [], firstSeenAtUs: atUs, directoryVersion: 1, changedAtUs: atUs };
    }
    return { ...current, state: "active", entries: [...current.entries, ...entries], keysSeen: [], ...nextMapping(current, atUs) };
  });
  if (adopted === undefined) throw new Error(`device ${client}/${device} vanished while it was adopted`);
  return adopted;
}

/** Adds guesses for keys that an active device sends and its record lacks. Resolves with the record as it stands, undefined when there is none. */
export async function learnKeys(
  collections: DirectoryCollections, client: string, device: string, sighting: Pick<Sighting, "keys" | "atUs">,
): Promise<StoredDocument<DeviceRecord> | undefined> {
  return changeDevice(collections, client, device, (current) => {
    if (current?.state !== "active") return undefined;
    const entries = guessEntries({ client, device }, sighting.keys, current.entries);
    return entries.length === 0 ? undefined : { ...current, entries: [...current.entries, ...entries], ...nextMapping(current, sighting.atUs) };
  });
}

/** Lists a device that nobody adopted yet, with the keys that it sends. Leaves an active one as it is. */
export async function noteWaiting(collections: DirectoryCollections, client: string, device: string, sighting: Sighting): Promise<StoredDocument<DeviceRecord>> {
  const { keys, labels, atUs } = sighting;
  const names = keys.map(({ key }) => key);
  const noted = await changeDevice(collections, client, device, (current) => {
    if (current === undefined) {
      const keysSeen = [...new Set(names)].slice(0, MAX_KEYS_SEEN);
      return { client, device, state: "waiting", entries: [], labels, keysSeen, firstSeenAtUs: atUs, directoryVersion: 1, changedAtUs: atUs };
    }
    const keysSeen = [...new Set([...current.keysSeen, ...names])].slice(0, MAX_KEYS_SEEN);
    if (current.state === "active" || keysSeen.length === current.keysSeen.length) return undefined;
    return { ...current, keysSeen };
  });
  if (noted === undefined) throw new Error(`device ${client}/${device} vanished while it was noted`);
  return noted;
}

/** Inserts; an id that is taken is somebody else's doing the same. */
export async function insertOnce<T extends object>(collection: DocumentCollection<T>, document: NewDocument<T>): Promise<void> {
  try {
    await collection.insert(systemScope, document);
  } catch (error) {
    if (!hasCode(error, "duplicate-key")) throw error;
  }
}
