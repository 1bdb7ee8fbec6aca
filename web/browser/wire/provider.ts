import { asInstantMs, asList, asNumber, asNumberOrNull, asRecord, asText, asTextList, type Json } from "./read.ts";

/** What came of asking a provider, as the API names it; the first three are answers, the others why there was none. */
export const outcomeKinds = ["ok", "no_data", "stale", "rate_limited", "request_failed", "bad_payload", "auth_failed", "config_error"] as const;

export interface ProviderOutage {
  readonly kind: string;
  readonly detail: string;
  readonly sinceMs: number | null;
  readonly retryAtMs: number | null;
}

/** Calls used of those allowed in each stretch of `perMs`. */
export interface BudgetUse {
  readonly calls: number;
  readonly perMs: number;
  readonly used: number;
}

/** One credential at a provider. */
export interface ProviderAccount {
  readonly account: string;
  readonly provider: string;
  readonly title: string;
  readonly client: string;
  readonly devices: number;
  /** polling, away (its provider does not answer as it should) or standby (no collector asks for it). */
  readonly state: string;
  /** Whether the collector that answered is the one that asks. */
  readonly here: boolean;
  readonly outage: ProviderOutage | null;
  readonly budget: readonly BudgetUse[];
}

function readProviderAccount(value: unknown): ProviderAccount | undefined {
  const row = asRecord(value);
  const account = asText(row["account"]);
  if (account === "") return undefined;
  const outage = row["outage"] === null || row["outage"] === undefined ? null : asRecord(row["outage"]);
  return {
    account, provider: asText(row["provider"]), title: asText(row["title"], asText(row["provider"])), client: asText(row["client"]), devices: asNumber(row["devices"]),
    state: asText(row["state"], "standby"), here: row["here"] === true,
    outage: outage === null ? null : { kind: asText(outage["kind"]), detail: asText(outage["detail"]), sinceMs: asInstantMs(outage["since"]), retryAtMs: asInstantMs(outage["retryAt"]) },
    budget: asList(row["budget"], (item) => {
      const use = asRecord(item);
      const calls = asNumber(use["calls"]);
      return calls > 0 ? { calls, perMs: asNumber(use["perMs"]), used: asNumber(use["used"]) } : undefined;
    }),
  };
}

/** Why an account, or one device of it, is left out. */
export interface ConfigProblem {
  readonly account: string;
  readonly device: string | null;
  readonly line: number;
  readonly detail: string;
}

export interface ProviderList {
  readonly accounts: readonly ProviderAccount[];
  readonly problems: readonly ConfigProblem[];
}

export function readProviderList(body: unknown): ProviderList {
  const row = asRecord(body);
  return { accounts: asList(row["items"], readProviderAccount), problems: asList(row["problems"], readConfigProblem) };
}

function readConfigProblem(value: unknown): ConfigProblem | undefined {
  const row = asRecord(value);
  const detail = asText(row["detail"]);
  const device = asText(row["device"]);
  return detail === "" ? undefined : { account: asText(row["account"]), device: device === "" ? null : device, line: asNumber(row["line"]), detail };
}

/** Rows by what they were to us. */
export interface ProviderRows {
  readonly forward: number;
  readonly corrected: number;
  readonly late: number;
  readonly repeated: number;
  readonly stale: number;
  readonly refused: number;
}

/** What came of asking over a stretch of time. */
export interface ProviderScore {
  readonly outcomes: Readonly<Record<string, number>>;
  readonly rows: ProviderRows;
  readonly calls: number;
  readonly filled: number;
}

export interface Quantiles {
  readonly p50: number;
  readonly p95: number;
}

export interface ProviderGap {
  readonly device: string;
  readonly keys: readonly string[];
  readonly fromMs: number;
  readonly toMs: number;
}

export interface ProviderCard extends ProviderAccount {
  /** When it was written; null when nobody has asked yet. */
  readonly atMs: number | null;
  readonly hour: ProviderScore;
  readonly day: ProviderScore;
  readonly delayMs: Quantiles | null;
  readonly ageMs: Quantiles | null;
  readonly neverSeen: number;
  readonly late: number;
  readonly misconfigured: number;
  readonly gaps: readonly ProviderGap[];
}

export interface DeviceTrouble {
  readonly keys: readonly string[];
  readonly kind: string;
  readonly detail: string;
  readonly atMs: number | null;
  readonly misconfiguredSinceMs: number | null;
}

export interface ProviderDevice {
  readonly device: string;
  readonly newestMs: number | null;
  readonly ageMs: number | null;
  readonly periodMs: number;
  readonly late: boolean;
  readonly live: boolean;
  readonly troubles: readonly DeviceTrouble[];
}

/** A scorecard with the devices of one page. */
export interface ProviderStatus {
  readonly card: ProviderCard;
  readonly devices: readonly ProviderDevice[];
  readonly next: string | null;
}

/** The card of an account; undefined where the answer has none of it. */
export function readProviderStatus(body: unknown, account: string): ProviderStatus | undefined {
  const row = asRecord(body);
  const card = asList(row["items"], readCard).find((candidate) => candidate.account === account);
  if (card === undefined) return undefined;
  const devices = asRecord(row["devices"]);
  const next = asText(devices["next"]);
  return { card, devices: asList(devices["items"], readProviderDevice), next: next === "" ? null : next };
}

function readCard(value: unknown): ProviderCard | undefined {
  const account = readProviderAccount(value);
  if (account === undefined) return undefined;
  const row = asRecord(value);
  return {
    ...account, atMs: asInstantMs(row["at"]), hour: readScore(row["hour"]), day: readScore(row["day"]), delayMs: readQuantiles(row["delayMs"]), ageMs: readQuantiles(row["ageMs"]),
    neverSeen: asNumber(row["neverSeen"]), late: asNumber(row["late"]), misconfigured: asNumber(row["misconfigured"]), gaps: asList(row["gaps"], readGap),
  };
}

function readScore(value: unknown): ProviderScore {
  const row = asRecord(value);
  return {
    outcomes: Object.fromEntries(Object.entries(asRecord(row["outcomes"])).map(([kind, count]) => [kind, asNumber(count)])), rows: readRows(asRecord(row["rows"])),
    calls: asNumber(row["calls"]), filled: asNumber(row["filled"]),
  };
}

function readRows(row: Json): ProviderRows {
  return {
    forward: asNumber(row["forward"]), corrected: asNumber(row["corrected"]), late: asNumber(row["late"]), repeated: asNumber(row["repeated"]), stale: asNumber(row["stale"]), refused: asNumber(row["refused"]),
  };
}

function readQuantiles(value: unknown): Quantiles | null {
  const row = asRecord(value);
  const [p50, p95] = [asNumberOrNull(row["p50"]), asNumberOrNull(row["p95"])];
  return p50 === null || p95 === null ? null : { p50, p95 };
}

function readGap(value: unknown): ProviderGap | undefined {
  const row = asRecord(value);
  const [fromMs, toMs] = [asInstantMs(row["from"]), asInstantMs(row["to"])];
  return fromMs === null || toMs === null ? undefined : { device: asText(row["device"]), keys: asTextList(row["keys"]), fromMs, toMs };
}

function readProviderDevice(value: unknown): ProviderDevice | undefined {
  const row = asRecord(value);
  const device = asText(row["device"]);
  if (device === "") return undefined;
  return {
    device, newestMs: asInstantMs(row["newest"]), ageMs: asNumberOrNull(row["ageMs"]), periodMs: asNumber(row["periodMs"]), late: row["late"] === true, live: row["live"] === true,
    troubles: asList(row["troubles"], (item) => {
      const trouble = asRecord(item);
      return { keys: asTextList(trouble["keys"]), kind: asText(trouble["kind"]), detail: asText(trouble["detail"]), atMs: asInstantMs(trouble["at"]), misconfiguredSinceMs: asInstantMs(trouble["misconfiguredSince"]) };
    }),
  };
}

/** What came of asking now, over all devices that were asked. */
export interface Collected {
  readonly devices: number;
  readonly rows: ProviderRows;
  /** Asks by what came of them. */
  readonly outcomes: Readonly<Record<string, number>>;
  /** What the first failed ask says; empty when none did. */
  readonly detail: string;
}

/** A poll that goes on after the answer: what is asked now, and when the rest is due. */
export interface Queued {
  readonly devices: number;
  readonly devicesNow: number;
  readonly calls: number;
  readonly callsNow: number;
  readonly restByMs: number | null;
}

/** Of a poll that is not over; undefined for one whose rows are there. */
export function readQueued(body: unknown): Queued | undefined {
  const rows = asList(asRecord(body)["queued"], (item) => asRecord(item));
  if (rows.length === 0) return undefined;
  const sum = (name: string): number => rows.reduce((total, row) => total + asNumber(row[name]), 0);
  const times = rows.flatMap((row) => asInstantMs(row["restBy"]) ?? []);
  return { devices: sum("devices"), devicesNow: sum("devicesNow"), calls: sum("calls"), callsNow: sum("callsNow"), restByMs: times.length === 0 ? null : Math.max(...times) };
}

export function readCollected(body: unknown): Collected {
  const outcomes: Record<string, number> = {};
  const rows = { ...readRows({}) };
  let detail = "";
  const items = asList(asRecord(body)["items"], (item) => asRecord(item));
  for (const item of items) {
    const counted = readRows(asRecord(item["rows"]));
    for (const name of Object.keys(rows) as (keyof ProviderRows)[]) rows[name] += counted[name];
    for (const outcome of asList(item["outcomes"], (each) => asRecord(each))) {
      const kind = asText(outcome["kind"]);
      outcomes[kind] = (outcomes[kind] ?? 0) + 1;
      if (detail === "" && isFailure(kind)) detail = asText(outcome["detail"]);
    }
  }
  return { devices: items.length, rows, outcomes, detail };
}

/** True for a kind that means there was no usable answer. */
export function isFailure(kind: string): boolean {
  return kind !== "ok" && kind !== "no_data" && kind !== "stale";
}
