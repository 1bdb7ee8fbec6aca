import { readSaid, type ReadDevice, type SaidDevice, type SaidPoint, type StatedDevice, type StatedFeed, type StatedMeaning, type StatedPoint } from "@caudal/core";
import type { Change } from "./change.ts";
import { mergedItems, mergedPeriods, type Merging } from "./merge-values.ts";

/** What is said of a device over what the installation has of it. */
export interface MergedDevice {
  /** What is to hold afterwards, whole. */
  readonly target: ReadDevice;
  readonly changes: readonly Change[];
}

export interface HeldView {
  readonly document: StatedDevice;
  readonly tag: string;
  /** Its device is adopted; else only points of it are there. */
  readonly adopted: boolean;
  /** Something was heard of it. */
  readonly heard: boolean;
}

export interface MergeOptions {
  readonly prune: boolean;
}

/**
 * What the files do not say of a device stays as the installation has it, unless pruned. A key's meaning from an instant is one word, and so are
 * the times at which it feeds one other point; settings and limits are merged each by its name.
 */
export function mergeDevice(said: SaidDevice, { stated }: ReadDevice, held: HeldView | undefined, { prune }: MergeOptions): MergedDevice {
  const changes: Change[] = [];
  const merging: Merging = { prune, note: (change) => void changes.push(change) };
  const before = held?.document ?? { client: stated.client, device: stated.device, keys: [], points: [] };
  if (held?.adopted !== true) changes.push({ kind: "added", field: "device" });
  const keys = mergedKeys(stated.keys, before.keys, { ...merging, prune: prune && held?.heard === false }, prune);
  const fedPlaces = new Set((stated.feeds ?? []).map(placeOf));
  const feeds = mergedItems(stated.feeds ?? [], before.feeds ?? [], { fieldOf: feedField, fields: ["variable", "validUntil"], whole: (feed) => fedPlaces.has(placeOf(feed)) }, merging);
  const points = mergedPoints({ said: said.points ?? [], normal: stated.points, held: before.points, heard: held?.heard ?? false }, merging);
  const target = readSaid({ client: stated.client, device: stated.device, keys, feeds, points });
  return { target, changes };
}

/** A heard device's keys would be learned anew: taking the mapping away would take measurements away until then. */
function mergedKeys(said: readonly StatedMeaning[], held: readonly StatedMeaning[], merging: Merging, asked: boolean): StatedMeaning[] {
  const names = new Set(said.map(({ key }) => key));
  const whole = (meaning: StatedMeaning): boolean => asked && names.has(meaning.key);
  const note = (change: Change): void => merging.note(asked && change.kind === "only-here" ? { ...change, kind: "kept" } : change);
  return mergedItems(said, held, { fieldOf: keyField, fields: ["variable", "unit", "channel", "point", "guessed", "ignored"], whole }, { ...merging, note });
}

interface Points {
  readonly said: readonly SaidPoint[];
  /** The same in normal form, with those that keys imply. */
  readonly normal: readonly StatedPoint[];
  readonly held: readonly StatedPoint[];
  readonly heard: boolean;
}

function mergedPoints({ said, normal, held, heard }: Points, merging: Merging): StatedPoint[] {
  const { prune, note } = merging;
  const saidBy = new Map(said.map((point) => [point.channel ?? "", point]));
  const heldBy = new Map(held.map((point) => [point.channel ?? "", point]));
  const merged: StatedPoint[] = [];
  for (const point of normal) {
    const channel = point.channel ?? "";
    const before = heldBy.get(channel);
    heldBy.delete(channel);
    merged.push(mergedPoint(saidBy.get(channel), point, before, merging));
  }
  for (const point of heldBy.values()) {
    const goes = prune && !heard;
    note({ kind: goes ? "removed" : prune ? "kept" : "only-here", field: pointField(point.channel), before: { name: point.name } });
    if (!goes) merged.push(point);
  }
  return merged;
}

function mergedPoint(said: SaidPoint | undefined, normal: StatedPoint, held: StatedPoint | undefined, merging: Merging): StatedPoint {
  const { prune, note } = merging;
  const at = pointField(normal.channel);
  if (held === undefined) note({ kind: "added", field: at, after: { name: normal.name } });
  const name = said?.name === undefined ? held?.name ?? normal.name : normal.name;
  if (held !== undefined && held.name !== name) note({ kind: "changed", field: `${at}.name`, before: held.name, after: name });
  const limits: Record<string, StatedPoint["settings"]> = {};
  for (const variable of new Set([...Object.keys(held?.limits ?? {}), ...Object.keys(normal.limits ?? {})])) {
    const periods = mergedPeriods(normal.limits?.[variable] ?? [], held?.limits?.[variable] ?? [], `${at}.limits.${variable}`, merging);
    if (periods.length > 0) limits[variable] = periods;
  }
  const settings = mergedPeriods(normal.settings ?? [], held?.settings ?? [], `${at}.settings`, merging);
  const periodS = mergedPeriodS();
  return { ...(normal.channel === undefined ? {} : { channel: normal.channel }), name, ...(periodS === undefined ? {} : { periodS }), limits: limits as NonNullable<StatedPoint["limits"]>, settings };

  function mergedPeriodS(): number | undefined {
    const [before, after] = [held?.periodS, normal.periodS];
    const field = `${at}.periodS`;
    if (before === after) return after;
    if (said?.periodS === undefined) {
      note({ kind: prune ? "removed" : "only-here", field, before });
      return prune ? undefined : before;
    }
    note(before === undefined ? { kind: "added", field, after } : after === undefined ? { kind: "removed", field, before } : { kind: "changed", field, before, after });
    return after;
  }
}

const from = (start: string | undefined): string => (start === undefined ? "" : `[${start}]`);
const keyField = ({ key, validFrom }: StatedMeaning): string => `keys.${key}${from(validFrom)}`;
const feedField = ({ key, point, validFrom }: StatedFeed): string => `feeds.${key} → ${point}${from(validFrom)}`;
const placeOf = ({ key, point }: StatedFeed): string => JSON.stringify([key, point]);

function pointField(channel = ""): string {
  return channel === "" ? "point" : `point[${channel}]`;
}
