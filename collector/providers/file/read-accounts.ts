import type { AccountDevice, SecretResolver } from "../account.ts";
import type { Account } from "../account.ts";
import type { Provider } from "../provider.ts";
import { blockDefaults, inlineBlock, type Block } from "./blocks.ts";
import { cadenceOf, EXPECTED_EVERY } from "./cadence.ts";
import { finding, findingsOf, suggestion, type FieldPath, type Finding, type Places } from "./finding.ts";
import { readSecrets, type AccountProblem } from "./secrets.ts";
import { accountShape, deviceShape, type WrittenAccount, type WrittenDevice } from "./shape.ts";

export interface AccountSources {
  readonly blocks: readonly Block[];
  readonly providers: readonly Provider[];
  readonly resolveSecret: SecretResolver;
  readonly places: Places;
}

/** An account as it is written, its provider and settings known, before its secrets are. */
interface Draft {
  readonly path: FieldPath;
  readonly written: WrittenAccount;
  readonly provider: Provider;
  readonly settings: unknown;
  readonly block: Block | undefined;
  readonly devices: readonly { readonly path: FieldPath; readonly written: WrittenDevice }[];
}

/** Accounts under `accounts:`. What is wrong with the file is a finding; a secret that is missing is its account's problem, and the others go on. */
export async function readAccounts(rows: readonly unknown[], sources: AccountSources): Promise<{ readonly accounts: readonly Account[]; readonly problems: readonly AccountProblem[]; readonly findings: readonly Finding[] }> {
  const findings: Finding[] = [];
  const drafts = rows.flatMap((row, at) => {
    const draft = readDraft(row, ["accounts", at], sources, findings);
    return draft === undefined ? [] : [draft];
  });
  findings.push(...repeated(drafts, sources.places));
  const accounts: Account[] = [];
  const problems: AccountProblem[] = [];
  for (const draft of drafts) {
    const devices = draft.devices.map((device) => readDevice(device, draft, { places: sources.places, findings }));
    const secrets = await readSecrets({ ...draft, devices: draft.devices, ...sources });
    findings.push(...secrets.findings);
    problems.push(...secrets.problems);
    if (findings.length > 0 || !secrets.isUsable) continue;
    const usable = devices.flatMap((device, at) => {
      const own = secrets.devices[at];
      return device === undefined || own === undefined ? [] : [{ ...device, secrets: own }];
    });
    if (usable.length > 0) accounts.push(accountOf(draft, secrets.account, usable));
  }
  return { accounts, problems, findings };
}

function readDraft(row: unknown, path: FieldPath, { blocks, providers, places }: AccountSources, findings: Finding[]): Draft | undefined {
  const checked = accountShape.safeParse(row);
  if (!checked.success) {
    findings.push(...findingsOf(checked.error, accountShape, { at: path, places }));
    // Its devices are looked at all the same, so that one reading of the findings mends them all.
    for (const [at, device] of devicesOf(row).entries()) checkDevice(device, [...path, "devices", at], places, findings);
    return undefined;
  }
  const written = checked.data;
  const devices = written.devices.flatMap((device, at) => {
    const devicePath = [...path, "devices", at];
    const one = checkDevice(device, devicePath, places, findings);
    return one === undefined ? [] : [{ path: devicePath, written: one }];
  });
  const known = findProvider(written, { path, blocks, providers, places }, findings);
  return known === undefined ? undefined : { path, written, devices, ...known };
}

function devicesOf(row: unknown): readonly unknown[] {
  const devices = typeof row === "object" && row !== null ? (row as { readonly devices?: unknown }).devices : undefined;
  return Array.isArray(devices) ? devices : [];
}

function checkDevice(device: unknown, path: FieldPath, places: Places, findings: Finding[]): WrittenDevice | undefined {
  const checked = deviceShape.safeParse(device);
  if (!checked.success) findings.push(...findingsOf(checked.error, deviceShape, { at: path, places }));
  return checked.success ? checked.data : undefined;
}

function findProvider(written: WrittenAccount, { path, blocks, providers, places }: Pick<AccountSources, "blocks" | "providers" | "places"> & { readonly path: FieldPath }, findings: Finding[]): Pick<Draft, "provider" | "settings" | "block"> | undefined {
  const name = written.provider.toLowerCase();
  const block = blocks.find(({ provider }) => provider.id === name);
  if (block !== undefined) {
    if (written.settings === undefined) return { provider: block.provider, settings: block.settings, block };
    findings.push(finding([...path, "settings"], `belong to the block ${name} under providers, and not to an account of it`, places));
    return undefined;
  }
  const provider = providers.find(({ id, aliases }) => id === name || aliases.includes(name));
  if (provider === undefined) {
    const known = [...providers.flatMap(({ id, aliases }) => [id, ...aliases]), ...blocks.map((each) => each.provider.id)];
    findings.push(finding([...path, "provider"], `"${written.provider.slice(0, 60)}" is no provider${suggestion(name, known)}`, places));
    return undefined;
  }
  const settings = provider.settings.safeParse(written.settings ?? {});
  if (!settings.success) {
    findings.push(...findingsOf(settings.error, provider.settings, { at: [...path, "settings"], places }));
    return undefined;
  }
  if (provider.id !== "http-json") return { provider, settings: settings.data, block: undefined };
  const inline = inlineBlock(written.id, settings.data);
  return { provider: inline.provider, settings: inline.settings, block: inline };
}

/** Two accounts of one name, or one device in two of them, would be two truths about one thing. */
function repeated(drafts: readonly Draft[], places: Places): readonly Finding[] {
  const lines = new Map<string, number>();
  const findings: Finding[] = [];
  const take = (key: string, path: FieldPath, what: string): void => {
    const before = lines.get(key);
    if (before === undefined) lines.set(key, places.lineOf(path));
    else findings.push(finding(path, `${what} stands already in line ${before}`, places));
  };
  for (const { path, written, devices } of drafts) {
    take(`account ${written.id}`, [...path, "id"], `the account ${written.id}`);
    for (const each of devices) take(`device ${written.client} ${each.written.device}`, [...each.path, "device"], `the device ${each.written.device} of ${written.client}`);
  }
  return findings;
}

type ReadDevice = Omit<AccountDevice, "secrets">;

function readDevice({ path, written }: Draft["devices"][number], draft: Draft, { places, findings }: { readonly places: Places; readonly findings: Finding[] }): ReadDevice | undefined {
  const { written: account, provider, block } = draft;
  const defaults = block === undefined ? { names: {}, units: {}, sentinels: [] } : blockDefaults(block.settings);
  const every = written.every ?? account.every;
  const cadence = every === undefined ? undefined : cadenceOf(every, written.zone ?? account.zone ?? "UTC");
  if (cadence === undefined) findings.push(finding([...path, "every"], `${EXPECTED_EVERY}, here or for the whole account, met nothing`, places));
  const keys = written.keys ?? account.keys ?? [];
  if (keys.length === 0 && needsKeys(draft)) findings.push(finding([...path, "keys"], `expected the names of its values at ${provider.id}, here or for the whole account, met nothing`, places));
  if (cadence === undefined) return undefined;
  return {
    device: written.device, ...(written.name === undefined ? {} : { name: written.name }), remote: written.remote ?? written.device, keys: [...new Set(keys)], cadence,
    names: { ...defaults.names, ...account.names, ...written.names },
    units: { ...defaults.units, ...account.units, ...written.units },
    sentinels: [...new Set([...defaults.sentinels, ...(written.sentinels ?? account.sentinels ?? [])])],
    live: written.live ?? false,
  };
}

/** Storage gives whole messages, and a block may give all that an answer holds; the others are asked by name. */
function needsKeys({ provider, block }: Draft): boolean {
  return block === undefined ? provider.id !== "things-stack" : provider.keysPerCall === "one" || JSON.stringify([block.settings.request, block.settings.history]).includes("{variables");
}

function accountOf({ written, provider, settings }: Draft, secrets: Readonly<Record<string, string>>, devices: readonly AccountDevice[]): Account {
  const { overlap } = written;
  return {
    id: written.id, provider, settings, client: written.client,
    baseUrl: (written.baseUrl ?? provider.baseUrl(settings)).replace(/\/+$/, ""),
    secrets,
    budget: written.budget === undefined ? provider.budget : written.budget.map(({ calls, per }) => ({ calls, perMs: per })),
    concurrency: written.concurrency, allowPrivate: written.allowPrivate,
    overlapEveryMs: overlap === "off" || !provider.hasHistory ? 0 : overlap.every,
    overlapMs: overlap === "off" || !provider.hasHistory ? 0 : overlap.window,
    devices,
  };
}
