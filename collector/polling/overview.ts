import { allows, formatInstant, type Scope } from "@caudal/core";
import { Problem } from "@caudal/runtime";
import type { Account } from "../providers/account.ts";
import type { BudgetUse } from "../outbound/calls.ts";
import type { AccountPoller } from "./account-poller.ts";
import { AccountScore, type ScoreView } from "./account-score.ts";
import type { Polling, Polls } from "./polling.ts";
import { deviceNameOf } from "./read-pages.ts";
import type { DeviceTrouble, Outage, Scorecard } from "./scorecards.ts";

/** polling: all is well; away: its provider does not answer as it should; standby: no collector asks for it just now. */
export type AccountState = "polling" | "away" | "standby";

export interface AccountView {
  readonly account: string;
  readonly provider: string;
  readonly title: string;
  readonly client: string;
  readonly devices: number;
  readonly state: AccountState;
  /** Whether the collector that answers is the one that asks. */
  readonly here: boolean;
  readonly outage: OutageView | null;
  readonly budget: readonly BudgetUse[];
}

export interface OutageView {
  readonly kind: string;
  readonly detail: string;
  readonly since: string;
  readonly retryAt: string;
}

export interface Quantiles {
  readonly p50: number;
  readonly p95: number;
}

/** How a provider does with one account. */
export interface ScoreCardView extends AccountView {
  /** When this was written; the collector that asks does so every 30 s. Null when nobody has asked yet. */
  readonly at: string | null;
  readonly hour: ScoreView;
  readonly day: ScoreView;
  /** Of the last 512 new rows: from the row's own time to its receipt. Null when there are none. */
  readonly delayMs: Quantiles | null;
  /** Over devices: how old the newest row is. Null when none has a row. */
  readonly ageMs: Quantiles | null;
  /** Devices of which nothing was ever accepted. */
  readonly neverSeen: number;
  /** Devices whose newest row is more than two periods old. */
  readonly late: number;
  readonly misconfigured: number;
  readonly gaps: readonly { readonly device: string; readonly keys: readonly string[]; readonly from: string; readonly to: string }[];
}

export interface DeviceView {
  readonly account: string;
  readonly device: string;
  readonly newest: string | null;
  readonly ageMs: number | null;
  readonly periodMs: number;
  readonly late: boolean;
  /** Its readings come by another way, and polls only fill gaps. */
  readonly live: boolean;
  readonly keys: readonly { readonly key: string; readonly newest: string }[];
  readonly troubles: readonly { readonly keys: readonly string[]; readonly kind: string; readonly detail: string; readonly at: string; readonly misconfiguredSince: string | null }[];
}

const LATE_PERIODS = 2;
/** A holder that wrote nothing for so long is gone. */
const WRITTEN_WITHIN_US = 120_000_000;

/** Accounts that a name means, of those that the scope may see: an account, or a provider by its id or an alias. */
export function accountsNamed(accounts: readonly Account[], name: string, scope: Scope): readonly Account[] {
  const visible = accounts.filter(({ client }) => allows(scope, client));
  const one = visible.filter(({ id }) => id === name);
  return one.length > 0 ? one : visible.filter(({ provider }) => provider.id === name || provider.aliases.includes(name));
}

export async function accountViews(polling: Polling, polls: Polls, accounts: readonly Account[]): Promise<readonly AccountView[]> {
  return Promise.all(accounts.map(async (account) => accountView(polling, account, pollerOf(polls, account), await cardOf(polls, account))));
}

export async function scoreCardViews(polling: Polling, polls: Polls, accounts: readonly Account[]): Promise<readonly ScoreCardView[]> {
  return Promise.all(accounts.map(async (account) => {
    const poller = pollerOf(polls, account);
    const card = await cardOf(polls, account);
    await refresh(polls, poller, account.devices.map(({ device }) => device));
    const score = new AccountScore(polling.clock());
    if (card !== undefined) score.restore(card.score);
    const devices = poller.devices().map((each) => deviceView(polling, polls, { account, poller, device: each.device.device, card }));
    return {
      ...accountView(polling, account, poller, card), at: card === undefined ? null : formatInstant(card.atUs), hour: score.lastHour(), day: score.lastDay(),
      delayMs: quantiles(card?.score.delaysMs ?? []), ageMs: quantiles(devices.flatMap(({ ageMs }) => ageMs ?? [])),
      neverSeen: devices.filter(({ newest }) => newest === null).length, late: devices.filter(({ late }) => late).length,
      misconfigured: new Set(card?.troubles.filter(({ misconfiguredSinceUs }) => misconfiguredSinceUs !== null).map(({ device }) => device)).size,
      gaps: (card?.score.gaps ?? []).map(({ device, keys, fromUs, toUs }) => ({ device, keys, from: formatInstant(fromUs), to: formatInstant(toUs) })),
    };
  }));
}

/** Devices of these accounts after a cursor (`account/device`), in order of their names. */
export async function deviceViews(polling: Polling, polls: Polls, accounts: readonly Account[], { limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined }): Promise<{ readonly items: readonly DeviceView[]; readonly next: string | null }> {
  const all = accounts.flatMap((account) => account.devices.map(({ device }) => ({ account, device, id: `${account.id}/${device}` }))).sort((a, b) => (a.id < b.id ? -1 : 1));
  const left = cursor === undefined ? all : all.filter(({ id }) => id > cursor);
  const page = left.slice(0, limit);
  const cards = new Map<string, Scorecard | undefined>();
  for (const account of new Set(page.map((row) => row.account))) {
    const poller = pollerOf(polls, account);
    cards.set(account.id, await cardOf(polls, account));
    await refresh(polls, poller, page.filter((row) => row.account === account).map(({ device }) => device));
  }
  const items = page.map(({ account, device }) => deviceView(polling, polls, { account, poller: pollerOf(polls, account), device, card: cards.get(account.id) }));
  return { items, next: left.length > limit ? (page.at(-1)?.id ?? null) : null };
}

export function pollerOf({ pollers }: Polls, account: Account): AccountPoller {
  const poller = pollers.find((each) => each.tools().account === account);
  // It left while it was asked about.
  if (poller === undefined) throw new Problem("not-found", { detail: account.id });
  return poller;
}

async function cardOf(polls: Polls, account: Account): Promise<Scorecard | undefined> {
  const poller = pollerOf(polls, account);
  return poller.isHolder() ? poller.scorecard() : polls.scorecards.read(account.id);
}

/** What another collector moved on is read anew. */
async function refresh(polls: Polls, poller: AccountPoller, devices: readonly string[]): Promise<void> {
  const { account } = poller.tools();
  if (!poller.isHolder()) await polls.watermarks.load(devices.map((device) => ({ client: account.client, account: account.id, device })));
}

function accountView(polling: Polling, account: Account, poller: AccountPoller, card: Scorecard | undefined): AccountView {
  const here = poller.isHolder();
  const isHeld = here || (card !== undefined && polling.clock().nowUs() - card.atUs < WRITTEN_WITHIN_US);
  const outage = isHeld && card?.outage != null ? outageView(card.outage) : null;
  return {
    account: account.id, provider: account.provider.id, title: account.provider.title, client: account.client, devices: account.devices.length, here, outage,
    state: !isHeld ? "standby" : outage === null ? "polling" : "away", budget: isHeld ? (card?.budget ?? []) : [],
  };
}

function outageView({ kind, detail, sinceUs, retryAtUs }: Outage): OutageView {
  return { kind, detail, since: formatInstant(sinceUs), retryAt: formatInstant(retryAtUs) };
}

interface OneDevice {
  readonly account: Account;
  readonly poller: AccountPoller;
  readonly device: string;
  readonly card: Scorecard | undefined;
}

function deviceView(polling: Polling, polls: Polls, { account, poller, device, card }: OneDevice): DeviceView {
  const polled = poller.devices().find((each) => each.device.device === device)!;
  const { marks } = polls.watermarks.of(deviceNameOf({ tools: poller.tools(), device: polled.device }));
  // The newest of all its keys: a device lives while any of them does.
  const newestUs = [...marks.values()].reduce<number | null>((newest, { timeUs }) => (newest === null || timeUs > newest ? timeUs : newest), null);
  const ageMs = newestUs === null ? null : Math.max(0, Math.round((polling.clock().nowUs() - newestUs) / 1000));
  const periodMs = polled.periodUs() / 1000;
  return {
    account: account.id, device, newest: newestUs === null ? null : formatInstant(newestUs), ageMs, periodMs, late: ageMs !== null && ageMs > LATE_PERIODS * periodMs, live: polled.device.live,
    keys: [...marks].map(([key, { timeUs }]) => ({ key, newest: formatInstant(timeUs) })),
    troubles: (card?.troubles ?? []).filter((trouble) => trouble.device === device).map(troubleView),
  };
}

function troubleView({ keys, kind, detail, atUs, misconfiguredSinceUs }: DeviceTrouble): DeviceView["troubles"][number] {
  return { keys, kind, detail, at: formatInstant(atUs), misconfiguredSince: misconfiguredSinceUs === null ? null : formatInstant(misconfiguredSinceUs) };
}

function quantiles(values: readonly number[]): Quantiles | null {
  if (values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number): number => Math.round(sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? 0);
  return { p50: at(0.5), p95: at(0.95) };
}
