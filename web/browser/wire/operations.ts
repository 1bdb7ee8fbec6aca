import { asInstantMs, asList, asNumber, asNumberOrNull, asRecord, asText, asTextList, asTextMap } from "./read.ts";
import type { TwoTexts } from "./two-texts.ts";

/** An event that one consumer group could not use. */
export interface ParkedItem {
  readonly id: string;
  readonly client: string;
  readonly group: string;
  readonly reason: string;
  readonly reasonText: string;
  readonly detail: string;
  readonly device: string;
  readonly origin: string;
  readonly source: string;
  readonly transport: string;
  readonly receivedAtMs: number | null;
  readonly bytes: number;
  readonly state: string;
  readonly preview: string;
  /** What a person can do about it, in the language that was asked. */
  readonly next: string;
}

export function readParked(value: unknown): ParkedItem | undefined {
  const row = asRecord(value);
  const id = asText(row["id"]);
  if (id === "") return undefined;
  return {
    id, client: asText(row["client"]), group: asText(row["group"]), reason: asText(row["reason"]), reasonText: asText(row["reasonText"]),
    detail: asText(row["detail"]), device: asText(row["device"]), origin: asText(row["origin"]), source: asText(row["source"]),
    transport: asText(row["transport"]), receivedAtMs: asInstantMs(row["receivedAt"]), bytes: asNumber(row["bytes"]),
    state: asText(row["state"], "parked"), preview: asText(row["preview"]), next: asText(row["next"]),
  };
}

/** The bytes of a parked event; `text` is null when they are not UTF-8. */
export interface ParkedValue {
  readonly bytes: Uint8Array;
  readonly text: string | null;
}

export function readParkedValue(body: unknown): ParkedValue {
  const row = asRecord(body);
  const binary = atob(asText(row["value"]));
  return { bytes: Uint8Array.from(binary, (character) => character.charCodeAt(0)), text: typeof row["text"] === "string" ? row["text"] : null };
}

/** What came of a replay: how many were handed over, and how many could still not be used. */
export interface ReplayResult {
  readonly replayed: number;
  readonly stillParked: number;
}

export function readReplayResult(body: unknown): ReplayResult {
  const row = asRecord(body);
  return { replayed: asNumber(row["replayed"]), stillParked: asNumber(row["stillParked"]) };
}

export interface DeviceKey {
  readonly key: string;
  readonly variable: string;
  readonly unit: string;
  readonly guessed: boolean;
  readonly point: string;
}

export interface Device {
  readonly client: string;
  readonly device: string;
  readonly state: string;
  readonly transport: string;
  readonly source: string;
  readonly firstSeenMs: number | null;
  readonly lastSeenMs: number | null;
  readonly keys: readonly DeviceKey[];
  readonly points: readonly string[];
  /** Points that its keys feed besides their own. */
  readonly feeds: number;
  readonly presence: string;
  readonly detail: string;
  readonly readings: number | null;
  /** Newest source time of a device whose data stopped; null of any other. */
  readonly silentSinceMs: number | null;
}

export function readDevice(value: unknown): Device | undefined {
  const row = asRecord(value);
  const device = asText(row["device"]);
  if (device === "") return undefined;
  return {
    client: asText(row["client"]), device, state: asText(row["state"], "active"), transport: asText(row["transport"]), source: asText(row["source"]),
    firstSeenMs: asInstantMs(row["firstSeen"]), lastSeenMs: asInstantMs(row["lastSeen"]), keys: asList(row["keys"], readKey),
    points: asTextList(row["points"]), feeds: asNumber(row["feeds"]), presence: asText(row["presence"], "unknown"), detail: asText(row["detail"]),
    readings: asNumberOrNull(row["readings"]), silentSinceMs: asInstantMs(row["silentSince"]),
  };
}

/** A point that a device's key feeds besides its own, and from when to when. */
export interface DeviceFeed {
  readonly key: string;
  readonly point: string;
  readonly name: string;
  readonly variable: string;
  readonly fromMs: number | null;
  readonly untilMs: number | null;
}

export function readDeviceFeed(value: unknown): DeviceFeed | undefined {
  const row = asRecord(value);
  const point = asText(row["point"]);
  if (point === "") return undefined;
  return { key: asText(row["key"]), point, name: asText(row["name"], point), variable: asText(row["variable"]), fromMs: asInstantMs(row["validFrom"]), untilMs: asInstantMs(row["validUntil"]) };
}

/** A device that an edge turned away, and why the last time. */
export interface RefusedDevice {
  readonly client: string;
  readonly device: string;
  readonly reason: string;
  readonly detail: string;
  readonly source: string;
  readonly lastMs: number | null;
}

export function readRefusedDevice(value: unknown): RefusedDevice | undefined {
  const row = asRecord(value);
  const device = asText(row["device"]);
  if (device === "") return undefined;
  return { client: asText(row["client"]), device, reason: asText(row["reason"]), detail: asText(row["detail"]), source: asText(row["source"]), lastMs: asInstantMs(row["last"]) };
}

function readKey(value: unknown): DeviceKey | undefined {
  const row = asRecord(value);
  const key = typeof value === "string" ? value : asText(row["key"]);
  if (key === "") return undefined;
  return { key, variable: asText(row["variable"]), unit: asText(row["unit"]), guessed: row["guessed"] === true, point: asText(row["point"]) };
}

/** What `GET /api/v1/status` says of the installation. */
export interface Status {
  readonly version: string;
  readonly engines: Readonly<Record<string, string>>;
  readonly readingsPerS: number | null;
  readonly lag: Readonly<Record<string, number>>;
  readonly parked: number | null;
  readonly lastWriteMs: Readonly<Record<string, number | null>>;
  readonly demo: boolean;
  readonly send: Readonly<Record<string, string>>;
}

export function readStatus(body: unknown): Status {
  const row = asRecord(body);
  const lag = Object.entries(asRecord(row["lag"])).map(([group, value]) => [group, asNumber(value)] as const);
  const writes = Object.entries(asRecord(row["lastWrite"])).map(([tier, value]) => [tier, asInstantMs(value)] as const);
  return {
    version: asText(row["version"]), engines: asTextMap(row["engines"]), readingsPerS: asNumberOrNull(row["readingsPerS"]),
    lag: Object.fromEntries(lag), parked: asNumberOrNull(row["parked"]), lastWriteMs: Object.fromEntries(writes), demo: row["demo"] === true,
    send: asTextMap(row["send"]),
  };
}

export interface VariableOption {
  readonly id: string;
  readonly kind: string;
  readonly unit: string;
  readonly name: TwoTexts;
  readonly decimals: number | null;
}

export function readVariableOption(value: unknown): VariableOption | undefined {
  const row = asRecord(value);
  const id = asText(row["id"], asText(row["variable"]));
  if (id === "") return undefined;
  const name = asRecord(row["name"]);
  const en = asText(name["en"], id);
  return { id, kind: asText(row["kind"]), unit: asText(row["unit"]), name: { en, es: asText(name["es"], en) }, decimals: asNumberOrNull(row["decimals"]) };
}

export interface UnitOption {
  readonly code: string;
  /** Units of one quantity convert into each other. */
  readonly quantity: string;
}

export function readUnitOption(value: unknown): UnitOption | undefined {
  const row = asRecord(value);
  const code = asText(row["code"], asText(row["unit"]));
  return code === "" ? undefined : { code, quantity: asText(row["quantity"]) };
}

/** Who is asking; null when nobody is signed in. */
export interface Person {
  readonly name: string;
  readonly role: string;
}

export function readPerson(body: unknown): Person {
  const outer = asRecord(body);
  const row = "principal" in outer ? asRecord(outer["principal"]) : outer;
  return { name: asText(row["name"], "local"), role: asText(row["role"], "viewer") };
}

/** True when the role may change points, devices and parked events. */
export function mayConfigure(person: Person | null): boolean {
  return person !== null && (person.role === "admin" || person.role === "operator");
}

/** True when the role may decide on what is owed to a regulator: confirm and annul slots, propose and approve edits, stop works. */
export function mayReview(person: Person | null): boolean {
  return mayConfigure(person) || person?.role === "compliance";
}

/** True when the role may throw the switch of all sending. */
export function mayAdminister(person: Person | null): boolean {
  return person?.role === "admin";
}

/** The first row of the answer to `POST /api/v1/readings`. */
export interface SentReading {
  readonly accepted: boolean;
  readonly point: string;
  readonly message: string;
}

export function readSentReading(body: unknown): SentReading {
  const first = asRecord(asList(asRecord(body)["items"], (item) => item)[0]);
  const error = asRecord(first["error"]);
  return { accepted: first["status"] === "accepted", point: asText(first["point"]), message: asText(error["detail"], asText(error["title"])) };
}
