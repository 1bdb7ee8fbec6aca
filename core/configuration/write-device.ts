import { changeDevice, nextMapping } from "../directory/device-change.ts";
import type { DirectoryCollections } from "../directory/collections.ts";
import type { DeviceRecord } from "../directory/records.ts";
import { CaudalError } from "../errors.ts";
import { meaningsOf } from "./from-records.ts";
import type { HeldDevice } from "./held.ts";
import type { ReadDevice } from "./read-said.ts";

export interface DeviceWritten {
  /** Its readings were parked until now. */
  readonly adopted: boolean;
  /** Its keys mean something else now. */
  readonly remapped: boolean;
}

/** Makes a device's keys mean what is said, and adopts it. Throws "version-conflict" when its keys changed meanwhile. */
export async function writeDevice(collections: DirectoryCollections, { stated: { client, device }, entries, feeds }: ReadDevice, held: HeldDevice | undefined, atUs: number): Promise<DeviceWritten> {
  const textOf = (record: Pick<DeviceRecord, "state" | "entries" | "feeds"> | undefined): string => JSON.stringify(record?.state === "active" ? meaningsOf({ client, device }, record) : null);
  const before = textOf(held?.device?.body);
  const wanted = textOf({ state: "active", entries, feeds });
  let written: DeviceWritten = { adopted: false, remapped: false };
  await changeDevice(collections, client, device, (current) => {
    const now = textOf(current);
    written = { adopted: current?.state === "waiting", remapped: now !== wanted };
    if (now === wanted) return undefined;
    if (now !== before) throw new CaudalError("version-conflict", `the keys of ${client}/${device} were changed meanwhile`);
    if (current === undefined) return { client, device, state: "active", entries, ...(feeds.length === 0 ? {} : { feeds }), labels: {}, keysSeen: [], firstSeenAtUs: atUs, directoryVersion: 1, changedAtUs: atUs };
    const fed = feeds.length === 0 && current.feeds === undefined ? {} : { feeds };
    return { ...current, state: "active", entries, ...fed, keysSeen: [], ...nextMapping(current, atUs) };
  });
  return written;
}
