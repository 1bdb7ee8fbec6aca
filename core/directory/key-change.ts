import { parseUnit, units } from "../variables/units.ts";
import { variableRow } from "../variables/variable.ts";
import { entryAt, newestEntry } from "./entries.ts";
import { checkFeeds } from "./feeds.ts";
import { pointIdOf } from "./point-id.ts";
import type { DeviceRecord, DirectoryEntry } from "./records.ts";
import { RefusedChange } from "./refused-change.ts";

/** What a person says about a device's key. Absent fields stay as they are. */
export interface KeyChange {
  readonly key: string;
  /** The device that sends it, where a point is fed by several; absent: the one that has such a key. */
  readonly device?: string;
  /** Channel of the device that the key belongs to; its point is made when it is new. Empty: the device's main point. */
  readonly channel?: string;
  /** An existing point of the client to feed instead (two loggers, one well). */
  readonly point?: string;
  readonly variable?: string;
  /** Unit that the source's values are in. */
  readonly unit?: string;
  readonly ignored?: boolean;
  /** Instant from which the change holds; absent or null: from the first reading, whatever held before. */
  readonly validFromUs?: number | null;
  /** Limits of the quality tests, in the variable's stored unit; null takes the default again. */
  readonly min?: number | null;
  readonly max?: number | null;
  readonly maxRatePerS?: number | null;
  readonly flatLineS?: number | null;
  readonly spike?: number | null;
  readonly stuckM3?: number | null;
}

export const VARIABLE_ID = /^[a-z][a-z0-9_]{0,63}$/;
export const CHANNEL = /^[^\u0000-\u001f]{0,64}$/u;
const MAX_UNIT_CHARACTERS = 32;
export const MAX_ENTRIES = 1024;

/** True when the change says something about what the key means, and not just about limits. */
export function changesMeaning(change: KeyChange): boolean {
  const { channel, point, variable, unit, ignored, validFromUs } = change;
  return [channel, point, variable, unit, ignored, validFromUs].some((field) => field !== undefined);
}

/** The device's entries after the changes. Throws RefusedChange. */
export function changeEntries(device: DeviceRecord, changes: readonly KeyChange[]): readonly DirectoryEntry[] {
  let entries = device.entries;
  for (const change of changes) if (changesMeaning(change)) entries = changeKey(device, entries, change);
  if (entries.length > MAX_ENTRIES) throw new RefusedChange("too-many-entries", { field: "", values: { most: String(MAX_ENTRIES) } }, `device ${device.device} would have more than ${MAX_ENTRIES} entries`);
  refuseSharedVariables(entries, changes);
  checkFeeds({ ...device, entries }, changes);
  return entries;
}

function changeKey(device: DeviceRecord, entries: readonly DirectoryEntry[], change: KeyChange): readonly DirectoryEntry[] {
  const { key } = change;
  const validFromUs = change.validFromUs ?? null;
  const base = validFromUs === null ? newestEntry(entries, key) : entryAt(entries, key, validFromUs) ?? newestEntry(entries, key);
  if (base === undefined) throw unknownKey(change);
  const { client, device: id } = device;
  const channel = change.channel ?? (change.point === undefined ? base.channel : "");
  if (!CHANNEL.test(channel)) throw new RefusedChange("channel", { field: "channel", change }, "has a channel that is too long or holds control characters");
  const point = change.point ?? (change.channel === undefined ? base.point : pointIdOf(client, id, channel));
  const variable = change.variable ?? base.variable;
  if (!VARIABLE_ID.test(variable)) {
    throw new RefusedChange("variable-id", { field: "variable", change, values: { variable } }, `cannot be variable ${JSON.stringify(variable)}: lower-case letters, digits and underscores, a letter first`);
  }
  const unit = unitFor(change, variable, base.unit);
  const entry: DirectoryEntry = { key, channel, point, variable, unit, guessed: false, validFromUs, ...((change.ignored ?? base.ignored) === true ? { ignored: true } : {}) };
  const kept = entries.filter((other) => other.key !== key || (validFromUs !== null && other.validFromUs !== validFromUs));
  return [...kept, entry];
}

export function unknownKey(change: KeyChange): RefusedChange {
  return new RefusedChange("unknown-key", { field: "key", change, values: { key: change.key } }, "is not a key of this device");
}

/** The unit's code. Throws RefusedChange for one that the variable is not measured in. */
export function unitFor(change: KeyChange, variable: string, before: string): string {
  const row = variableRow(variable);
  const text = change.unit ?? before;
  if (text.length > MAX_UNIT_CHARACTERS) throw new RefusedChange("unit-length", { field: "unit", change, values: { most: String(MAX_UNIT_CHARACTERS) } }, "has a unit that is too long");
  const unit = parseUnit(text);
  if (row === undefined) return unit?.code ?? text.trim();
  const quantity = parseUnit(row.unit)?.quantity;
  if (unit !== undefined && unit.quantity === quantity) return unit.code;
  if (change.unit === undefined && unit === undefined) return row.unit;
  const fitting = units.filter((candidate) => candidate.quantity === quantity).map(({ code }) => code).join(", ");
  throw new RefusedChange("unit", { field: "unit", change, values: { key: change.key, variable, unit: text, units: fitting } }, `cannot be ${variable} in ${JSON.stringify(text)}: that is no unit of it; ${row.unit} is`);
}

/** Throws RefusedChange. */
export function refuseSharedVariables(entries: readonly DirectoryEntry[], changes: readonly KeyChange[]): void {
  const owner = new Map<string, string>();
  for (const key of new Set(entries.map((entry) => entry.key))) {
    const entry = newestEntry(entries, key);
    if (entry === undefined || entry.ignored === true) continue;
    const place = `${entry.point} ${entry.variable}`;
    const other = owner.get(place);
    if (other !== undefined) {
      const change = changes.findLast((candidate) => candidate.key === key) ?? changes.findLast((candidate) => candidate.key === other);
      const about = { field: "variable", ...(change === undefined ? {} : { change }), values: { key, other, variable: entry.variable } };
      throw new RefusedChange("shared-variable", about, `cannot be variable ${entry.variable}: key ${JSON.stringify(change?.key === other ? key : other)} of the same device is`);
    }
    owner.set(place, key);
  }
}
