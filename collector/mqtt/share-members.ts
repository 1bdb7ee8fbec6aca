import { systemScope, type CollectionSpec, type DocumentCollection, type Documents } from "@caudal/core";
import { systemSleep, type Clock, type Component, type Logger } from "@caudal/runtime";

/** One who takes messages of a shared subscription. Document id: `share/name`. */
interface Member {
  readonly share: string;
  readonly untilUs: number;
}

const collectionSpec: CollectionSpec = { name: "mqtt-share-members", tenant: false, indexes: [["share"]] };
const ALIVE_US = 60_000_000;
const RENEW_MS = 20_000;

export interface ShareMembersOptions {
  readonly documents: Documents;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly share: string;
  /** This one's, at the broker too. */
  readonly name: string;
  /** Milliseconds between its signs of life. */
  readonly renewEveryMs?: number;
}

/**
 * Who takes messages of a shared subscription now. A broker does not tell, and whoever leaves in order has to know: where others go on they are to
 * have its part, and where nobody does the broker must keep what comes for the next start.
 */
export class ShareMembers implements Component {
  readonly name = "mqtt-share-members";
  readonly #options: ShareMembersOptions;
  readonly #ended = new AbortController();
  #members: DocumentCollection<Member> | undefined;
  #left: Promise<boolean> | undefined;

  constructor(options: ShareMembersOptions) {
    this.#options = options;
  }

  /** Counts as a member from then on. */
  async start(): Promise<void> {
    this.#members = await this.#options.documents.collection<Member>(collectionSpec);
    await this.#sign();
    void this.#renew();
  }

  async stop(): Promise<void> {
    await this.leave();
  }

  /** Takes this one out, and says whether others are at work. Of two who leave at once the one that is out last hears that nobody is. */
  leave(): Promise<boolean> {
    this.#left ??= this.#leave();
    return this.#left;
  }

  async #leave(): Promise<boolean> {
    const { clock, share } = this.#options;
    this.#ended.abort();
    if (this.#members === undefined) return false;
    await this.#members.remove(systemScope, this.#id);
    const { items } = await this.#members.find(systemScope, { where: { share }, limit: 1000 });
    return items.some(({ id, body }) => id !== this.#id && body.untilUs > clock.nowUs());
  }

  get #id(): string {
    return `${this.#options.share}/${this.#options.name}`;
  }

  async #sign(): Promise<void> {
    const { clock, share } = this.#options;
    await this.#members?.putMany(systemScope, [{ id: this.#id, body: { share, untilUs: clock.nowUs() + ALIVE_US } }]);
  }

  async #renew(): Promise<void> {
    const { signal } = this.#ended;
    const { logger, share, renewEveryMs = RENEW_MS } = this.#options;
    for (;;) {
      await systemSleep(renewEveryMs, signal).catch(() => undefined);
      if (signal.aborted) return;
      await this.#sign().catch((error: unknown) => logger.warn("mqtt.share-not-signed", { share, error }));
    }
  }
}
