import type { ApplyBody, ApplyOutcome } from "@caudal/business";
import type { ApiClient } from "../commandline/api-client.ts";
import { batchesOf, namedPoints, ownPoints } from "./batches.ts";
import { changesText, isMade } from "./change.ts";
import { placeOf } from "./located.ts";
import { placeIn } from "./place-in.ts";
import { AT_ONCE, plansOf, type DevicePlan, type Plan } from "./plan.ts";
import { saidIn, type Speaking } from "./read-files.ts";
import type { Told } from "./told.ts";

export interface ApplyOptions extends Speaking {
  readonly api: ApiClient;
  readonly prune: boolean;
  readonly reason: string | undefined;
  tick(done: number, total: number): void;
}

/** What became of a plan. */
export interface AppliedPlan {
  readonly applied: number;
  /** Somebody else had made them so meanwhile. */
  readonly unchanged: number;
  readonly removed: number;
  /** Devices and points that --prune would have taken and that stay, because they have data. */
  readonly kept: readonly { readonly client: string; readonly device: string; readonly points: readonly string[] }[];
  /** Changed by somebody since they were compared, in what the files say otherwise: nothing of theirs was overwritten. */
  readonly conflicts: readonly { readonly client: string; readonly device: string | null; readonly now: DevicePlan | undefined }[];
  /** What the installation refused after all. */
  readonly told: readonly Told[];
}

interface Reply {
  readonly written: boolean;
  readonly items: readonly ApplyOutcome[];
}

const PATH = "/api/v1/configuration";
const TIMEOUT_MS = 120_000;
const TRIES = 5;

/** Asks the installation what it would refuse of the whole plan; nothing is written. */
export async function checkPlan({ clients, devices }: Plan, { api, ...speaking }: Pick<ApplyOptions, "api" | "say" | "language">): Promise<readonly Told[]> {
  const made = devices.filter(({ changes }) => changes.some(isMade));
  const coming = new Set(made.flatMap(({ stated }) => ownPoints(stated)));
  const told: Told[] = [];
  for (let at = 0; at < clients.length; at += AT_ONCE) {
    const part = clients.slice(at, at + AT_ONCE);
    const { items } = await post(api, { dryRun: true, clients: part.map(({ file, seen }) => ({ ...file.stated, seen })) });
    told.push(...items.flatMap(({ findings }, index) => findings.map(({ path, detail, next }) => ({ place: placeOf((part[index] as (typeof part)[number]).file.source, path), path, detail, next }))));
  }
  for (const batch of batchesOf(made)) {
    const { items } = await post(api, { dryRun: true, coming: namedIn(batch, coming), devices: batch.map(asked) });
    told.push(...toldOf(batch, items, speaking));
  }
  return told;
}

/** Writes the plan: clients, devices in batches, and last what is pruned. A device that changed meanwhile is compared anew; where that gives the same changes they are made, else it is a conflict. */
export async function applyPlan({ clients, devices, onlyHere }: Plan, options: ApplyOptions): Promise<AppliedPlan> {
  const { api, prune, reason, tick } = options;
  const why = reason === undefined ? {} : { reason };
  const sums = { applied: 0, unchanged: 0, removed: 0, kept: [] as { client: string; device: string; points: readonly string[] }[], conflicts: [] as AppliedPlan["conflicts"][number][], told: [] as Told[] };
  const pruned = prune ? onlyHere.filter(({ heard }) => !heard).sort((a, b) => Number(b.feedsOthers) - Number(a.feedsOthers)) : [];
  const made = devices.filter(({ changes }) => changes.some(isMade));
  const total = clients.length + made.length + pruned.length;
  let done = 0;
  const count = ({ client, device, outcome, kept }: ApplyOutcome): void => {
    if (outcome === "applied" || outcome === "unchanged" || outcome === "removed") sums[outcome]++;
    if (kept.length > 0) sums.kept.push({ client, device: device ?? "", points: kept });
    tick(++done, total);
  };

  for (let at = 0; at < clients.length; at += AT_ONCE) {
    const { items } = await post(api, { ...why, clients: clients.slice(at, at + AT_ONCE).map(({ file, seen }) => ({ ...file.stated, seen })) });
    for (const item of items) {
      count(item);
      if (item.outcome === "conflict") sums.conflicts.push({ client: item.client, device: null, now: undefined });
    }
  }
  for (const batch of batchesOf(made)) {
    const written = await writeBatch(batch, why, options);
    for (const item of written.items) count(item);
    sums.conflicts.push(...written.conflicts);
    sums.told.push(...written.told);
  }
  for (let at = 0; at < pruned.length; at += AT_ONCE) {
    const { items } = await post(api, { ...why, remove: pruned.slice(at, at + AT_ONCE).map(({ client, device, tag }) => ({ client, device, seen: tag })) });
    for (const item of items) {
      count(item);
      if (item.outcome === "conflict") sums.conflicts.push({ client: item.client, device: item.device, now: undefined });
    }
  }
  return sums;
}

interface WrittenBatch extends Pick<AppliedPlan, "conflicts" | "told"> {
  readonly items: readonly ApplyOutcome[];
}

async function writeBatch(batch: readonly DevicePlan[], why: { readonly reason?: string }, options: ApplyOptions): Promise<WrittenBatch> {
  const items: ApplyOutcome[] = [];
  const conflicts: AppliedPlan["conflicts"][number][] = [];
  let left = batch;
  for (let attempt = 1; left.length > 0; attempt++) {
    const reply = await post(options.api, { ...why, devices: left.map(asked) });
    if (!reply.written) return { items: [...items, ...reply.items], conflicts, told: toldOf(left, reply.items, options) };
    items.push(...reply.items.filter(({ outcome }) => outcome !== "conflict"));
    const met = left.filter((_, index) => reply.items[index]?.outcome === "conflict");
    const again = await plansOf(met.map(({ file }) => file), options);
    left = again.filter((now, index) => attempt < TRIES && goesOn(met[index], now));
    conflicts.push(...again.filter((now) => !left.includes(now) && now.changes.some(isMade)).map((now) => ({ client: now.stated.client, device: now.stated.device, now })));
  }
  return { items, conflicts, told: [] };
}

/** True when what is left to do is all of it among what was decided: nothing that somebody did meanwhile would be undone. */
function goesOn(before: DevicePlan | undefined, now: DevicePlan): boolean {
  const decided = new Set(before?.changes.map((change) => changesText([change])));
  const left = now.changes.filter(isMade);
  return left.length > 0 && left.every((change) => decided.has(changesText([change])));
}

function toldOf(batch: readonly DevicePlan[], items: readonly ApplyOutcome[], speaking: Speaking): Told[] {
  return items.flatMap(({ findings }, index) => findings.map(({ path, detail, next }) => {
    const { file, stated } = batch[index] as DevicePlan;
    const at = placeIn(stated, saidIn(file, speaking).said, path);
    return { place: placeOf(file.source, at), path: at, detail, next };
  }));
}

function asked({ stated, seen }: DevicePlan): NonNullable<ApplyBody["devices"]>[number] {
  return { document: stated as unknown as NonNullable<ApplyBody["devices"]>[number]["document"], seen };
}

function namedIn(batch: readonly DevicePlan[], coming: ReadonlySet<string>): string[] {
  return [...new Set(batch.flatMap(({ stated }) => namedPoints(stated)))].filter((point) => coming.has(point));
}

function post(api: ApiClient, body: ApplyBody): Promise<Reply> {
  return api.send<Reply>("POST", PATH, { body, timeoutMs: TIMEOUT_MS });
}
