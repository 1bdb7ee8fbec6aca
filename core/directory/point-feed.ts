import { newestEntry } from "./entries.ts";
import { deviceKey, type DeviceRecord, type DirectoryEntry, type PointRecord } from "./records.ts";

/** Ids (`deviceKey`) of the devices that feed a point, or did: its own first. */
export function feedingDevices({ client, device, feeders }: PointRecord): string[] {
  return [device, ...feeders].map((name) => deviceKey(client, name));
}

/** A key that feeds a point, with the device that sends it. */
export interface FeedingKey {
  readonly device: string;
  readonly entry: DirectoryEntry;
}

/** Keys that feed the point by each device's newest entries, in the order of the devices. Ignored ones are among them. */
export function feedingKeys(point: string, devices: readonly DeviceRecord[]): FeedingKey[] {
  return devices.flatMap(({ device, entries }) =>
    entries.filter((entry) => entry.point === point && newestEntry(entries, entry.key) === entry).map((entry) => ({ device, entry })));
}
