import {
  deviceKey, DIRECTORY_CHANNEL, elsewhereFindings, formatInstant, hasCode, isClient, readSaid, removeConfiguration, systemScope, writeConfigurations,
  type ConfigurationWrite, type ConfigurationWritten, type PointRecord, type Principal, type ReadDevice, type StatedFinding,
} from "@caudal/core";
import type { Language } from "@caudal/runtime";
import { refusalText } from "../points/refusals.ts";
import type { ApplyBody, ApplyOutcome } from "./body.ts";
import type { ConfigurationParts } from "./parts.ts";

interface Applying extends ConfigurationParts {
  readonly principal: Principal;
  readonly language: Language;
  readonly signal: AbortSignal;
}

interface Applied {
  readonly written: boolean;
  readonly items: readonly ApplyOutcome[];
}

type AskedClient = NonNullable<ApplyBody["clients"]>[number];
type AskedRemoval = NonNullable<ApplyBody["remove"]>[number];

/**
 * Checks the whole request, then writes: clients, points, keys, and last what is to go. Where anything is refused nothing is written. What is
 * written stands in the audit trail; a device whose keys mean something else is mapped anew, one that waited has its readings handed over.
 */
export async function applyConfiguration(body: ApplyBody, applying: Applying): Promise<Applied> {
  const { clients = [], devices = [], remove = [], dryRun = false } = body;
  const reads = devices.map(({ document }) => readSaid(document));
  const findings = await findingsOf(reads, clients, new Set(body.coming), applying);
  const isRefused = findings.some((list) => list.length > 0);
  if (isRefused || dryRun) {
    const names = [...clients.map(({ client }) => ({ client, device: null })), ...reads.map(({ stated: { client, device } }) => ({ client, device })), ...remove.map(({ client, device }) => ({ client, device }))];
    const items = names.map((name, index): ApplyOutcome => {
      const found = findings[index] ?? [];
      return { ...name, outcome: found.length > 0 ? "refused" : "checked", tag: null, kept: [], findings: found.map((finding) => findingView(finding, applying.language)) };
    });
    return { written: false, items };
  }
  const items: ApplyOutcome[] = [];
  for (const asked of clients) items.push(await nameClient(asked, body.reason, applying));
  items.push(...await writeAll(devices.map(({ seen }, index) => ({ read: reads[index] as ReadDevice, seen })), body.reason, applying));
  for (const asked of remove) items.push(await removeOne(asked, body.reason, applying));
  return { written: true, items };
}

function findingView({ path, why, values }: StatedFinding, language: Language): ApplyOutcome["findings"][number] {
  const { detail, next } = refusalText(why, values);
  return { path: [...path], why, detail: detail[language], next: next[language] };
}

async function findingsOf(reads: readonly ReadDevice[], clients: readonly AskedClient[], coming: ReadonlySet<string>, { directory, erasures }: Applying): Promise<readonly (readonly StatedFinding[])[]> {
  const erased = await erasures.clients();
  const ofClient = (client: string): StatedFinding[] => (erased.has(client) ? [{ path: ["client"], why: "client-erased", values: { client } }] : []);
  const names = clients.map(({ client }): StatedFinding[] => (isClient(client) ? ofClient(client) : [{ path: ["client"], why: "client-id", values: { met: client.slice(0, 80) } }]));
  const elsewhere = await elsewhereFindings(directory.collections, reads, coming);
  return [...names, ...reads.map(({ stated, findings }, index) => [...ofClient(stated.client), ...findings, ...(elsewhere[index] ?? [])])];
}

/** Makes a client, or gives it another name; a conflict when its name is not the one that was seen. */
async function nameClient({ client, name, seen }: AskedClient, reason: string | undefined, { directory: { collections }, audit, principal, nowUs }: Applying): Promise<ApplyOutcome> {
  const told = { client, device: null, tag: null, kept: [], findings: [] };
  const stored = await collections.clients.get(systemScope, client);
  if (stored?.body.name === name) return { ...told, outcome: "unchanged" };
  if ((stored?.body.name ?? null) !== seen) return { ...told, outcome: "conflict" };
  try {
    if (stored === undefined) await collections.clients.insert(systemScope, { id: client, body: { client, name, createdAtUs: nowUs() } });
    else await collections.clients.replace(systemScope, { id: client, body: { ...stored.body, name } }, stored.version);
  } catch (error) {
    if (hasCode(error, "duplicate-key") || hasCode(error, "version-conflict")) return { ...told, outcome: "conflict" };
    throw error;
  }
  await audit.record(principal, { client, action: "configuration.apply", target: client, change: { reason, name } });
  return { ...told, outcome: "applied" };
}

async function writeAll(writes: readonly ConfigurationWrite[], reason: string | undefined, applying: Applying): Promise<ApplyOutcome[]> {
  const { directory: { collections }, live, audit, principal, desk, signal, nowUs } = applying;
  const why = reason === undefined || reason === "" ? {} : { reason };
  const atUs = nowUs();
  const written = await writeConfigurations(collections, writes, { by: principal.name, atUs, ...why, mayRemove: (point) => mayRemove(point, applying) });
  for (const [index, { read: { stated } }] of writes.entries()) {
    const { outcome, adopted, remapped, began, changed } = written[index] as ConfigurationWritten;
    const { client, device } = stated;
    const partly = outcome === "applied" ? {} : { partly: true };
    if (began) await audit.record(principal, { client, action: "configuration.apply", target: deviceKey(client, device), change: { ...why, ...partly, document: stated } });
    const renamed = new Set(changed.filter(({ isRenamed }) => isRenamed).map(({ point }) => point));
    const points = await collections.points.getMany(systemScope, changed.map(({ point }) => point));
    await Promise.all(points.map(({ id, body }) => {
      const change = { ...why, ...(renamed.has(id) ? { name: body.name } : {}), ...saidAt(body, atUs) };
      return audit.record(principal, { client, action: "configuration.apply", target: id, change });
    }));
    // A nudge that is lost is made up: mapping looks for changes by itself.
    if (remapped) await live.publish(DIRECTORY_CHANNEL, deviceKey(client, device)).catch(() => undefined);
    if (adopted) await desk.replayAll(principal, { clients: [client] }, { filter: { client, reason: "unknown-device", device }, signal });
  }
  return writes.map(({ read: { stated } }, index) => {
    const { outcome, tag, kept } = written[index] as ConfigurationWritten;
    return { client: stated.client, device: stated.device, outcome, tag, kept: [...kept], findings: [] };
  });
}

/** What was said of a point at one time, as a request that changes a point says it. */
function saidAt({ periodS, limits = [], settings = [] }: PointRecord, atUs: number): object {
  const from = (validFromUs: number | null): string | null => (validFromUs === null ? null : formatInstant(validFromUs));
  const now = <P extends { readonly changedAtUs: number }>(periods: readonly P[]): readonly P[] => periods.filter(({ changedAtUs }) => changedAtUs === atUs);
  return {
    periodS,
    limits: now(limits).map(({ variable, validFromUs, values, reason }) => ({ variable, validFrom: from(validFromUs), values, reason })),
    settings: now(settings).map(({ validFromUs, values, reason }) => ({ validFrom: from(validFromUs), values, reason })),
  };
}

async function removeOne({ client, device, seen }: AskedRemoval, reason: string | undefined, applying: Applying): Promise<ApplyOutcome> {
  const { directory: { collections }, live, audit, principal } = applying;
  const gone = await removeConfiguration(collections, { client, device }, seen, (point) => mayRemove(point, applying));
  const told = { client, device, tag: null, findings: [] };
  if (gone === undefined) return { ...told, outcome: "conflict", kept: [] };
  if (!gone.removed) return { ...told, outcome: "kept", tag: seen, kept: [...gone.kept] };
  await audit.record(principal, { client, action: "configuration.remove", target: deviceKey(client, device), change: { reason } });
  await live.publish(DIRECTORY_CHANNEL, deviceKey(client, device)).catch(() => undefined);
  return { ...told, outcome: "removed", kept: [] };
}

/** A point may go while nothing was heard of its device and no fact of it is kept. */
async function mayRemove({ client, point, device }: PointRecord, { presence, cold }: Pick<Applying, "presence" | "cold">): Promise<boolean> {
  if ((await presence.get(systemScope, deviceKey(client, device))) !== undefined) return false;
  return (await cold.floor(systemScope, { client, point })) === undefined;
}
