import { join } from "node:path";
import { replayRecords } from "@caudal/core";
import { createReplays, type Replays, type Shadow } from "@caudal/processor";
import { foundationOf } from "./faulty-foundation.ts";
import type { Foundation } from "./foundation.ts";

/** Replays on what a process stands on. Their shadows are embedded files in the data folder, whatever the engines: only this process reads them, and they go when it ends. */
export function makeReplays(foundation: Foundation<"archive" | "cold">): Replays {
  const { ports, dataDirectory, ...rest } = foundationOf(foundation, "processor");
  const { archive: segments, log } = ports;
  return createReplays({
    ...rest, ...ports, folder: join(dataDirectory, "replay"), openShadow,
    past: (topic, partition, range) => replayRecords({ segments, log, topic, partition, ...range }),
  });
}

async function openShadow(folder: string): Promise<Shadow> {
  const { openEmbeddedDocuments, openEmbeddedTier } = await import("@caudal/embedded");
  const tier = await openEmbeddedTier({ name: "cold", directory: join(folder, "tier"), retentionMs: null, revisions: "latest" });
  try {
    const documents = await openEmbeddedDocuments({ directory: join(folder, "documents") });
    return { tier, documents, close: async () => void (await Promise.all([tier.close(), documents.close()])) };
  } catch (error) {
    await tier.close();
    throw error;
  }
}
