import { hasCode, systemScope, type CollectionSpec, type DocumentCollection, type Documents } from "@caudal/core";
import type { TimedSample } from "../providers/provider.ts";

/** The newest row of a key that was published with all before it. */
export interface Mark {
  readonly timeUs: number;
  readonly value: TimedSample["value"];
}

export type Marks = ReadonlyMap<string, Mark>;

/** One document a device; id: `account/device`. */
interface WatermarkBody {
  readonly client: string;
  readonly account: string;
  readonly device: string;
  /** When it was last asked with something to show for it. */
  readonly polledAtUs: number;
  readonly marks: readonly (readonly [key: string, timeUs: number, value: Mark["value"]])[];
}

export interface DeviceName {
  readonly client: string;
  readonly account: string;
  readonly device: string;
}

export interface DeviceMarks {
  readonly marks: Marks;
  /** Microseconds; 0 when never. */
  readonly polledAtUs: number;
}

interface Known extends DeviceMarks {
  readonly version: number;
}

const spec: CollectionSpec = { name: "poll-watermarks", tenant: true, indexes: [["account"]] };
const GET_AT_ONCE = 500;
const nothing: Known = { marks: new Map(), polledAtUs: 0, version: 0 };

/** How far each (account, device, key) is read. A mark only moves on: two collectors that write at once keep the newer of both. */
export class Watermarks {
  readonly #collection: DocumentCollection<WatermarkBody>;
  readonly #known = new Map<string, Known>();

  private constructor(collection: DocumentCollection<WatermarkBody>) {
    this.#collection = collection;
  }

  static async open(documents: Documents): Promise<Watermarks> {
    return new Watermarks(await documents.collection<WatermarkBody>(spec));
  }

  /** Reads what is stored of these devices: another collector may have moved them on. */
  async load(devices: readonly DeviceName[]): Promise<void> {
    for (let from = 0; from < devices.length; from += GET_AT_ONCE) {
      const ids = devices.slice(from, from + GET_AT_ONCE).map(idOf);
      for (const id of ids) this.#known.delete(id);
      for (const { id, version, body } of await this.#collection.getMany(systemScope, ids)) this.#known.set(id, knownOf(body, version));
    }
  }

  /** As last read or written here. */
  of(device: DeviceName): DeviceMarks {
    return this.#known.get(idOf(device)) ?? nothing;
  }

  /** Moves marks on; durable when it resolves. What stands further on already stays. */
  async advance(device: DeviceName, marks: Marks, polledAtUs: number): Promise<void> {
    const id = idOf(device);
    for (let known = this.#known.get(id); ; known = await this.#read(id)) {
      const merged = mergedMarks(known?.marks ?? nothing.marks, marks);
      const at = Math.max(polledAtUs, known?.polledAtUs ?? 0);
      const body: WatermarkBody = { ...device, polledAtUs: at, marks: [...merged].map(([key, { timeUs, value }]) => [key, timeUs, value]) };
      try {
        const stored = known === undefined ? await this.#collection.insert(systemScope, { id, body }) : await this.#collection.replace(systemScope, { id, body }, known.version);
        this.#known.set(id, { marks: merged, polledAtUs: at, version: stored.version });
        return;
      } catch (error) {
        if (!hasCode(error, "version-conflict") && !hasCode(error, "duplicate-key")) throw error;
      }
    }
  }

  async #read(id: string): Promise<Known | undefined> {
    const stored = await this.#collection.get(systemScope, id);
    return stored === undefined ? undefined : knownOf(stored.body, stored.version);
  }
}

export function idOf({ account, device }: Pick<DeviceName, "account" | "device">): string {
  return `${account}/${device}`;
}

function knownOf(body: WatermarkBody, version: number): Known {
  return { marks: new Map(body.marks.map(([key, timeUs, value]) => [key, { timeUs, value }])), polledAtUs: body.polledAtUs, version };
}

function mergedMarks(before: Marks, moved: Marks): Marks {
  const merged = new Map(before);
  for (const [key, mark] of moved) {
    const stands = merged.get(key);
    // At the same instant the later word counts: a correction of the newest row.
    if (stands === undefined || mark.timeUs >= stands.timeUs) merged.set(key, mark);
  }
  return merged;
}
