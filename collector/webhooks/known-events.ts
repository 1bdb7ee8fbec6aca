import { hasCode, systemScope, type CollectionSpec, type DocumentCollection, type Documents } from "@caudal/core";
import type { Logger } from "@caudal/runtime";

interface EventRecord {
  readonly client: string;
  readonly atUs: number;
}

export const webhookEventCollection: CollectionSpec = { name: "webhook-events", tenant: true, indexes: [["atUs"]] };
/** The Things Stack sends again for an hour and a half; others for less. */
const KEPT_FOR_US = 24 * 3600 * 1_000_000;
const MAX_KEPT = 200_000;
const SWEEP_EVERY_US = 60 * 1_000_000;
const SWEEP_PAGE = 500;

/** Events that calls have brought, for a day, so that a call that is sent again makes no second reading. */
export class KnownEvents {
  readonly #records: DocumentCollection<EventRecord>;
  readonly #logger: Logger;
  readonly #running = new Map<string, Promise<unknown>>();
  #sweptAtUs = 0;

  private constructor(records: DocumentCollection<EventRecord>, logger: Logger) {
    this.#records = records;
    this.#logger = logger;
  }

  static async open(documents: Documents, logger: Logger): Promise<KnownEvents> {
    return new KnownEvents(await documents.collection<EventRecord>(webhookEventCollection), logger);
  }

  /**
   * Runs `work`, alone among the calls of this process with that id, unless the event is known; true when it was. The event is known once
   * `work` resolved: a process that ends in between does it again, under the same ids.
   */
  async once(event: { readonly id: string; readonly client: string; readonly atUs: number }, work: () => Promise<void>): Promise<boolean> {
    const before = this.#running.get(event.id) ?? Promise.resolve();
    const mine = before.catch(() => undefined).then(() => this.#once(event, work));
    this.#running.set(event.id, mine);
    try {
      return await mine;
    } finally {
      if (this.#running.get(event.id) === mine) this.#running.delete(event.id);
    }
  }

  async #once({ id, client, atUs }: { id: string; client: string; atUs: number }, work: () => Promise<void>): Promise<boolean> {
    if ((await this.#records.get(systemScope, id)) !== undefined) return true;
    await work();
    await this.#records.insert(systemScope, { id, body: { client, atUs } }).catch((error: unknown) => {
      // It is durable in the log; at worst it comes again, under the same ids.
      if (!hasCode(error, "duplicate-key")) this.#logger.warn("webhook.event-not-remembered", { error });
    });
    if (atUs - this.#sweptAtUs > SWEEP_EVERY_US) {
      this.#sweptAtUs = atUs;
      this.#sweep(atUs).catch((error: unknown) => this.#logger.warn("webhook.sweep-failed", { error }));
    }
    return false;
  }

  async #sweep(nowUs: number): Promise<void> {
    for (;;) {
      const surplus = (await this.#records.count(systemScope)) - MAX_KEPT;
      const { items } = await this.#records.find(systemScope, { orderBy: "atUs", limit: SWEEP_PAGE });
      const going = items.filter(({ body }, at) => at < surplus || body.atUs < nowUs - KEPT_FOR_US);
      for (const { id, version } of going) await this.#records.remove(systemScope, id, version).catch(() => false);
      if (going.length < SWEEP_PAGE) return;
    }
  }
}
