import { after } from "node:test";
import { lendTiers, seriesTierSuite, type SeriesTierFactory } from "@caudal/contract-tests";
import { withEngine } from "../../../tools/engines/for-tests.ts";
import { dropKeyspace, testKeyspace } from "../test-keyspace.ts";
import { openCassandraTier, type CassandraTierOptions } from "./open-tier.ts";

function factoryOf(serverUrl: string, name: string, more: Partial<CassandraTierOptions>): SeriesTierFactory {
  const { url, keyspace } = testKeyspace(serverUrl, name);
  const factory = lendTiers(async (retentionMs) => ({ open: () => openCassandraTier({ ...more, url, name: "cold", retentionMs }), remove: async () => undefined }));
  // After those of the tiers, which were registered before.
  after(() => dropKeyspace(serverUrl, keyspace));
  return factory;
}

withEngine("cassandra", (serverUrl) => {
  seriesTierSuite("cassandra cold", factoryOf(serverUrl, "suite", {}), { propertyRuns: 10 });
  // Hardly any point is remembered: nearly every write begins with what the server says.
  seriesTierSuite("cassandra cold, remembering one point", factoryOf(serverUrl, "forgetful", { maxKnownPoints: 1 }), { propertyRuns: 5 });
});
