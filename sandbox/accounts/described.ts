import type { ProviderId, SandboxAccount, SandboxDevice } from "../fleet/device.ts";
import { models } from "../providers/providers.ts";

/** An account as somebody who configures a collector needs it. */
export interface DescribedAccount {
  readonly id: string;
  readonly provider: ProviderId;
  /** What people call it: `twin`, `nettra`, `novus`, … */
  readonly name: string;
  readonly title: string;
  readonly baseUrl: string;
  /** `requests:seconds,…`; "" where there is no limit. */
  readonly limits: string;
  /** Made up, by name; a device's own stand with the device. */
  readonly secrets: Readonly<Record<string, string>>;
  readonly devices: readonly SandboxDevice[];
}

export function describedAccounts(accounts: readonly SandboxAccount[], baseUrls: Readonly<Record<ProviderId, string>>, limits: Partial<Record<ProviderId, string>>): readonly DescribedAccount[] {
  return accounts.map(({ provider, id, secrets, devices }) => {
    const model = models.find((each) => each.id === provider);
    return { id, provider, name: model?.prefixes[0] ?? provider, title: model?.title ?? provider, baseUrl: baseUrls[provider], limits: limits[provider] ?? model?.limits.text ?? "", secrets, devices };
  });
}
