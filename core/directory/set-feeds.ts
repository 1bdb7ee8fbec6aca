import { systemScope } from "../access/principal.ts";
import { CaudalError } from "../errors.ts";
import type { StoredDocument } from "../ports/documents.ts";
import type { DirectoryCollections } from "./collections.ts";
import type { ChangeBy } from "./configure.ts";
import { changeDevice, nextMapping } from "./device-change.ts";
import { addFeeders, MAX_FEEDERS, type Feeder } from "./feeders.ts";
import { changeFeeds, overlap, spansOf, type FeedChange, type FeedSpan } from "./feeds.ts";
import { deviceKey, type DeviceRecord, type PointRecord } from "./records.ts";
import { RefusedChange } from "./refused-change.ts";

/** How a change of a device's feeds went. */
export interface FeedsSet {
  readonly device: StoredDocument<DeviceRecord>;
  /** Points that any key of the device feeds beside its own, before and after. */
  readonly before: number;
  readonly after: number;
  /** The mapping changed, so that the past is mapped anew for the points that it concerns. */
  readonly changed: boolean;
}

const PAGE = 500;

/**
 * Applies what a person says of the points that a device's keys feed besides their own, all or nothing. With `dryRun` nothing is written. Fails with "not-found" or, as RefusedChange, "bad-request".
 */
export async function setFeeds(collections: DirectoryCollections, owner: { readonly client: string; readonly device: string }, changes: readonly FeedChange[], options: ChangeBy & { readonly dryRun?: boolean }): Promise<FeedsSet> {
  const { client, device } = owner;
  const stored = await collections.devices.get(options.scope, deviceKey(client, device));
  if (stored === undefined) throw new CaudalError("not-found", `no device ${deviceKey(client, device)}`);
  const feeds = changeFeeds(stored.body, changes);
  const feeders = await checkPoints(collections, owner, { ...stored.body, feeds }, changes.filter(({ removed }) => removed !== true));
  const [before, after] = [countOf(stored.body.feeds), countOf(feeds)];
  const differs = JSON.stringify(feeds) !== JSON.stringify(stored.body.feeds ?? []);
  if (options.dryRun === true || !differs) return { device: stored, before, after, changed: differs };
  await addFeeders(collections, feeders);
  let changed = false;
  const written = await changeDevice(collections, client, device, (current) => {
    if (current === undefined) return undefined;
    const next = changeFeeds(current, changes);
    changed = JSON.stringify(next) !== JSON.stringify(current.feeds ?? []);
    return changed ? { ...current, feeds: next, ...nextMapping(current, options.atUs) } : undefined;
  });
  if (written === undefined) throw new CaudalError("not-found", `no device ${deviceKey(client, device)}`);
  return { device: written, before, after: countOf(written.body.feeds), changed };
}

function countOf(feeds: DeviceRecord["feeds"]): number {
  return new Set(feeds?.map(({ point }) => point)).size;
}

/** Refuses points that the client does not have, that too many devices feed, and whose variable another device gives at the same time. Gives what has to be noted at them. */
async function checkPoints({ points, devices }: DirectoryCollections, { client, device }: { readonly client: string; readonly device: string }, after: DeviceRecord, added: readonly FeedChange[]): Promise<readonly Feeder[]> {
  const mine = Map.groupBy(spansOf(after), ({ point }) => point);
  const feeders: Feeder[] = [];
  for (let at = 0; at < added.length; at += PAGE) {
    const part = added.slice(at, at + PAGE);
    const found = new Map((await points.getMany({ clients: [client] }, [...new Set(part.map(({ point }) => point))])).map(({ id, body }) => [id, body]));
    const others = new Map((await devices.getMany(systemScope, otherFeeders(client, device, found.values()))).map(({ body }) => [body.device, spansOf(body)]));
    for (const change of part) {
      const point = found.get(change.point);
      if (point === undefined) throw new RefusedChange("unknown-point", { field: "point", change, values: { point: change.point } }, `cannot feed ${change.point}: the client has no such point`);
      refuseOthers(change, point, mine.get(change.point) ?? [], others);
      if (point.device === device || point.feeders.includes(device)) continue;
      if (point.feeders.length >= MAX_FEEDERS) throw new RefusedChange("too-many-feeders", { field: "point", change, values: { most: String(MAX_FEEDERS) } }, `cannot feed ${change.point}: ${MAX_FEEDERS} other devices do`);
      feeders.push({ point: change.point, device });
    }
  }
  return feeders;
}

function otherFeeders(client: string, device: string, points: Iterable<PointRecord>): string[] {
  const names = new Set<string>();
  for (const { device: own, feeders } of points) for (const name of [own, ...feeders]) if (name !== device) names.add(deviceKey(client, name));
  return [...names];
}

/** Two devices that give one variable at the same instant would depend on which of them came last. */
function refuseOthers(change: FeedChange, point: PointRecord, mine: readonly FeedSpan[], others: ReadonlyMap<string, readonly FeedSpan[]>): void {
  for (const name of [point.device, ...point.feeders]) {
    for (const span of others.get(name) ?? []) {
      const own = mine.find((candidate) => candidate.key === change.key && overlap(candidate, span));
      if (own === undefined) continue;
      const values = { point: point.point, variable: span.variable, device: name, key: change.key, other: span.key };
      throw new RefusedChange("fed-by-other", { field: "point", change, values }, `cannot be ${span.variable} of point ${point.point}: key ${JSON.stringify(span.key)} of device ${name} is, at the same time`);
    }
  }
}
