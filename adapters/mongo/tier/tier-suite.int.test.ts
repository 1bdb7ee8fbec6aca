import { seriesTierSuite, type SeriesTierFactory } from "@caudal/contract-tests";
import { withEngine } from "../../../tools/engines/for-tests.ts";
import { droppedDatabaseUrl } from "../test-database.ts";
import { openMongoTier, type MongoTierOptions } from "./open-tier.ts";

function factoryOf(options: Omit<MongoTierOptions, "retentionMs">): SeriesTierFactory {
  return async ({ retentionMs }) => {
    let tier = await openMongoTier({ ...options, retentionMs });
    return {
      get tier() {
        return tier;
      },
      async reopen() {
        await tier.close();
        tier = await openMongoTier({ ...options, retentionMs });
      },
      close: () => tier.close(),
    };
  };
}

withEngine("mongo", (server) => {
  seriesTierSuite("mongo warm", factoryOf({ url: droppedDatabaseUrl(server), name: "warm" }), { propertyRuns: 10 });
  // Nearly everything is read from and merged into buckets.
  const folding = { foldAfter: { facts: 6, entries: 3, points: 2 }, maxKnownPoints: 2, lanes: 1 };
  seriesTierSuite("mongo warm, folding all the time", factoryOf({ url: droppedDatabaseUrl(server), name: "warm", ...folding }), { propertyRuns: 10 });
});
