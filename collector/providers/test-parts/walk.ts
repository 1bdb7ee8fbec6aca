import type { PageAsk, Provider, ProviderRequest, TimedSample } from "../provider.ts";

/** A provider's server as one page sees it: the JSON that it answers to a request. */
export type Server = (request: ProviderRequest, call: number) => unknown;

export interface Walked {
  readonly samples: readonly TimedSample[];
  readonly calls: number;
}

const MAX_CALLS = 2000;

/** Reads page after page, as polling does. Throws for a failure and for a reading without an end. */
export function walkPages(provider: Provider, ask: Omit<PageAsk<unknown>, "page">, server: Server): Walked {
  const samples: TimedSample[] = [];
  let page: unknown;
  for (let calls = 1; calls <= MAX_CALLS; calls++) {
    const pageAsk = { ...ask, page };
    const body = Buffer.from(JSON.stringify(server(provider.request(pageAsk), calls)), "utf8");
    const outcome = provider.normalise({ status: 200, headers: {}, body }, pageAsk);
    if (outcome.kind !== "ok" && outcome.kind !== "no_data") throw new Error(`${outcome.kind}: ${outcome.detail}`);
    if (outcome.kind === "ok") samples.push(...outcome.samples);
    if (outcome.next === undefined) return { samples, calls };
    // As a checkpoint would give it back.
    page = JSON.parse(JSON.stringify(outcome.next));
  }
  throw new Error("the pages have no end");
}
