import { asInstantMs, asList, asNumber, asNumberOrNull, asRecord, asText, type Json } from "./read.ts";

/** Slots of the running month by where they stand; late, verified and attention (no voucher, or the regulator holds something else) are counted among the accepted too. */
export const countNames = ["expected", "ready", "accepted", "verified", "late", "missing", "refused", "unknown", "review", "attention"] as const;
export type CountName = (typeof countNames)[number];
export type SlotCounts = Readonly<Record<CountName, number>>;

/** What of it is sent: nothing, made ready but kept here, or sent. */
export const sendModes = ["off", "shadow", "live"] as const;
export type SendMode = (typeof sendModes)[number];

/** What the installation does with what is due; nothing reaches a regulator but in live. */
export const installationModes = ["off", "sandbox", "shadow", "live"] as const;
export type InstallationMode = (typeof installationModes)[number];

/** A work and how its month goes. */
export interface ObraStatus {
  readonly work: string;
  readonly regulator: string;
  readonly code: string;
  readonly client: string;
  readonly name: string;
  readonly standard: string;
  readonly mode: SendMode;
  /** Why nothing is sent for it; null while it is not stopped. */
  readonly stopped: string | null;
  readonly lastAccepted: { readonly slotMs: number; readonly atMs: number | null; readonly voucher: string | null } | null;
  readonly nextSlotMs: number | null;
  readonly counts: SlotCounts;
  readonly lateFailures: number;
}

/** Whether anything is sent at all, and who said so. */
export interface Sending {
  readonly on: boolean;
  readonly by: string;
  readonly atMs: number | null;
  readonly reason: string;
  /** The data came from another installation, so nothing is sent until a person says so. */
  readonly restored: boolean;
}

/** A regulator that turns calls away, or does not answer: nothing is sent to it for a while. */
export interface Breaker {
  readonly regulator: string;
  readonly retryInMs: number | null;
  readonly why: string;
}

export interface ComplianceStatus {
  readonly obras: readonly ObraStatus[];
  readonly sending: Sending;
  /** Null where it is not told. */
  readonly mode: InstallationMode | null;
  /** Those that are open. */
  readonly breakers: readonly Breaker[];
  readonly next: string | null;
}

export function readComplianceStatus(body: unknown): ComplianceStatus {
  const row = asRecord(body);
  const next = asText(row["next"]);
  return { obras: asList(row["items"], readObraStatus), sending: readSending(row["sending"]), mode: installationModes.find((mode) => mode === row["mode"]) ?? null, breakers: readBreakers(row["breaker"]), next: next === "" ? null : next };
}

export function readObraStatus(value: unknown): ObraStatus | undefined {
  const row = asRecord(value);
  const parts = readWork(row);
  if (parts === undefined) return undefined;
  const last = asRecord(row["lastAccepted"]);
  const slotMs = asInstantMs(last["slot"]);
  return {
    ...parts, client: asText(row["client"]), name: asText(row["name"], parts.code), standard: asText(row["standard"]), mode: readMode(row["mode"]), stopped: readStopped(row["stopped"]),
    lastAccepted: slotMs === null ? null : { slotMs, atMs: asInstantMs(last["at"]), voucher: asText(last["voucher"]) || null },
    nextSlotMs: asInstantMs(row["nextSlot"]), counts: readCounts(row["counts"]), lateFailures: asNumber(row["lateFailures"]),
  };
}

/** `dga/OB-0602-7` and its two parts, from whichever of them are there. */
export function readWork(row: Json): { readonly work: string; readonly regulator: string; readonly code: string } | undefined {
  const given = asText(row["work"]);
  const slash = given.indexOf("/");
  const regulator = asText(row["regulator"], slash > 0 ? given.slice(0, slash) : "");
  const code = asText(row["code"], slash > 0 ? given.slice(slash + 1) : "");
  return regulator === "" || code === "" ? undefined : { work: `${regulator}/${code}`, regulator, code };
}

export function readMode(value: unknown): SendMode {
  return sendModes.find((mode) => mode === value) ?? "off";
}

/** Null when it goes on; a stop without words is an empty text. */
export function readStopped(value: unknown): string | null {
  if (value === null || value === undefined || value === false) return null;
  return typeof value === "string" ? value : asText(asRecord(value)["reason"]);
}

function readCounts(value: unknown): SlotCounts {
  const row = asRecord(value);
  return Object.fromEntries(countNames.map((name) => [name, asNumber(row[name])])) as SlotCounts;
}

/** A server that says nothing of it is taken to send nothing. */
export function readSending(value: unknown): Sending {
  const row = asRecord(value);
  return { on: row["on"] === true, by: asText(row["by"]), atMs: asInstantMs(row["at"]), reason: asText(row["reason"]), restored: row["restored"] === true };
}

/** The open ones. */
export function readBreakers(value: unknown): Breaker[] {
  return asList(value, (item) => {
    const row = asRecord(item);
    return row["state"] === "open" ? { regulator: asText(row["regulator"]), retryInMs: asNumberOrNull(row["retryInMs"]), why: asText(row["why"]) } : undefined;
  });
}
