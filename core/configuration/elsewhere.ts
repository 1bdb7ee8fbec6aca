import { systemScope } from "../access/principal.ts";
import type { DirectoryCollections } from "../directory/collections.ts";
import { MAX_FEEDERS } from "../directory/feeders.ts";
import { overlap, spansOf, type FeedSpan } from "../directory/feeds.ts";
import { pointIdOf } from "../directory/point-id.ts";
import { deviceKey, type PointRecord } from "../directory/records.ts";
import type { StatedFinding } from "./finding.ts";
import type { ReadDevice } from "./read-said.ts";

/** A place of a document that names a point of another. */
interface Naming {
  readonly path: StatedFinding["path"];
  readonly key: string;
  readonly point: string;
  readonly isFeed: boolean;
}

const PAGE = 500;

/**
 * What is wrong with what documents say of points of other devices: that there are none, that too many devices feed them, that another
 * device gives the same variable at the same time. `coming` are points that are about to be made. One list a document, in order.
 */
export async function elsewhereFindings({ points, devices }: DirectoryCollections, reads: readonly ReadDevice[], coming: ReadonlySet<string>): Promise<readonly (readonly StatedFinding[])[]> {
  const made = new Set([...coming, ...reads.flatMap(({ stated: { client, device }, points: own }) => own.map(({ channel }) => pointIdOf(client, device, channel)))]);
  const namings = reads.map(namingsOf);
  const known = new Map<string, PointRecord>();
  for (const ids of pages(namings.flat().map(({ point }) => point))) for (const { id, body } of await points.getMany(systemScope, ids)) known.set(id, body);
  const spans = new Map(reads.map(({ stated, entries, feeds }) => [deviceKey(stated.client, stated.device), spansOf({ entries, feeds })]));
  const others = [...known.values()].flatMap(({ client, device, feeders }) => [device, ...feeders].map((name) => deviceKey(client, name)));
  for (const ids of pages(others.filter((id) => !spans.has(id)))) for (const { id, body } of await devices.getMany(systemScope, ids)) spans.set(id, spansOf(body));

  return reads.map(({ stated: { client, device } }, index) => (namings[index] ?? []).flatMap(({ path, key, point, isFeed }): StatedFinding[] => {
    const found = known.get(point);
    if (found === undefined) return made.has(point) ? [] : [{ path: [...path, "point"], why: "unknown-point", values: { point } }];
    if (found.client !== client) return [{ path: [...path, "point"], why: "unknown-point", values: { point } }];
    const isNew = found.device !== device && !found.feeders.includes(device);
    if (isNew && found.feeders.length >= MAX_FEEDERS) return [{ path: [...path, "point"], why: "too-many-feeders", values: { most: String(MAX_FEEDERS) } }];
    if (!isFeed) return [];
    const mine = (spans.get(deviceKey(client, device)) ?? []).filter((span) => span.key === key && span.point === point);
    const other = [found.device, ...found.feeders].filter((name) => name !== device).flatMap((name) => clash(mine, name, spans.get(deviceKey(client, name)) ?? []))[0];
    return other === undefined ? [] : [{ path: [...path, "point"], why: "fed-by-other", values: { point, key, ...other } }];
  }));
}

function clash(mine: readonly FeedSpan[], device: string, theirs: readonly FeedSpan[]): { readonly device: string; readonly variable: string; readonly other: string }[] {
  return theirs.filter((span) => mine.some((own) => overlap(own, span))).map(({ key, variable }) => ({ device, variable, other: key }));
}

function namingsOf({ stated: { client, device, keys, feeds = [] } }: ReadDevice): Naming[] {
  const meant = keys.flatMap(({ key, channel = "", point }, index): Naming[] =>
    (point === undefined || point === pointIdOf(client, device, channel) ? [] : [{ path: ["keys", index], key, point, isFeed: false }]));
  return [...meant, ...feeds.map(({ key, point }, index): Naming => ({ path: ["feeds", index], key, point, isFeed: true }))];
}

function* pages(ids: readonly string[]): Generator<readonly string[]> {
  const distinct = [...new Set(ids)];
  for (let at = 0; at < distinct.length; at += PAGE) yield distinct.slice(at, at + PAGE);
}
