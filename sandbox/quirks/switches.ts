import { providerIds, type ProviderId } from "../fleet/device.ts";
import { quirkNames, quirkOf, type QuirkName } from "./quirks.ts";
import { parseSwitch, Switchboard, type Catalogue, type Shares } from "./switchboard.ts";

/** Which quirks a provider shows, and how often. A provider that is not named shows what `all` says. */
export type QuirkShares = Shares<ProviderId, QuirkName>;

const catalogue: Catalogue<ProviderId, QuirkName> = { everyone: providerIds, names: quirkNames, share: (name) => quirkOf(name).share, applies: appliesTo };

/** The switches of the providers' quirks. */
export class Switches extends Switchboard<ProviderId, QuirkName> {
  constructor(shares: QuirkShares, openedMs: number) {
    super(catalogue, shares, openedMs);
  }
}

export function appliesTo(name: QuirkName, provider: ProviderId): boolean {
  return quirkOf(name).providers?.includes(provider) ?? true;
}

/** `NAME`, `NAME=0.1`, `PROVIDER:NAME=0.1`; undefined when it says nothing that can be. */
export function parseQuirk(text: string): { readonly provider: ProviderId | "all"; readonly name: QuirkName; readonly share: number } | undefined {
  const parsed = parseSwitch(catalogue, text);
  return parsed === undefined ? undefined : { provider: parsed.who, name: parsed.name, share: parsed.share };
}

export function isProvider(text: string): text is ProviderId {
  return (providerIds as readonly string[]).includes(text);
}
