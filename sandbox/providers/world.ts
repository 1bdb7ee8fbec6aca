import type { ProviderId, SandboxAccount, SandboxDevice, SandboxKey } from "../fleet/device.ts";
import type { Switches } from "../quirks/switches.ts";
import type { Series } from "../series/series.ts";
import type { WrittenRows } from "../series/written-rows.ts";
import type { Tokens } from "./tokens.ts";

/** All that providers stand on. */
export interface World {
  readonly seed: string;
  readonly accounts: readonly SandboxAccount[];
  readonly series: Series;
  readonly switches: Switches;
  readonly written: WrittenRows;
  readonly tokens: Tokens;
  /** How long The Things Stack's storage keeps messages. */
  readonly retentionMs: number;
}

export function accountOf(world: World, provider: ProviderId, matches: (account: SandboxAccount) => boolean): SandboxAccount | undefined {
  return world.accounts.find((account) => account.provider === provider && matches(account));
}

export function remoteDevice(account: SandboxAccount | undefined, remote: string): SandboxDevice | undefined {
  return account?.devices.find((device) => device.remote === remote);
}

export function keyOf(device: SandboxDevice, key: string): SandboxKey | undefined {
  return device.keys.find((each) => each.key === key);
}
