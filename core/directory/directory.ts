import { systemScope, type Scope } from "../access/principal.ts";
import type { Documents, StoredDocument } from "../ports/documents.ts";
import { adoptDevice, learnKeys, noteWaiting, type Adoption, type Sighting } from "./adopt.ts";
import type { PointChange } from "./change-point.ts";
import { openCollections, type DirectoryCollections } from "./collections.ts";
import { configurePoint, type ChangeBy, type Configured } from "./configure.ts";
import type { FeedChange } from "./feeds.ts";
import { deviceKey, type DeviceRecord } from "./records.ts";
import { setFeeds, type FeedsSet } from "./set-feeds.ts";

const PAGE = 500;

/**
 * What devices' keys mean: clients, devices and points over the Documents port. Mapping adopts and learns here, people configure here.
 * Each call that changes something is durable when it resolves and safe against others who call at the same time.
 */
export class Directory {
  readonly collections: DirectoryCollections;

  private constructor(collections: DirectoryCollections) {
    this.collections = collections;
  }

  static async open(documents: Documents): Promise<Directory> {
    return new Directory(await openCollections(documents));
  }

  device(client: string, device: string): Promise<StoredDocument<DeviceRecord> | undefined> {
    return this.collections.devices.get(systemScope, deviceKey(client, device));
  }

  /** Those of the ids (`deviceKey`) that are known. */
  devices(ids: readonly string[]): Promise<readonly StoredDocument<DeviceRecord>[]> {
    return this.collections.devices.getMany(systemScope, ids);
  }

  /** Makes the device active, with its point and its client. An active one stays as it is. */
  adopt(client: string, device: string, adoption: Adoption): Promise<StoredDocument<DeviceRecord>> {
    return adoptDevice(this.collections, client, device, adoption);
  }

  /** Guesses for keys that an active device's record lacks. */
  learnKeys(client: string, device: string, sighting: Pick<Sighting, "keys" | "atUs">): Promise<StoredDocument<DeviceRecord> | undefined> {
    return learnKeys(this.collections, client, device, sighting);
  }

  /** Lists a device that waits for adoption, with the keys seen. */
  noteWaiting(client: string, device: string, sighting: Sighting): Promise<StoredDocument<DeviceRecord>> {
    return noteWaiting(this.collections, client, device, sighting);
  }

  /** A person's rename, variable, unit, channel or limits. */
  configure(point: string, change: PointChange, options: ChangeBy): Promise<Configured> {
    return configurePoint(this.collections, point, change, options);
  }

  /** A person's word on the points that a device's keys feed besides their own. */
  setFeeds(client: string, device: string, changes: readonly FeedChange[], options: ChangeBy & { readonly dryRun?: boolean }): Promise<FeedsSet> {
    return setFeeds(this.collections, { client, device }, changes, options);
  }

  /** Devices whose mapping changed at or after the instant, oldest change first. */
  async *changedSince(fromUs: number): AsyncGenerator<StoredDocument<DeviceRecord>> {
    let cursor: string | undefined;
    do {
      const page = await this.collections.devices.find(systemScope, {
        range: { field: "changedAtUs", from: fromUs }, orderBy: "changedAtUs", limit: PAGE, ...(cursor === undefined ? {} : { cursor }),
      });
      yield* page.items;
      cursor = page.next;
    } while (cursor !== undefined);
  }

  /** Clients that the scope allows and that have a device of this id, in order; at most ten, since more than one is already ambiguous. */
  async clientsOfDevice(scope: Scope, device: string): Promise<readonly string[]> {
    const page = await this.collections.devices.find(scope, { where: { device }, limit: 10 });
    return page.items.map((item) => item.body.client).sort();
  }
}
