import { createHash } from "node:crypto";
import { systemScope, type Scope } from "../access/principal.ts";
import type { DirectoryCollections } from "../directory/collections.ts";
import { deviceKey, type DeviceRecord, type PointRecord } from "../directory/records.ts";
import type { Page, StoredDocument } from "../ports/documents.ts";
import { statedDevice } from "./from-records.ts";
import { statedText, type StatedDevice } from "./stated.ts";

/** A device's configuration as the installation has it. */
export interface HeldDevice {
  readonly stated: StatedDevice;
  /** Changes with the configuration and with nothing else. */
  readonly tag: string;
  /** Undefined while nobody adopted it. */
  readonly device: StoredDocument<DeviceRecord> | undefined;
  readonly points: readonly StoredDocument<PointRecord>[];
}

const POINTS_A_PAGE = 500;
const AT_ONCE = 8;

/** Configurations of these devices, in their order; undefined where neither the device is adopted nor any point of it is there. */
export async function heldDevices(collections: DirectoryCollections, scope: Scope, ids: readonly { readonly client: string; readonly device: string }[]): Promise<readonly (HeldDevice | undefined)[]> {
  const known = new Map((await collections.devices.getMany(scope, ids.map(({ client, device }) => deviceKey(client, device)))).map((stored) => [stored.id, stored]));
  const held: (HeldDevice | undefined)[] = [];
  for (let from = 0; from < ids.length; from += AT_ONCE) {
    held.push(...await Promise.all(ids.slice(from, from + AT_ONCE).map(async ({ client, device }) => {
      const stored = known.get(deviceKey(client, device));
      const points = await pointsOf(collections, scope, client, device);
      return stored?.body.state !== "active" && points.length === 0 ? undefined : heldDevice({ client, device }, stored, points);
    })));
  }
  return held;
}

/** A page of adopted devices with their points, by id. */
export async function heldPage(collections: DirectoryCollections, scope: Scope, query: { readonly client?: string; readonly limit: number; readonly cursor?: string }): Promise<Page<HeldDevice>> {
  const { client, limit, cursor } = query;
  const page = await collections.devices.find(scope, { ...(client === undefined ? {} : { where: { client } }), limit, ...(cursor === undefined ? {} : { cursor }) });
  const active = page.items.filter(({ body }) => body.state === "active");
  const items: HeldDevice[] = [];
  for (let from = 0; from < active.length; from += AT_ONCE) {
    items.push(...await Promise.all(active.slice(from, from + AT_ONCE).map(async (stored) => heldDevice(stored.body, stored, await pointsOf(collections, scope, stored.body.client, stored.body.device)))));
  }
  return page.next === undefined ? { items } : { items, next: page.next };
}

function heldDevice(owner: { readonly client: string; readonly device: string }, stored: StoredDocument<DeviceRecord> | undefined, points: readonly StoredDocument<PointRecord>[]): HeldDevice {
  const device = stored?.body.state === "active" ? stored : undefined;
  const stated = statedDevice(owner, device?.body, points.map(({ body }) => body));
  return { stated, tag: tagOf(stated), device: stored, points };
}

export function tagOf(stated: StatedDevice): string {
  return createHash("sha256").update(statedText(stated)).digest("base64url").slice(0, 27);
}

async function pointsOf({ points }: DirectoryCollections, scope: Scope, client: string, device: string): Promise<readonly StoredDocument<PointRecord>[]> {
  const found: StoredDocument<PointRecord>[] = [];
  let cursor: string | undefined;
  do {
    const page: Page<StoredDocument<PointRecord>> = await points.find(scope, { where: { device }, limit: POINTS_A_PAGE, ...(cursor === undefined ? {} : { cursor }) });
    found.push(...page.items.filter(({ body }) => body.client === client));
    cursor = page.next;
  } while (cursor !== undefined);
  return found;
}

/** As the store has it now, whoever may see it: for comparing and setting. */
export async function heldNow(collections: DirectoryCollections, client: string, device: string): Promise<HeldDevice | undefined> {
  return (await heldDevices(collections, systemScope, [{ client, device }]))[0];
}
