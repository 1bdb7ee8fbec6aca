import type { DocumentCollection, Documents } from "../ports/documents.ts";
import { clientCollection, deviceCollection, pointCollection, type ClientRecord, type DeviceRecord, type PointRecord } from "./records.ts";

/** The collections that the directory stands in. Listing pages straight from them. */
export interface DirectoryCollections {
  readonly clients: DocumentCollection<ClientRecord>;
  readonly devices: DocumentCollection<DeviceRecord>;
  readonly points: DocumentCollection<PointRecord>;
}

export async function openCollections(documents: Documents): Promise<DirectoryCollections> {
  const clients = await documents.collection<ClientRecord>(clientCollection);
  const devices = await documents.collection<DeviceRecord>(deviceCollection);
  const points = await documents.collection<PointRecord>(pointCollection);
  return { clients, devices, points };
}

/** Live channel that names a device (its `deviceKey`) whose record just changed; who misses one finds the change by `changedSince`. */
export const DIRECTORY_CHANNEL = "directory";
