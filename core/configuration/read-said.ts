import { CHANNEL, MAX_ENTRIES, refuseSharedVariables, unitFor, VARIABLE_ID } from "../directory/key-change.ts";
import { MAX_POINT_NAME_CHARACTERS, readableName } from "../directory/readable-name.ts";
import { pointIdOf } from "../directory/point-id.ts";
import type { DirectoryEntry, DirectoryFeed, PointRecord } from "../directory/records.ts";
import { RefusedChange } from "../directory/refused-change.ts";
import type { Note, StatedFinding } from "./finding.ts";
import { statedDevice } from "./from-records.ts";
import { isPointId, readFeeds } from "./read-feeds.ts";
import { readInstant, readLimits, readSettings } from "./read-periods.ts";
import type { SaidDevice, SaidMeaning, SaidPoint } from "./said.ts";
import type { StatedDevice } from "./stated.ts";

/** What is said of a point, as records hold it. */
export type ReadPoint = Pick<PointRecord, "channel" | "name" | "periodS"> & Required<Pick<PointRecord, "limits" | "settings">>;

/** A configuration as records hold it, and all that is wrong with it. What is wrong is left out of the rest. */
export interface ReadDevice {
  /** In normal form. */
  readonly stated: StatedDevice;
  readonly entries: readonly DirectoryEntry[];
  readonly feeds: readonly DirectoryFeed[];
  readonly points: readonly ReadPoint[];
  readonly findings: readonly StatedFinding[];
}

type Owner = Pick<SaidDevice, "client" | "device">;

const CLIENT_ID = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const DEVICE_ID = /^[^\u0000-\u001f\u007f]{1,256}$/u;
/** What nobody said yet is called as its source calls it. */
const GUESSED_ID = /^[a-z0-9_]{1,80}$/;
const MAX_GUESSED_UNIT_CHARACTERS = 256;
const MAX_KEY_CHARACTERS = 256;

/**
 * Reads what is said of a device. The main point and those of the channels that keys name go without saying; a point without a name is called as it
 * would be by itself. Nothing is thrown for what is wrong: it is among the findings.
 */
export function readSaid(said: SaidDevice): ReadDevice {
  const findings: StatedFinding[] = [];
  const note: Note = (path, why, values = {}) => void findings.push({ path, why, values });
  if (!isClient(said.client)) note(["client"], "client-id", { met: said.client.slice(0, 80) });
  if (!DEVICE_ID.test(said.device)) note(["device"], "device-id", { met: said.device.slice(0, 80) });
  const entries = readKeys(said, note);
  const feeds = readFeeds(said.device, said.feeds ?? [], entries, note);
  const points = readPoints(said, entries, note);
  return { stated: statedDevice(said, { entries, feeds }, points.map((point) => ({ ...point, variables: {}, createdAtUs: 0 }))), entries, feeds, points, findings };
}

/** True for what a client may be called: a-z, 0-9 and dashes inside, at most 63. */
export function isClient(id: string): boolean {
  return CLIENT_ID.test(id);
}

/** What a point is called of which nobody said a name. */
export function defaultName(device: string, channel: string): string {
  return channel === "" ? readableName(device) : `${readableName(device)} ${channel}`;
}

function readKeys(said: SaidDevice, note: Note): DirectoryEntry[] {
  const entries: DirectoryEntry[] = [];
  const met = new Set<string>();
  for (const [index, meaning] of (said.keys ?? []).entries()) {
    const at = ["keys", index];
    const entry = readMeaning(said, meaning, (field, why, values) => note([...at, ...field], why, values));
    const place = JSON.stringify([entry.key, entry.validFromUs]);
    if (met.has(place)) note(at, "repeated", { what: entry.key });
    met.add(place);
    entries.push(entry);
  }
  if (entries.length > MAX_ENTRIES) note(["keys"], "too-many-entries", { most: String(MAX_ENTRIES) });
  try {
    refuseSharedVariables(entries, []);
  } catch (error) {
    if (!(error instanceof RefusedChange)) throw error;
    const { values = {} } = error.place;
    note(["keys", entries.findLastIndex(({ key }) => key === values["key"]), "variable"], error.why, values);
  }
  return entries;
}

function readMeaning({ client, device }: Owner, { key, variable, unit: written, guessed = false, ignored = false, ...where }: SaidMeaning, note: Note): DirectoryEntry {
  const { channel = "", point = pointIdOf(client, device, channel) } = where;
  if (key === "" || key.length > MAX_KEY_CHARACTERS) note(["key"], "key-length", { most: String(MAX_KEY_CHARACTERS) });
  if (!CHANNEL.test(channel)) note(["channel"], "channel");
  if (!isPointId(point)) note(["point"], "unknown-point", { point: point.slice(0, 80) });
  const guess = guessed || ignored;
  if (!(guess ? GUESSED_ID : VARIABLE_ID).test(variable)) note(["variable"], "variable-id", { variable: variable.slice(0, 80) });
  const unit = guess && written !== undefined ? written : readUnit(key, variable, written, note);
  if (unit.length > MAX_GUESSED_UNIT_CHARACTERS) note(["unit"], "unit-length", { most: String(MAX_GUESSED_UNIT_CHARACTERS) });
  return { key, channel, point, variable, unit, guessed, validFromUs: readInstant(where.validFrom, note), ...(ignored ? { ignored } : {}) };
}

function readUnit(key: string, variable: string, unit: string | undefined, note: Note): string {
  try {
    return unitFor(unit === undefined || unit === "" ? { key } : { key, unit }, variable, "");
  } catch (error) {
    if (!(error instanceof RefusedChange)) throw error;
    note(["unit"], error.why, error.place.values);
    return "";
  }
}

function readPoints(said: SaidDevice, entries: readonly DirectoryEntry[], note: Note): ReadPoint[] {
  const points = new Map<string, ReadPoint>();
  for (const [index, point] of (said.points ?? []).entries()) {
    const at = ["points", index];
    const channel = point.channel ?? "";
    if (points.has(channel)) note(at, "repeated", { what: channel });
    else points.set(channel, readPoint(said.device, point, (field, why, values) => note([...at, ...field], why, values)));
  }
  const own = entries.filter(({ point, channel }) => point === pointIdOf(said.client, said.device, channel)).map(({ channel }) => channel);
  for (const channel of ["", ...own]) if (!points.has(channel)) points.set(channel, { channel, name: defaultName(said.device, channel), periodS: null, limits: [], settings: [] });
  return [...points.values()];
}

function readPoint(device: string, { channel = "", name: written, periodS = null, limits, settings }: SaidPoint, note: Note): ReadPoint {
  if (!CHANNEL.test(channel)) note(["channel"], "channel");
  const name = written?.trim() ?? defaultName(device, channel);
  if (name === "" || (name.length > MAX_POINT_NAME_CHARACTERS && name !== defaultName(device, channel))) note(["name"], "name-length", { most: String(MAX_POINT_NAME_CHARACTERS) });
  if (periodS !== null && !(periodS > 0 && Number.isFinite(periodS))) note(["periodS"], "period");
  return { channel, name, periodS, limits: readLimits(limits ?? {}, note), settings: readSettings(settings ?? [], note) };
}
