import { join } from "node:path";
import type { Documents, EventLog, LiveChannel, SchemaRegistry, SegmentStore, SeriesTier } from "@caudal/core";
import { createLiveChannel, lockDataFolder, openEmbeddedDocuments, openEmbeddedLog, openEmbeddedTier, openFileRegistry, openFileSegments } from "@caudal/embedded";

/** Every port, filled. */
export interface Engines {
  readonly log: EventLog;
  readonly hot: SeriesTier;
  readonly warm: SeriesTier;
  readonly cold: SeriesTier;
  readonly documents: Documents;
  readonly live: LiveChannel;
  readonly registry: SchemaRegistry;
  readonly segments: SegmentStore;
  /** Closes in reverse order and gives the data folder free. */
  close(): Promise<void>;
}

export interface EmbeddedOptions {
  readonly dataDirectory: string;
  readonly hotDays: number;
  readonly warmDays: number;
  /** Bytes that the log is kept near. */
  readonly logBytes: number;
}

const DAY_MS = 24 * 3600 * 1000;

/** Opens the embedded engine on a data folder. Fails with "in-use" while another process has it; closes what it opened when one part fails. */
export async function openEmbeddedEngines({ dataDirectory, hotDays, warmDays, logBytes }: EmbeddedOptions): Promise<Engines> {
  const closers: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    for (const closer of closers.splice(0).reverse()) await closer();
  };
  const opened = async <T extends { close(): Promise<void> }>(opening: Promise<T> | T): Promise<T> => {
    const part = await opening;
    closers.push(() => part.close());
    return part;
  };
  try {
    const lock = await lockDataFolder(dataDirectory);
    closers.push(() => lock.release());
    const tiers = join(dataDirectory, "tiers");
    return {
      registry: await opened(openFileRegistry()),
      log: await opened(openEmbeddedLog({ directory: join(dataDirectory, "log"), keepBytes: logBytes })),
      documents: await opened(openEmbeddedDocuments({ directory: join(dataDirectory, "documents") })),
      segments: await opened(openFileSegments(join(dataDirectory, "archive"))),
      live: await opened(createLiveChannel()),
      hot: await opened(openEmbeddedTier({ name: "hot", directory: tiers, retentionMs: hotDays * DAY_MS, revisions: "latest" })),
      warm: await opened(openEmbeddedTier({ name: "warm", directory: tiers, retentionMs: warmDays * DAY_MS, revisions: "latest" })),
      cold: await opened(openEmbeddedTier({ name: "cold", directory: tiers, retentionMs: null, revisions: "all" })),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The documents alone, for a command that works on a folder on which nothing runs; holds the folder's lock until it is closed. */
export async function openEmbeddedDocumentsOf(dataDirectory: string): Promise<Documents> {
  const lock = await lockDataFolder(dataDirectory);
  try {
    const documents = await openEmbeddedDocuments({ directory: join(dataDirectory, "documents") });
    return {
      collection: (spec) => documents.collection(spec),
      close: async () => {
        await documents.close();
        await lock.release();
      },
    };
  } catch (error) {
    await lock.release();
    throw error;
  }
}
