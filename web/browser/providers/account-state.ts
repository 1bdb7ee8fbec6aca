import { isFailure, type BudgetUse, type ProviderAccount, type ProviderDevice } from "../wire/provider.ts";

/** What a person sees of an account: asked here, asked by another collector, its provider away, or asked by nobody. */
export type AccountState = "polling" | "elsewhere" | "outage" | "standby";

export const accountStates: readonly AccountState[] = ["polling", "elsewhere", "outage", "standby"];

export function stateOf({ state, here, outage }: Pick<ProviderAccount, "state" | "here" | "outage">): AccountState {
  if (state === "standby") return "standby";
  if (state === "away" || outage !== null) return "outage";
  return here ? "polling" : "elsewhere";
}

export type DeviceState = "misconfigured" | "failing" | "never" | "late" | "good";

const order: readonly DeviceState[] = ["misconfigured", "failing", "never", "late", "good"];

export function deviceStateOf({ troubles, newestMs, late }: ProviderDevice): DeviceState {
  if (troubles.some(({ misconfiguredSinceMs }) => misconfiguredSinceMs !== null)) return "misconfigured";
  if (troubles.some(({ kind }) => isFailure(kind))) return "failing";
  if (newestMs === null) return "never";
  return late ? "late" : "good";
}

/** Those that need a person first, then by name. */
export function byNeed(devices: readonly ProviderDevice[]): ProviderDevice[] {
  const rank = new Map(devices.map((device) => [device, order.indexOf(deviceStateOf(device))]));
  return [...devices].sort((a, b) => (rank.get(a) ?? 0) - (rank.get(b) ?? 0) || (a.device < b.device ? -1 : 1));
}

/** The newest source time of these devices, null when none has any. */
export function newestOf(devices: readonly ProviderDevice[]): number | null {
  return devices.reduce<number | null>((newest, { newestMs }) => (newestMs !== null && (newest === null || newestMs > newest) ? newestMs : newest), null);
}

/** The shortest and the longest period; null of no devices. */
export function cadenceOf(devices: readonly ProviderDevice[]): { readonly leastMs: number; readonly mostMs: number } | null {
  const periods = devices.map(({ periodMs }) => periodMs).filter((periodMs) => periodMs > 0);
  if (periods.length === 0) return null;
  return periods.reduce((found, periodMs) => ({ leastMs: Math.min(found.leastMs, periodMs), mostMs: Math.max(found.mostMs, periodMs) }), { leastMs: Infinity, mostMs: 0 });
}

/** The stretch that is used up most, undefined without a budget. */
export function fullestOf(budget: readonly BudgetUse[]): BudgetUse | undefined {
  return budget.reduce<BudgetUse | undefined>((fullest, use) => (fullest === undefined || use.used / use.calls > fullest.used / fullest.calls ? use : fullest), undefined);
}
