import { systemScope } from "../access/principal.ts";
import { insertOnce } from "../directory/adopt.ts";
import type { DirectoryCollections } from "../directory/collections.ts";
import { addFeeders, type Feeder } from "../directory/feeders.ts";
import { pointIdOf } from "../directory/point-id.ts";
import { readableName } from "../directory/readable-name.ts";
import { deviceKey, type PointRecord } from "../directory/records.ts";
import { CaudalError, hasCode } from "../errors.ts";
import type { StoredDocument } from "../ports/documents.ts";
import { heldDevices, heldNow, tagOf, type HeldDevice } from "./held.ts";
import type { ReadDevice } from "./read-said.ts";
import { writeDevice, type DeviceWritten } from "./write-device.ts";
import { writePoint, type WrittenBy } from "./write-point.ts";

/** What one device's configuration is to be. */
export interface ConfigurationWrite {
  readonly read: ReadDevice;
  /** Tag of what the change was decided on; null when there was nothing. */
  readonly seen: string | null;
}

export interface ConfigurationWritten extends DeviceWritten {
  /** conflict: somebody changed it since it was seen; what was not written yet is left. */
  readonly outcome: "applied" | "unchanged" | "conflict";
  /** Of what stands now; null when nothing does. */
  readonly tag: string | null;
  /** Something of it may be written, also where the outcome is a conflict. */
  readonly began: boolean;
  /** Points that were made or changed, and whether by a name too. */
  readonly changed: readonly { readonly point: string; readonly isRenamed: boolean }[];
  /** Points that nobody says anything of and that stay, because they have data or are fed. */
  readonly kept: readonly string[];
}

export interface WriteOptions extends WrittenBy {
  /** True when nothing was ever measured at the point, so that it may go. */
  mayRemove(point: PointRecord): Promise<boolean>;
}

const AT_ONCE = 8;
const nothing: Omit<ConfigurationWritten, "outcome" | "tag"> = { adopted: false, remapped: false, began: false, changed: [], kept: [] };

/**
 * Makes the configurations what is said, each by compare and set against what was seen. Points come first and keys last, over all of them: a key
 * never feeds a point that is not there, and a device is adopted by its last write. Whoever ends between begins again from what stands then.
 * What is said must be without findings. One outcome each, in order.
 */
export async function writeConfigurations(collections: DirectoryCollections, writes: readonly ConfigurationWrite[], options: WriteOptions): Promise<readonly ConfigurationWritten[]> {
  const held = await heldDevices(collections, systemScope, writes.map(({ read }) => read.stated));
  const done: (Partial<ConfigurationWritten> | undefined)[] = [];
  await each(writes, async ({ read, seen }, index) => {
    const now = held[index];
    if (now?.tag === tagOf(read.stated) && now.device?.body.state === "active") done[index] = { outcome: "unchanged", tag: now.tag };
    else if ((now?.tag ?? null) !== seen) done[index] = { outcome: "conflict", tag: now?.tag ?? null };
    else done[index] = { began: true, ...await orConflict(() => writePoints(collections, read, now, options)) };
  });
  await each(writes, async ({ read }, index) => {
    if (done[index]?.outcome !== undefined) return;
    done[index] = { ...done[index], ...await orConflict(async () => {
      await addFeeders(collections, feedersOf(read));
      return { outcome: "applied" as const, ...await writeDevice(collections, read, held[index], options.atUs) };
    }) };
  });
  const after = await heldDevices(collections, systemScope, writes.map(({ read }) => read.stated));
  return done.map((written, index) => ({ ...nothing, outcome: "conflict", ...written, tag: after[index]?.tag ?? null }));
}

async function writePoints(collections: DirectoryCollections, { stated: { client, device }, points }: ReadDevice, held: HeldDevice | undefined, options: WriteOptions): Promise<Partial<ConfigurationWritten>> {
  await insertOnce(collections.clients, { id: client, body: { client, name: readableName(client), createdAtUs: options.atUs } });
  const before = new Map<string, StoredDocument<PointRecord>>(held?.points.map((stored) => [stored.body.channel, stored]));
  const changed: ConfigurationWritten["changed"][number][] = [];
  for (const said of points) {
    const was = before.get(said.channel);
    if (await writePoint(collections, { client, device, said, before: was }, options)) changed.push({ point: pointIdOf(client, device, said.channel), isRenamed: was?.body.name !== said.name });
    before.delete(said.channel);
  }
  const kept: string[] = [];
  for (const { id, version, body } of before.values()) {
    if ((await isFed(collections, body)) || !(await options.mayRemove(body))) kept.push(id);
    else if (!(await collections.points.remove(systemScope, id, version))) throw new CaudalError("version-conflict", `point ${id} is gone`);
  }
  return { changed, kept };
}

/** What has to be noted at points of other devices before keys of this one feed them. */
function feedersOf({ stated: { client, device }, entries, feeds }: ReadDevice): readonly Feeder[] {
  const foreign = entries.filter(({ point, channel }) => point !== pointIdOf(client, device, channel));
  return [...foreign, ...feeds].map(({ point }) => ({ point, device }));
}

/** Removes a device that nothing was ever measured of, with its points; what stays is said. Undefined when it changed since it was seen. */
export async function removeConfiguration(collections: DirectoryCollections, owner: { readonly client: string; readonly device: string }, seen: string, mayRemove: WriteOptions["mayRemove"]): Promise<{ readonly removed: boolean; readonly kept: readonly string[] } | undefined> {
  const held = await heldNow(collections, owner.client, owner.device);
  if (held?.tag !== seen) return undefined;
  const stays = await Promise.all(held.points.map(async ({ body }) => (await isFed(collections, body)) || !(await mayRemove(body))));
  if (stays.includes(true)) return { removed: false, kept: held.points.filter((_, index) => stays[index]).map(({ id }) => id) };
  const conflict = await orConflict(async () => {
    // The device goes last: as long as it is there, who looks for what is left finds it.
    for (const { id, version } of held.points) await collections.points.remove(systemScope, id, version);
    if (held.device !== undefined) await collections.devices.remove(systemScope, deviceKey(owner.client, owner.device), held.device.version);
    return {};
  });
  return conflict.outcome === undefined ? { removed: true, kept: [] } : undefined;
}

/** True while a key of another device feeds the point; who is noted there may have stopped since. */
async function isFed({ devices }: DirectoryCollections, { client, point, feeders }: PointRecord): Promise<boolean> {
  const others = await devices.getMany(systemScope, feeders.map((name) => deviceKey(client, name)));
  return others.some(({ body: { entries, feeds = [] } }) => [...entries, ...feeds].some((each) => each.point === point));
}

async function orConflict(work: () => Promise<Partial<ConfigurationWritten>>): Promise<Partial<ConfigurationWritten>> {
  try {
    return await work();
  } catch (error) {
    if (hasCode(error, "version-conflict")) return { outcome: "conflict" };
    throw error;
  }
}

async function each<T>(items: readonly T[], work: (item: T, index: number) => Promise<void>): Promise<void> {
  for (let from = 0; from < items.length; from += AT_ONCE) await Promise.all(items.slice(from, from + AT_ONCE).map((item, at) => work(item, from + at)));
}
