import { hasCode, systemScope, type DocumentCollection, type Documents, type StoredDocument } from "@caudal/core";
import { slotId } from "../slots/slot-row.ts";

const MINUTE_US = 60_000_000;
const HOUR_US = 60 * MINUTE_US;

/**
 * Word that something of a point was measured, corrected or taken back within a slot's window: the slot is looked at again. Document `work/slotUs/point` of the tenant collection
 * `slot_touches`; a point's events come in order to one consumer, so nobody else writes it.
 */
export interface Touch {
  readonly client: string;
  readonly work: string;
  readonly slotUs: number;
  readonly point: string;
  /** When the newest word became known: looking before the tier has it would see the past. */
  readonly knownAtUs: number;
  readonly dueUs: number;
  readonly sinceUs: number;
}

export type StoredTouch = StoredDocument<Touch>;

const touchCollection = { name: "slot_touches", tenant: true, indexes: [["dueUs"]] } as const;

export class Touches {
  readonly #touches: DocumentCollection<Touch>;

  private constructor(touches: DocumentCollection<Touch>) {
    this.#touches = touches;
  }

  static async open(documents: Documents): Promise<Touches> {
    return new Touches(await documents.collection<Touch>(touchCollection));
  }

  /** Durable when it resolves; a newer word of the same slot and point takes the place of the one before. */
  async put(touches: readonly Touch[]): Promise<void> {
    if (touches.length > 0) await this.#touches.putMany(systemScope, touches.map((body) => ({ id: touchId(body), body })));
  }

  /** Those that are due, the longest due first. */
  async due(nowUs: number, limit: number): Promise<readonly StoredTouch[]> {
    return (await this.#touches.find(systemScope, { range: { field: "dueUs", to: nowUs + 1 }, orderBy: "dueUs", limit })).items;
  }

  /** Those of some slots of a work by some points, due or not. */
  async of(work: string, slots: readonly number[], points: Iterable<string>): Promise<readonly StoredTouch[]> {
    const ids = Array.from(points, (point) => slots.map((slotUs) => touchId({ work, slotUs, point }))).flat();
    return ids.length === 0 ? [] : this.#touches.getMany(systemScope, ids);
  }

  /** Lets go of a touch, unless something newer came meanwhile. */
  async done({ id, version }: StoredTouch): Promise<void> {
    await unlessMoved(this.#touches.remove(systemScope, id, version));
  }

  /** Puts it off: what was said has not settled, or is not in the tier yet. After an hour in vain it is asked for less often. */
  async later({ id, version, body }: StoredTouch, nowUs: number): Promise<void> {
    const dueUs = nowUs + (nowUs - body.sinceUs > HOUR_US ? 10 * MINUTE_US : MINUTE_US);
    await unlessMoved(this.#touches.replace(systemScope, { id, body: { ...body, dueUs } }, version));
  }
}

function touchId({ work, slotUs, point }: Pick<Touch, "work" | "slotUs" | "point">): string {
  return `${slotId(work, slotUs)}/${point}`;
}

async function unlessMoved(write: Promise<unknown>): Promise<void> {
  try {
    await write;
  } catch (error) {
    if (!hasCode(error, "version-conflict")) throw error;
  }
}
