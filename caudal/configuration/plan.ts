import type { StatedClient, StatedDevice } from "@caudal/core";
import type { ApiClient } from "../commandline/api-client.ts";
import type { ListPage } from "../commandline/listing.ts";
import { isMade, type Change } from "./change.ts";
import { mergeDevice, type HeldView } from "./merge-device.ts";
import { placeIn } from "./place-in.ts";
import { saidIn, toldOf, type DeviceFile, type ReadFiles, type SaidClient, type Speaking } from "./read-files.ts";
import type { Told } from "./told.ts";

export interface DevicePlan {
  readonly file: DeviceFile;
  /** What is to hold afterwards, whole. */
  readonly stated: StatedDevice;
  readonly changes: readonly Change[];
  /** What the change was decided on; null where there was nothing. */
  readonly seen: string | null;
}

export interface ClientPlan {
  readonly file: SaidClient;
  readonly seen: string | null;
}

/** A device that the installation has and the files do not. */
export interface OnlyHere {
  readonly client: string;
  readonly device: string;
  readonly tag: string;
  /** Something was heard of it: it is never taken away. */
  readonly heard: boolean;
  /** Keys of it feed points of others, which can go only after it. */
  readonly feedsOthers: boolean;
}

/** All that applying the files would do. */
export interface Plan {
  readonly clients: readonly ClientPlan[];
  /** Those with any difference. */
  readonly devices: readonly DevicePlan[];
  readonly onlyHere: readonly OnlyHere[];
  /** What is wrong with what would come of files and installation together. */
  readonly told: readonly Told[];
  readonly equal: number;
}

export interface PlanOptions extends Speaking {
  readonly api: ApiClient;
  readonly prune: boolean;
  /** Devices of the files' clients that no file is about are differences too. */
  readonly isWhole: boolean;
  /** Which devices are looked at. */
  includes(held: HeldView["document"]): boolean;
  tick(done: number, total: number): void;
}

export const AT_ONCE = 100;
const PAGE = 200;

/** Compares the files with the installation; nothing is changed. */
export async function makePlan({ clients, devices }: ReadFiles, options: PlanOptions): Promise<Plan> {
  const { api, isWhole, includes, tick } = options;
  const named = await clientNames(api);
  const clientPlans = clients.filter(({ stated }) => named.get(stated.client) !== stated.name).map((file) => ({ file, seen: named.get(file.stated.client) ?? null }));
  const plans: DevicePlan[] = [];
  const told: Told[] = [];
  for (let at = 0; at < devices.length; at += AT_ONCE) {
    const part = devices.slice(at, at + AT_ONCE);
    for (const { told: wrong, ...plan } of await plansOf(part, options)) {
      told.push(...wrong);
      if (plan.changes.length > 0) plans.push(plan);
    }
    tick(Math.min(at + AT_ONCE, devices.length), devices.length);
  }
  const onlyHere: OnlyHere[] = [];
  if (isWhole) {
    const said = new Set(devices.map(({ client, device }) => JSON.stringify([client, device])));
    for (const client of new Set([...clients.map(({ stated }) => stated.client), ...devices.map(({ client }) => client)])) {
      for await (const { document, tag, heard } of heldOf(api, client)) {
        if (!said.has(JSON.stringify([document.client, document.device])) && includes(document)) onlyHere.push({ client: document.client, device: document.device, tag, heard, feedsOthers: (document.feeds ?? []).length > 0 || document.keys.some(({ point }) => point !== undefined) });
      }
    }
  }
  return { clients: clientPlans, devices: plans, onlyHere, told, equal: devices.length - plans.length };
}

/** Plans of these files against what stands now; also of those without a difference. */
export async function plansOf(files: readonly DeviceFile[], options: Pick<PlanOptions, "api" | "prune" | "say" | "language">): Promise<readonly (DevicePlan & Pick<Plan, "told">)[]> {
  const asked = files.map(({ client, device }) => ({ client, device }));
  const { items } = await options.api.send<{ items: readonly (HeldView | null)[] }>("POST", "/api/v1/configuration/read", { body: { devices: asked } });
  return files.map((file, index) => {
    const held = items[index] ?? undefined;
    const { said, read } = saidIn(file, options);
    const { target: { stated, findings }, changes } = mergeDevice(said, read, held, options);
    const told = findings.map((finding) => toldOf(finding, file.source, options, placeIn(stated, said, finding.path)));
    return { file, stated, changes, seen: held?.tag ?? null, told };
  });
}

/** Every adopted device, or every one of a client, page by page. */
export async function* heldOf(api: ApiClient, client?: string): AsyncGenerator<HeldView> {
  let cursor: string | null = null;
  do {
    const query: URLSearchParams = new URLSearchParams({ limit: String(PAGE), ...(client === undefined ? {} : { client }), ...(cursor === null ? {} : { cursor }) });
    const page: ListPage<HeldView> = await api.get<ListPage<HeldView>>(`/api/v1/configuration?${query}`);
    yield* page.items;
    cursor = page.next ?? null;
  } while (cursor !== null);
}

export async function clientNames(api: ApiClient): Promise<ReadonlyMap<string, string>> {
  const names = new Map<string, string>();
  let cursor: string | null = null;
  do {
    const query: URLSearchParams = new URLSearchParams({ limit: String(PAGE), ...(cursor === null ? {} : { cursor }) });
    const page: ListPage<StatedClient> = await api.get<ListPage<StatedClient>>(`/api/v1/configuration/clients?${query}`);
    for (const { client, name } of page.items) names.set(client, name);
    cursor = page.next ?? null;
  } while (cursor !== null);
  return names;
}

/** True when applying would change anything. */
export function changesAnything({ clients, devices, onlyHere }: Plan, prune: boolean): boolean {
  return clients.length > 0 || devices.some(({ changes }) => changes.some(isMade)) || (prune && onlyHere.some(({ heard }) => !heard));
}

/** True when files and installation differ in anything. */
export function differs({ clients, devices, onlyHere }: Plan): boolean {
  return clients.length > 0 || devices.length > 0 || onlyHere.length > 0;
}
