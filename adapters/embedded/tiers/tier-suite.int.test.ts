import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { lendTiers, seriesTierSuite, type SeriesTierFactory } from "@caudal/contract-tests";
import { openEmbeddedTier, type EmbeddedTierOptions } from "./open-tier.ts";

function factoryOf(options: Omit<EmbeddedTierOptions, "directory" | "retentionMs">): SeriesTierFactory {
  return lendTiers(async (retentionMs) => {
    const directory = await mkdtemp(join(tmpdir(), "caudal-tier-"));
    return { open: () => openEmbeddedTier({ ...options, retentionMs, directory }), remove: () => rm(directory, { recursive: true }) };
  });
}

seriesTierSuite("embedded hot", factoryOf({ name: "hot", revisions: "latest" }), { propertyRuns: 10 });
seriesTierSuite("embedded cold", factoryOf({ name: "cold", revisions: "all" }), { propertyRuns: 10 });
// Few pending facts and points: nearly everything is read from and merged into blocks.
seriesTierSuite("embedded warm, folding all the time", factoryOf({ name: "warm", revisions: "latest", maxPendingFacts: 8, maxKnownPoints: 2 }));
seriesTierSuite("embedded cold, folding all the time", factoryOf({ name: "cold", revisions: "all", maxPendingFacts: 8, maxKnownPoints: 2 }));
