import { checkFeeds, MAX_FEEDS_PER_DEVICE, MAX_POINTS_PER_KEY } from "../directory/feeds.ts";
import { newestEntry } from "../directory/entries.ts";
import { VARIABLE_ID } from "../directory/key-change.ts";
import type { DirectoryEntry, DirectoryFeed } from "../directory/records.ts";
import { RefusedChange } from "../directory/refused-change.ts";
import type { Note } from "./finding.ts";
import { readInstant } from "./read-periods.ts";
import type { SaidFeed } from "./said.ts";
import { byCode } from "./stated.ts";

const POINT_ID = /^[0-9a-z]{20}$/;

/** True for what a point's id looks like. */
export function isPointId(id: string): boolean {
  return POINT_ID.test(id);
}

/** The points that keys feed besides their own, as the record keeps them: by key, point and time. */
export function readFeeds(device: string, said: readonly SaidFeed[], entries: readonly DirectoryEntry[], note: Note): readonly DirectoryFeed[] {
  const placed = said.map((feed, index) => ({ index, feed: readFeed(feed, entries, (field, why, values) => note(["feeds", index, ...field], why, values)) }));
  placed.sort((a, b) => byCode(placeOf(a.feed), placeOf(b.feed)) || (a.feed.validFromUs ?? -Infinity) - (b.feed.validFromUs ?? -Infinity) || 0);
  for (const [at, { feed, index }] of placed.entries()) {
    const before = placed[at - 1]?.feed;
    const overlaps = before !== undefined && placeOf(before) === placeOf(feed) && (feed.validFromUs ?? -Infinity) < (before.validUntilUs ?? Infinity);
    if (overlaps) note(["feeds", index], "repeated", { what: `${feed.key} → ${feed.point}` });
  }
  const feeds = placed.map(({ feed }) => feed);
  for (const of of Map.groupBy(feeds, ({ key }) => key).values()) {
    if (new Set(of.map(({ point }) => point)).size > MAX_POINTS_PER_KEY) note(["feeds"], "too-many-feeds", { most: String(MAX_POINTS_PER_KEY) });
  }
  if (feeds.length > MAX_FEEDS_PER_DEVICE) note(["feeds"], "too-many-feeds", { most: String(MAX_FEEDS_PER_DEVICE) });
  try {
    checkFeeds({ device, entries, feeds }, said);
  } catch (error) {
    if (!(error instanceof RefusedChange)) throw error;
    const index = said.findIndex((feed) => feed === error.place.change);
    note(index < 0 ? ["feeds"] : ["feeds", index, error.place.field], error.why, error.place.values);
  }
  return feeds;
}

function readFeed({ key, point, variable: written, validFrom, validUntil }: SaidFeed, entries: readonly DirectoryEntry[], note: Note): DirectoryFeed {
  const entry = newestEntry(entries, key);
  const variable = written ?? entry?.variable ?? "";
  if (entry === undefined) note(["key"], "unknown-key", { key });
  else if (!VARIABLE_ID.test(variable)) note(["variable"], "variable-id", { variable: variable.slice(0, 80) });
  if (!isPointId(point)) note(["point"], "unknown-point", { point: point.slice(0, 80) });
  const validFromUs = readInstant(validFrom, note);
  const validUntilUs = readInstant(validUntil, note, "validUntil");
  if ((validUntilUs ?? Infinity) <= (validFromUs ?? -Infinity)) note(["validUntil"], "feed-period", { key });
  return { key, point, variable, validFromUs, validUntilUs };
}

function placeOf({ key, point }: DirectoryFeed): string {
  return JSON.stringify([key, point]);
}
