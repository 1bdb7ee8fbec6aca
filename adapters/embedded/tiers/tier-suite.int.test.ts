import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { seriesTierSuite, type SeriesTierFactory } from "@caudal/contract-tests";
import { hasCode, systemScope, type SeriesTier } from "@caudal/core";
import { openEmbeddedTier, type EmbeddedTierOptions } from "./open-tier.ts";

/** Tiers are lent from test to test, which saves starting a thread for each; the suite's clients keep them apart. */
function factoryOf(options: Omit<EmbeddedTierOptions, "directory" | "retentionMs">): SeriesTierFactory {
  const idle = new Map<number | null, LentTier[]>();
  after(async () => {
    for (const lent of [...idle.values()].flat()) await lent.end();
  });
  return async ({ retentionMs }) => {
    const lent = idle.get(retentionMs)?.pop() ?? (await LentTier.open({ ...options, retentionMs }));
    return {
      get tier() {
        return lent.tier;
      },
      reopen: () => lent.reopen(),
      async close() {
        if (await lent.isClosed()) await lent.reopen();
        idle.set(retentionMs, [...(idle.get(retentionMs) ?? []), lent]);
      },
    };
  };
}

class LentTier {
  tier: SeriesTier;
  readonly #options: EmbeddedTierOptions;

  constructor(options: EmbeddedTierOptions, tier: SeriesTier) {
    this.#options = options;
    this.tier = tier;
  }

  static async open(options: Omit<EmbeddedTierOptions, "directory">): Promise<LentTier> {
    const withDirectory = { ...options, directory: await mkdtemp(join(tmpdir(), "caudal-tier-")) };
    return new LentTier(withDirectory, await openEmbeddedTier(withDirectory));
  }

  async reopen(): Promise<void> {
    await this.tier.close();
    this.tier = await openEmbeddedTier(this.#options);
  }

  isClosed(): Promise<boolean> {
    return this.tier.floor(systemScope, { client: "c", point: "p" }).then(() => false, (error: unknown) => hasCode(error, "closed"));
  }

  async end(): Promise<void> {
    await this.tier.close();
    await rm(this.#options.directory, { recursive: true });
  }
}

seriesTierSuite("embedded hot", factoryOf({ name: "hot", revisions: "latest" }), { propertyRuns: 10 });
seriesTierSuite("embedded cold", factoryOf({ name: "cold", revisions: "all" }), { propertyRuns: 10 });
// Few pending facts and points: nearly everything is read from and merged into blocks.
seriesTierSuite("embedded warm, folding all the time", factoryOf({ name: "warm", revisions: "latest", maxPendingFacts: 8, maxKnownPoints: 2 }));
seriesTierSuite("embedded cold, folding all the time", factoryOf({ name: "cold", revisions: "all", maxPendingFacts: 8, maxKnownPoints: 2 }));
