import { newestEntry } from "./entries.ts";
import { entryOfFeed } from "./feeds.ts";
import { deviceKey, type DeviceRecord, type DirectoryEntry, type DirectoryFeed, type PointRecord } from "./records.ts";

/** Ids (`deviceKey`) of the devices that feed a point, or did: its own first. */
export function feedingDevices({ client, device, feeders }: PointRecord): string[] {
  return [device, ...feeders].map((name) => deviceKey(client, name));
}

/** A key that feeds a point, with the device that sends it. */
export interface FeedingKey {
  readonly device: string;
  readonly entry: DirectoryEntry;
  /** The key has a point of its own and feeds this one beside it: no sign of life of this one's devices. */
  readonly isBeside?: boolean;
}

/**
 * Keys that feed the point by each device's newest entries, in the order of the devices, ignored ones among them; then those that feed it beside their own point, each by the
 * last of its periods. One that has ended is left out where another key gives its variable.
 */
export function feedingKeys(point: string, devices: readonly DeviceRecord[]): FeedingKey[] {
  const own = devices.flatMap(({ device, entries }) =>
    entries.filter((entry) => entry.point === point && newestEntry(entries, entry.key) === entry).map((entry) => ({ device, entry })));
  const fed = devices.flatMap((device) => feedsOf(point, device).map((feed) => ({ device, feed })));
  const given = new Set([...own.filter(({ entry }) => entry.ignored !== true).map(({ entry }) => entry.variable), ...fed.filter(({ feed }) => feed.validUntilUs === null).map(({ feed }) => feed.variable)]);
  const beside = fed.flatMap(({ device: { device, entries }, feed }): FeedingKey[] => {
    const entry = newestEntry(entries, feed.key);
    if (entry === undefined || entry.ignored === true || (feed.validUntilUs !== null && given.has(feed.variable))) return [];
    given.add(feed.variable);
    return [{ device, entry: entryOfFeed(feed, entry), isBeside: true }];
  });
  return [...own, ...beside];
}

/** The last period of each key that feeds the point beside its own. */
export function feedsOf(point: string, { feeds = [] }: Pick<DeviceRecord, "feeds">): DirectoryFeed[] {
  const last = new Map<string, DirectoryFeed>();
  for (const feed of feeds) if (feed.point === point) last.set(feed.key, feed);
  return [...last.values()];
}
