import { Erasures, type Documents, type ErasedClients } from "@caudal/core";
import type { Clock, Component, Logger } from "@caudal/runtime";

export interface ErasureWatchOptions {
  readonly documents: Documents;
  /** What is kept of the client in memory, and what was written out of it meanwhile. */
  readonly erase: (client: string) => Promise<unknown>;
  readonly clock: Clock;
  readonly logger: Logger;
}

const LOOK_EVERY_MS = 1000;

/** Lets a service that keeps things of clients in memory forget those that were erased, wherever that was asked. */
export function createErasureWatch({ documents, erase, clock, logger }: ErasureWatchOptions): Component {
  let timer: NodeJS.Timeout | undefined;
  let known: ErasedClients | undefined;
  let erasures: Erasures | undefined;
  let looking: Promise<void> = Promise.resolve();

  async function look(): Promise<void> {
    try {
      const now = await (erasures ??= await Erasures.open(documents, () => clock.monotonicMs())).clients();
      if (known !== undefined) for (const [client, state] of now) if (state === "erased" && known.get(client) !== "erased") await erase(client);
      known = now;
    } catch (error) {
      logger.warn("erasures.unread", { error });
    }
  }

  return {
    name: "erasure-watch",
    async start() {
      await look();
      timer = setInterval(() => (looking = looking.then(look)), LOOK_EVERY_MS);
    },
    async stop() {
      clearInterval(timer);
      await looking;
    },
  };
}
