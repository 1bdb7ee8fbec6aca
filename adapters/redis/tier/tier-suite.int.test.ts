import { randomUUID } from "node:crypto";
import { after } from "node:test";
import { seriesTierSuite, type SeriesTierFactory } from "@caudal/contract-tests";
import type { SeriesTier } from "@caudal/core";
import { withEngine } from "../../../tools/engines/for-tests.ts";
import { removeKeys } from "../test-keys.ts";
import { openRedisTier, type RedisTierOptions } from "./open-tier.ts";

/** Opens a tier and says that it is complete, as a refill does. */
async function openComplete(options: RedisTierOptions): Promise<SeriesTier> {
  const tier = await openRedisTier(options);
  const loss = await tier.recovery!.loss();
  if (loss !== undefined) await tier.recovery!.refilled(loss);
  return tier;
}

withEngine("redis", (url) => {
  const factoryOf = (more: Partial<RedisTierOptions>): SeriesTierFactory => {
    const prefix = `caudal-test-${randomUUID()}`;
    after(() => removeKeys(url, prefix));
    return async ({ retentionMs }) => {
      const options = { url: `${url}?prefix=${prefix}-${retentionMs}`, name: "hot" as const, retentionMs, ...more };
      let tier = await openComplete(options);
      return {
        get tier() {
          return tier;
        },
        reopen: async () => {
          await tier.close();
          tier = await openComplete(options);
        },
        close: () => tier.close(),
      };
    };
  };

  seriesTierSuite("redis hot", factoryOf({}));
  // Nothing is remembered: every write reads what it merges with.
  seriesTierSuite("redis hot, without memory", factoryOf({ maxCacheBytes: 0 }));
});
