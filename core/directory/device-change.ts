import { systemScope } from "../access/principal.ts";
import { CaudalError, hasCode } from "../errors.ts";
import type { NewDocument, StoredDocument } from "../ports/documents.ts";
import type { DirectoryCollections } from "./collections.ts";
import { deviceKey, type DeviceRecord } from "./records.ts";

const TRIES = 16;

/**
 * Reads the device, applies `change` and writes by compare and set, again from the start when somebody was faster. `change` gives the
 * record as it should be, or undefined to leave it. Resolves with what stands afterwards; "unavailable" when others kept being faster.
 */
export async function changeDevice(
  { devices }: DirectoryCollections,
  client: string,
  device: string,
  change: (current: DeviceRecord | undefined) => DeviceRecord | undefined,
): Promise<StoredDocument<DeviceRecord> | undefined> {
  const id = deviceKey(client, device);
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const current = await devices.get(systemScope, id);
    const body = change(current?.body);
    if (body === undefined) return current;
    const document: NewDocument<DeviceRecord> = { id, body };
    try {
      return current === undefined ? await devices.insert(systemScope, document) : await devices.replace(systemScope, document, current.version);
    } catch (error) {
      if (!hasCode(error, "duplicate-key") && !hasCode(error, "version-conflict")) throw error;
    }
  }
  throw new CaudalError("unavailable", `others keep changing device ${id}`);
}

/** Fields that say that the mapping changed; never before the change that it follows. */
export function nextMapping(current: DeviceRecord, atUs: number): Pick<DeviceRecord, "directoryVersion" | "changedAtUs"> {
  return { directoryVersion: current.directoryVersion + 1, changedAtUs: Math.max(atUs, current.changedAtUs + 1) };
}
