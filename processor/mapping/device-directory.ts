import type { DeviceRecord, Directory, StoredDocument } from "@caudal/core";

const MAX_DEVICES = 50_000;

/** Records of devices in memory. They may be a moment old; `directory-watch.ts` keeps them fresh. */
export class DeviceDirectory {
  readonly directory: Directory;
  readonly #records = new Map<string, StoredDocument<DeviceRecord>>();

  constructor(directory: Directory) {
    this.directory = directory;
  }

  get(id: string): StoredDocument<DeviceRecord> | undefined {
    return this.#records.get(id);
  }

  /** Remembers the record, unless a newer one is known. */
  put(record: StoredDocument<DeviceRecord>): void {
    const known = this.#records.get(record.id);
    if (known !== undefined && known.version >= record.version) return;
    this.#records.delete(record.id);
    this.#records.set(record.id, record);
  }

  /** Brings the records of these devices into memory, where there are any. What is in memory already stays until `trim`. */
  async load(ids: ReadonlySet<string>): Promise<void> {
    const missing = [...ids].filter((id) => !this.#records.has(id));
    if (missing.length === 0) return;
    for (const record of await this.directory.devices(missing)) this.put(record);
  }

  /** Forgets the records that were learned first, down to the bound. Between batches. */
  trim(): void {
    for (const id of this.#records.keys()) {
      if (this.#records.size <= MAX_DEVICES) break;
      this.#records.delete(id);
    }
  }

  /** What was known may be old: another process worked on these devices meanwhile. */
  clear(): void {
    this.#records.clear();
  }
}
