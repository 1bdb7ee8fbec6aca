import { hasCode, systemScope, type CollectionSpec, type DocumentCollection, type Documents } from "@caudal/core";

export const scrubbedStores = ["log", "hot", "warm", "cold", "documents", "archive"] as const;
export type ScrubbedStore = (typeof scrubbedStores)[number];

/** Something that is not what was written. */
export interface FoundDamage {
  readonly store: ScrubbedStore;
  /** `topic/partition@offset`, `client/point`, `collection/id`, a segment's name, or a part of a file. */
  readonly place: string;
  readonly detail: string;
}

/** gone: a later pass did not meet it any more. */
export type DamageState = "open" | "repaired" | "skipped" | "gone";

export interface Damage extends FoundDamage {
  readonly foundAtUs: number;
  /** When a pass last met it. */
  readonly seenAtUs: number;
  readonly state: DamageState;
}

const damageCollection: CollectionSpec = { name: "damages", tenant: false, indexes: [["state", "store"]] };
const PAGE = 500;

export function idOf({ store, place }: FoundDamage): string {
  return `${store}:${place}`;
}

/** What the scrub found, over every process and restart. */
export class Damages {
  readonly #damages: DocumentCollection<Damage>;

  private constructor(damages: DocumentCollection<Damage>) {
    this.#damages = damages;
  }

  static async open(documents: Documents): Promise<Damages> {
    return new Damages(await documents.collection<Damage>(damageCollection));
  }

  /** True when it was not known, or was thought to be mended. */
  async found(damage: FoundDamage, atUs: number): Promise<boolean> {
    const known = await this.#damages.get(systemScope, idOf(damage));
    const isNew = known === undefined || known.body.state === "repaired" || known.body.state === "gone";
    const { store, place, detail } = damage;
    await this.#damages.putMany(systemScope, [{ id: idOf(damage), body: { store, place, detail, foundAtUs: isNew ? atUs : known.body.foundAtUs, seenAtUs: atUs, state: isNew ? "open" : known.body.state } }]);
    return isNew;
  }

  /** Those that nobody has mended or passed over, in order of stores. */
  async standing(): Promise<readonly Damage[]> {
    const all: Damage[] = [];
    for (let cursor: string | undefined; ; ) {
      const page = await this.#damages.find(systemScope, { where: { state: "open" }, orderBy: "store", limit: PAGE, ...(cursor === undefined ? {} : { cursor }) });
      all.push(...page.items.map(({ body }) => body));
      cursor = page.next;
      if (cursor === undefined) return all;
    }
  }

  async settle(damage: FoundDamage, state: Exclude<DamageState, "open">): Promise<void> {
    const known = await this.#damages.get(systemScope, idOf(damage));
    if (known === undefined) return;
    await this.#damages.replace(systemScope, { id: known.id, body: { ...known.body, state } }, known.version).catch((error: unknown) => {
      // Somebody met or settled it at the same moment; the next pass says what holds.
      if (!hasCode(error, "version-conflict")) throw error;
    });
  }

  /** After a whole pass: what it did not meet is no longer there. */
  async passed(beganAtUs: number): Promise<void> {
    for (const damage of await this.standing()) if (damage.seenAtUs < beganAtUs) await this.settle(damage, "gone");
  }
}
