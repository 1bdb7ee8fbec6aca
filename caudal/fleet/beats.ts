import { systemScope, type CollectionSpec, type Documents, type StoredDocument, type TierName } from "@caudal/core";
import type { Clock, Component, Logger } from "@caudal/runtime";
import type { Progress } from "../status/installation-status.ts";

/** What a process of a fleet says of itself every few seconds, so that any other can tell how the whole does. Document id: service, machine and pid. */
export interface Beat {
  readonly service: string;
  readonly version: string;
  readonly startedAtUs: number;
  readonly beatAtUs: number;
  readonly engines: Readonly<Record<string, string>>;
  readonly progress: Progress;
}

const beatCollection: CollectionSpec = { name: "processes", tenant: false, indexes: [["beatAtUs"]] };
const BEAT_EVERY_MS = 2000;
/** A process that said nothing for so long is gone, or cut off. */
const SILENT_US = 15_000_000;
/** Then nobody needs to know what it had done. */
const FORGET_US = 24 * 3600 * 1_000_000;
const MAX_PROCESSES = 1000;

export interface BeatingOptions {
  readonly documents: Documents;
  readonly id: string;
  readonly service: string;
  readonly version: string;
  readonly engines: Readonly<Record<string, string>>;
  readonly progress: () => Promise<Progress>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Tells the others that this process lives, and what it has done; takes its word back when it stops. */
export function createBeating(options: BeatingOptions): Component {
  const { documents, id, service, version, engines, progress, clock, logger } = options;
  const startedAtUs = clock.nowUs();
  let timer: NodeJS.Timeout | undefined;
  let beating: Promise<void> | undefined;

  async function beat(): Promise<void> {
    const beats = await documents.collection<Beat>(beatCollection);
    await beats.putMany(systemScope, [{ id, body: { service, version, startedAtUs, beatAtUs: clock.nowUs(), engines, progress: await progress() } }]);
  }

  return {
    name: "beating",
    async start() {
      await beat();
      timer = setInterval(() => {
        // One at a time: a slow store is not asked twice.
        beating ??= beat().catch((error: unknown) => logger.warn("fleet.beat-failed", { error })).finally(() => (beating = undefined));
      }, BEAT_EVERY_MS);
    },
    async stop() {
      clearInterval(timer);
      await beating;
      // The word of a tier's last write outlives its writer: only the time of the beat goes back.
      await beat().catch(() => undefined);
    },
  };
}

/** What the processes of a fleet have said, newest first; silent ones are not among them. */
export interface Roster {
  readonly processes: readonly (Beat & { readonly id: string })[];
  readonly progress: Progress;
}

const tiers = ["hot", "warm", "cold"] as const satisfies readonly TierName[];

/** Reads the roster. Readings are summed over those that live; a tier's last write is the newest that anybody told within a day. */
export async function readRoster(documents: Documents, nowUs: number): Promise<Roster> {
  const beats = await documents.collection<Beat>(beatCollection);
  const { items } = await beats.find(systemScope, { orderBy: "beatAtUs", descending: true, range: { field: "beatAtUs", from: nowUs - FORGET_US }, limit: MAX_PROCESSES });
  const living = items.filter(({ body }) => body.beatAtUs > nowUs - SILENT_US);
  const lastWriteS = Object.fromEntries(tiers.map((tier) => [tier, newest(items, tier)])) as Record<TierName, number>;
  return { processes: living.map(({ id, body }) => ({ id, ...body })), progress: { accepted: living.reduce((sum, { body }) => sum + body.progress.accepted, 0), lastWriteS } };
}

function newest(items: readonly StoredDocument<Beat>[], tier: TierName): number {
  return items.reduce((most, { body }) => Math.max(most, body.progress.lastWriteS[tier]), 0);
}
