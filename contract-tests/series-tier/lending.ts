import { after } from "node:test";
import { hasCode, systemScope, type SeriesTier } from "@caudal/core";
import type { SeriesTierFactory } from "./fixture.ts";

/** A tier that may be closed and opened again on what it stored. */
export interface Reopenable {
  open(): Promise<SeriesTier>;
  /** Removes what it stored, once it is closed for good. */
  remove(): Promise<void>;
}

/** Tiers are lent from test to test, which saves opening one for each; the suite's clients keep them apart. `make` prepares one for a retention. */
export function lendTiers(make: (retentionMs: number | null) => Promise<Reopenable>): SeriesTierFactory {
  const idle = new Map<number | null, Lent[]>();
  after(async () => {
    for (const { tier, source } of [...idle.values()].flat()) {
      await tier.close();
      await source.remove();
    }
  });
  return async ({ retentionMs }) => {
    const lent = idle.get(retentionMs)?.pop() ?? (await begin(await make(retentionMs)));
    const reopen = async (): Promise<void> => {
      await lent.tier.close();
      lent.tier = await lent.source.open();
    };
    return {
      get tier() {
        return lent.tier;
      },
      reopen,
      async close() {
        if (await isClosed(lent.tier)) await reopen();
        idle.set(retentionMs, [...(idle.get(retentionMs) ?? []), lent]);
      },
    };
  };
}

interface Lent {
  tier: SeriesTier;
  readonly source: Reopenable;
}

async function begin(source: Reopenable): Promise<Lent> {
  return { source, tier: await source.open() };
}

function isClosed(tier: SeriesTier): Promise<boolean> {
  return tier.floor(systemScope, { client: "c", point: "p" }).then(() => false, (error: unknown) => hasCode(error, "closed"));
}
