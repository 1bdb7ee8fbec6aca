import { systemScope, type CollectionSpec, type DocumentCollection, type Documents } from "@caudal/core";
import type { Window } from "../providers/provider.ts";
import { idOf, type DeviceName } from "./watermarks.ts";

/** How far a backfill has read a device. Id: `account/device`. */
interface CheckpointBody {
  readonly client: string;
  readonly account: string;
  readonly device: string;
  readonly fromUs: number;
  readonly toUs: number;
  readonly done: readonly (readonly [keys: string, doneUs: number])[];
}

const spec: CollectionSpec = { name: "poll-backfills", tenant: true };

/** Lets a backfill that was killed go on where it was. */
export class Checkpoints {
  readonly #collection: DocumentCollection<CheckpointBody>;

  private constructor(collection: DocumentCollection<CheckpointBody>) {
    this.#collection = collection;
  }

  static async open(documents: Documents): Promise<Checkpoints> {
    return new Checkpoints(await documents.collection<CheckpointBody>(spec));
  }

  /** Until when each set of keys is read, of this very window; empty when it is a new one. */
  async read(device: DeviceName, { fromUs, toUs }: Window): Promise<ReadonlyMap<string, number>> {
    const body = (await this.#collection.get(systemScope, idOf(device)))?.body;
    return body?.fromUs === fromUs && body.toUs === toUs ? new Map(body.done) : new Map();
  }

  async write(device: DeviceName, { fromUs, toUs }: Window, done: ReadonlyMap<string, number>): Promise<void> {
    await this.#collection.putMany(systemScope, [{ id: idOf(device), body: { ...device, fromUs, toUs, done: [...done] } }]);
  }

  /** It is done: the same window asked for again is read again. */
  async forget(device: DeviceName): Promise<void> {
    await this.#collection.remove(systemScope, idOf(device));
  }
}
