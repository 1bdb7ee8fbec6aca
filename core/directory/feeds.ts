import { parseUnit, units } from "../variables/units.ts";
import { variableRow } from "../variables/variable.ts";
import { newestEntry } from "./entries.ts";
import type { DeviceRecord, DirectoryEntry, DirectoryFeed } from "./records.ts";
import { RefusedChange } from "./refused-change.ts";

/** What a person says of a key and one more point that it feeds. */
export interface FeedChange {
  readonly key: string;
  readonly point: string;
  /** Which variable of the point the samples are; absent: the key's own. */
  readonly variable?: string;
  /** First instant that the word is about; absent or null: the first reading. */
  readonly validFromUs?: number | null;
  /** First instant that it is no longer about; absent or null: none. */
  readonly validUntilUs?: number | null;
  /** Between these instants the key does not feed the point. */
  readonly removed?: boolean;
}

/** Points that one key may feed besides its own, over all times. */
export const MAX_POINTS_PER_KEY = 2000;
/** Periods of all feeds of a device: they stand in its record and in what mapping keeps of it. */
export const MAX_FEEDS_PER_DEVICE = 4000;

const VARIABLE_ID = /^[a-z][a-z0-9_]{0,63}$/;

/** A variable of a point that a key gives, and when. */
export interface FeedSpan {
  readonly key: string;
  readonly point: string;
  readonly variable: string;
  readonly fromUs: number;
  readonly untilUs: number;
}

/** The device's feeds after the changes, in order and without seams. Throws RefusedChange; whether the points are there is for the caller to say. */
export function changeFeeds(device: DeviceRecord, changes: readonly FeedChange[]): readonly DirectoryFeed[] {
  const byPlace = Map.groupBy(device.feeds ?? [], placeOf);
  for (const change of changes) {
    const added = addedBy(device, change);
    const fromUs = change.validFromUs ?? null;
    const untilUs = change.validUntilUs ?? null;
    if ((untilUs ?? Infinity) <= (fromUs ?? -Infinity)) throw new RefusedChange("feed-period", { field: "validUntil", change, values: { key: change.key } }, "would feed a point up to a time that is not after its first");
    const kept = (byPlace.get(placeOf(change)) ?? []).flatMap((feed) => around(feed, fromUs, untilUs));
    byPlace.set(placeOf(change), seamless(added === undefined ? kept : [...kept, { key: change.key, point: change.point, variable: added, validFromUs: fromUs, validUntilUs: untilUs }]));
  }
  const feeds = [...byPlace].sort(([a], [b]) => (a < b ? -1 : 1)).flatMap(([, placed]) => placed);
  for (const [key, of] of Map.groupBy(feeds, (feed) => feed.key)) {
    if (new Set(of.map(({ point }) => point)).size > MAX_POINTS_PER_KEY) throw tooMany(changes.findLast((change) => change.key === key), MAX_POINTS_PER_KEY);
  }
  if (feeds.length > MAX_FEEDS_PER_DEVICE) throw tooMany(changes.at(-1), MAX_FEEDS_PER_DEVICE);
  checkFeeds({ ...device, feeds }, changes);
  return feeds;
}

/** Refuses feeds whose variable cannot be in the key's unit, and two keys that give one variable of a point at the same instant. Throws RefusedChange. */
export function checkFeeds(device: Pick<DeviceRecord, "device" | "entries" | "feeds">, changes: readonly { readonly key: string; readonly point?: string }[]): void {
  const { entries, feeds = [] } = device;
  if (feeds.length === 0) return;
  const about = (feed: Pick<DirectoryFeed, "key" | "point">): { change?: { readonly key: string } } => {
    const change = changes.findLast(({ key, point }) => key === feed.key && point === feed.point) ?? changes.findLast(({ key }) => key === feed.key);
    return change === undefined ? {} : { change };
  };
  const spans = entrySpans(entries);
  for (const [key, of] of Map.groupBy(feeds, (feed) => feed.key)) {
    const own = spans.filter((span) => span.key === key);
    for (const feed of of) for (const span of own) if (span.fromUs < (feed.validUntilUs ?? Infinity) && (feed.validFromUs ?? -Infinity) < span.untilUs) checkUnit(span.unit, feed, about(feed));
  }
  const owners: Map<string, FeedSpan[]> = Map.groupBy<string, FeedSpan>(spans, varOf);
  for (const feed of feeds) {
    const span = spanOf(feed);
    const other = owners.get(varOf(span))?.find((candidate) => overlap(candidate, span));
    if (other !== undefined) throw shared(other.key === feed.key ? "fed-already" : "shared-variable", span, { ...about(feed), other });
    const known = owners.get(varOf(span));
    if (known === undefined) owners.set(varOf(span), [span]);
    else known.push(span);
  }
}

/** Which variables of which points a device gives, and when: by its entries and beside them. */
export function spansOf({ entries, feeds = [] }: Pick<DeviceRecord, "entries" | "feeds">): FeedSpan[] {
  return [...entrySpans(entries), ...feeds.map(spanOf)];
}

export function overlap(a: FeedSpan, b: FeedSpan): boolean {
  return a.point === b.point && a.variable === b.variable && a.fromUs < b.untilUs && b.fromUs < a.untilUs;
}

/** What a feed makes of its key, as an entry. */
export function entryOfFeed({ key, point, variable, validFromUs }: DirectoryFeed, { unit, guessed }: Pick<DirectoryEntry, "unit" | "guessed">): DirectoryEntry {
  return { key, channel: "", point, variable, unit, guessed, validFromUs };
}

function placeOf({ key, point }: Pick<DirectoryFeed, "key" | "point">): string {
  return JSON.stringify([key, point]);
}

function varOf({ point, variable }: Pick<FeedSpan, "point" | "variable">): string {
  return `${point} ${variable}`;
}

function spanOf({ key, point, variable, validFromUs, validUntilUs }: DirectoryFeed): FeedSpan {
  return { key, point, variable, fromUs: validFromUs ?? -Infinity, untilUs: validUntilUs ?? Infinity };
}

function entrySpans(entries: readonly DirectoryEntry[]): (FeedSpan & Pick<DirectoryEntry, "unit">)[] {
  const spans: (FeedSpan & Pick<DirectoryEntry, "unit">)[] = [];
  for (const [, of] of Map.groupBy(entries, ({ key }) => key)) {
    const inOrder = [...of].sort((a, b) => (a.validFromUs ?? -Infinity) - (b.validFromUs ?? -Infinity));
    for (const [at, { key, point, variable, unit, validFromUs, ignored }] of inOrder.entries()) {
      if (ignored !== true) spans.push({ key, point, variable, unit, fromUs: validFromUs ?? -Infinity, untilUs: inOrder[at + 1]?.validFromUs ?? Infinity });
    }
  }
  return spans;
}

/** The variable that the change feeds; undefined where it takes away. */
function addedBy(device: DeviceRecord, change: FeedChange): string | undefined {
  const entry = newestEntry(device.entries, change.key);
  if (entry === undefined) throw new RefusedChange("unknown-key", { field: "key", change, values: { key: change.key } }, `is not a key of device ${device.device}`);
  if (change.removed === true) return undefined;
  if (entry.ignored === true) throw new RefusedChange("feed-ignored", { field: "key", change, values: { key: change.key } }, "is ignored, and feeds nothing");
  const variable = change.variable ?? entry.variable;
  if (!VARIABLE_ID.test(variable)) throw new RefusedChange("variable-id", { field: "variable", change, values: { variable } }, `cannot be variable ${JSON.stringify(variable)}: lower-case letters, digits and underscores, a letter first`);
  return variable;
}

/** What is left of a feed outside of the instants. */
function around(feed: DirectoryFeed, fromUs: number | null, untilUs: number | null): DirectoryFeed[] {
  const { validFromUs, validUntilUs } = feed;
  const left: DirectoryFeed[] = [];
  if (fromUs !== null && (validFromUs ?? -Infinity) < fromUs) left.push({ ...feed, validUntilUs: Math.min(fromUs, validUntilUs ?? Infinity) });
  if (untilUs !== null && (validUntilUs ?? Infinity) > untilUs) left.push({ ...feed, validFromUs: Math.max(untilUs, validFromUs ?? -Infinity) });
  return left;
}

function seamless(feeds: readonly DirectoryFeed[]): DirectoryFeed[] {
  const whole: DirectoryFeed[] = [];
  for (const feed of [...feeds].sort((a, b) => (a.validFromUs ?? -Infinity) - (b.validFromUs ?? -Infinity))) {
    const last = whole.at(-1);
    if (last !== undefined && last.variable === feed.variable && last.validUntilUs === feed.validFromUs) whole[whole.length - 1] = { ...last, validUntilUs: feed.validUntilUs };
    else whole.push(feed);
  }
  return whole;
}

function checkUnit(unit: string, { key, variable }: DirectoryFeed, about: { readonly change?: { readonly key: string } }): void {
  const row = variableRow(variable);
  if (row === undefined) return;
  const quantity = parseUnit(row.unit)?.quantity;
  if (parseUnit(unit)?.quantity === quantity) return;
  const fitting = units.filter((candidate) => candidate.quantity === quantity).map(({ code }) => code).join(", ");
  throw new RefusedChange("unit", { field: "variable", ...about, values: { key, variable, unit, units: fitting } }, `cannot feed ${variable}, being in ${JSON.stringify(unit)}: that is no unit of it; ${row.unit} is`);
}

function shared(why: "fed-already" | "shared-variable", { key, point, variable }: FeedSpan, { other, change }: { readonly other: FeedSpan; readonly change?: { readonly key: string } }): RefusedChange {
  const values = { key, other: other.key, variable, point };
  return new RefusedChange(why, { field: "point", ...(change === undefined ? {} : { change }), values }, `cannot be ${variable} of point ${point}: key ${JSON.stringify(other.key)} of the same device is, at the same time`);
}

function tooMany(change: FeedChange | undefined, most: number): RefusedChange {
  return new RefusedChange("too-many-feeds", { field: "point", ...(change === undefined ? {} : { change }), values: { most: String(most) } }, `would feed more than ${most} points`);
}
