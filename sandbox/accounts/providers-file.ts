import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { parseLimits } from "../limits/limit.ts";
import { APPLICATION } from "../providers/things-stack-ask.ts";
import type { SandboxDevice } from "../fleet/device.ts";
import type { Sandbox } from "../open-sandbox.ts";
import { blocks } from "./blocks.ts";
import type { DescribedAccount } from "./described.ts";

export interface ProvidersFileOptions {
  /** Whose readings they are; "default" when absent. */
  readonly client?: string;
  /** What accounts' names begin with; "sandbox" when absent. */
  readonly prefix?: string;
  /** How often each device is asked; its own period when absent. */
  readonly every?: string;
  /** Calls under way at once with one credential; 4 when absent. */
  readonly concurrency?: number;
}

/** A configuration may use this much of what a provider allows: two clocks are never quite the same. */
const SHARE_OF_LIMIT = 0.8;
const SENTINELS = [-999, -3200];

type SecretReference = (name: string) => string;

/** A secret's file, by account or device and name. */
const secretFile = (of: string, name: string): string => `${of}.${name}`;

/** The text of a `config/providers.yaml` with every account of a sandbox; `reference` says where a secret, named as its file is, will be. */
export function providersFileText(accounts: readonly DescribedAccount[], reference: SecretReference, options: ProvidersFileOptions = {}): string {
  const used = accounts.filter(({ provider }) => blocks[provider] !== undefined);
  return [
    "# Accounts of a provider sandbox: made up, and good for nothing else.",
    ...section("providers", used.map((account) => ({ id: account.provider, title: account.title, baseUrl: account.baseUrl, ...blocks[account.provider], rate: budget(account) }))),
    ...section("accounts", accounts.map((account) => accountFields(account, reference, options))),
    "",
  ].join("\n");
}

/** A list of maps: each field on a line of its own, with its value in YAML's flow style, which JSON is. Devices have a line each. */
function section(name: string, items: readonly Readonly<Record<string, unknown>>[]): readonly string[] {
  if (items.length === 0) return [`${name}: []`];
  return [`${name}:`, ...items.flatMap((item) => Object.entries(item).flatMap(([field, value], at) => written(at === 0 ? "  - " : "    ", field, value)))];
}

function written(indent: string, field: string, value: unknown): readonly string[] {
  if (field !== "devices" || !Array.isArray(value)) return [`${indent}${field}: ${JSON.stringify(value)}`];
  return [`${indent}${field}:`, ...value.map((device) => `      - ${JSON.stringify(device)}`)];
}

function accountFields(account: DescribedAccount, reference: SecretReference, { client = "default", prefix = "sandbox", every, concurrency = 4 }: ProvidersFileOptions): Readonly<Record<string, unknown>> {
  const { id, provider, name, baseUrl, secrets, devices } = account;
  const inBlock = blocks[provider] !== undefined;
  return {
    id: `${prefix}-${id}`,
    provider: inBlock ? provider : name,
    client,
    ...(inBlock ? {} : { baseUrl, budget: budget(account) }),
    ...(provider === "things-stack" ? { settings: { application: APPLICATION } } : {}),
    secrets: references(id, secrets, reference),
    allowPrivate: true,
    concurrency,
    sentinels: SENTINELS,
    devices: devices.map((device) => deviceFields(device, { reference, every, title: account.title })),
  };
}

function deviceFields({ device, remote, keys, secrets, everyMs }: SandboxDevice, { reference, every, title }: { readonly reference: SecretReference; readonly every: string | undefined; readonly title: string }): Readonly<Record<string, unknown>> {
  return {
    device,
    name: pointName(title, device),
    remote,
    every: every ?? `${everyMs / 1000}s`,
    keys: keys.map(({ key }) => key),
    names: Object.fromEntries(keys.map(({ key, quantity }) => [key, quantity])),
    units: Object.fromEntries(keys.map(({ key, unit }) => [key, unit])),
    ...(Object.keys(secrets).length === 0 ? {} : { secrets: references(device, secrets, reference) }),
  };
}

/** `thethings-io-2` of "thethings.io (Nettra)" is "thethings.io 2". */
function pointName(title: string, device: string): string {
  return `${title.replace(/ \(.*\)$/, "")} ${/\d+$/.exec(device)?.[0] ?? ""}`.trim();
}

function references(of: string, secrets: Readonly<Record<string, string>>, reference: SecretReference): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.keys(secrets).map((name) => [name, reference(secretFile(of, name))]));
}

function budget({ limits }: DescribedAccount): readonly { readonly calls: number; readonly per: string }[] {
  const allowed = parseLimits(limits === "" ? "20:1" : limits);
  return allowed.map(({ requests, perMs }) => ({ calls: Math.max(1, Math.floor(requests * SHARE_OF_LIMIT)), per: `${perMs / 1000}s` }));
}

/**
 * Writes a `config/providers.yaml` for a sandbox's accounts, and beside it a folder `secrets` with a file for each of their made-up secrets,
 * which the configuration refers to. Rejects when they cannot be written.
 */
export async function writeProvidersFile(sandbox: Pick<Sandbox, "accounts">, path: string, options: ProvidersFileOptions = {}): Promise<{ readonly path: string; readonly secretsFolder: string }> {
  const accounts = sandbox.accounts();
  const target = resolve(path);
  const secretsFolder = join(dirname(target), "secrets");
  await mkdir(secretsFolder, { recursive: true, mode: 0o700 });
  const files = accounts.flatMap(({ id, secrets, devices }) => [{ of: id, secrets }, ...devices.map((device) => ({ of: device.device, secrets: device.secrets }))]);
  for (const { of, secrets } of files) {
    for (const [name, secret] of Object.entries(secrets)) await writeFile(join(secretsFolder, secretFile(of, name)), `${secret}\n`, { mode: 0o600 });
  }
  await writeFile(target, providersFileText(accounts, (file) => `file:${join(secretsFolder, file)}`, options));
  return { path: target, secretsFolder };
}
