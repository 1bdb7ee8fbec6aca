import type { SecretResolver } from "../account.ts";
import type { Provider } from "../provider.ts";
import type { Block } from "./blocks.ts";
import { finding, suggestion, type FieldPath, type Finding, type Places } from "./finding.ts";

/** Why an account, or one device of it, is not polled while the others are. */
export interface AccountProblem {
  readonly account: string;
  /** Undefined: the whole account. */
  readonly device: string | undefined;
  readonly line: number;
  readonly detail: string;
}

interface Owner {
  readonly path: FieldPath;
  readonly written: { readonly id: string; readonly secrets: Readonly<Record<string, string>> };
  readonly provider: Provider;
  readonly block: Block | undefined;
  readonly devices: readonly { readonly path: FieldPath; readonly written: { readonly device: string; readonly secrets?: Readonly<Record<string, string>> | undefined } }[];
  readonly resolveSecret: SecretResolver;
  readonly places: Places;
}

type Secrets = Readonly<Record<string, string>>;

export interface ReadSecrets {
  readonly isUsable: boolean;
  readonly account: Secrets;
  /** One entry a device; undefined where one of its secrets is missing. */
  readonly devices: readonly (Secrets | undefined)[];
  readonly problems: readonly AccountProblem[];
  readonly findings: readonly Finding[];
}

const ENVIRONMENT_NAME = /^[A-Z][A-Z0-9_]*$/;

/** Secrets of an account and of its devices, by reference. A name that looks like an environment variable's is one, where the account says nothing else. */
export async function readSecrets(owner: Owner): Promise<ReadSecrets> {
  const { provider, written, path, places } = owner;
  const findings: Finding[] = [];
  const problems: AccountProblem[] = [];
  const known = [...provider.secrets.account, ...provider.secrets.device];
  const references = { ...fromEnvironment(provider.secrets.account, owner.block), ...written.secrets };
  checkNames(written.secrets, known, { path, places, findings, needs: provider.id });
  for (const name of provider.secrets.account) {
    const everyDevice = owner.devices.every((device) => device.written.secrets?.[name] !== undefined);
    if (references[name] === undefined && !everyDevice) findings.push(finding([...path, "secrets", name], `expected env:NAME or file:/path, met nothing: ${provider.id} needs it`, places));
  }
  const account = await resolved(references, { owner, device: undefined, path, problems });
  const devices: (Secrets | undefined)[] = [];
  for (const device of owner.devices) {
    const own = device.written.secrets ?? {};
    checkNames(own, known, { path: device.path, places, findings, needs: provider.id });
    for (const name of provider.secrets.device) {
      if (own[name] === undefined && references[name] === undefined) findings.push(finding([...device.path, "secrets", name], `expected env:NAME or file:/path, met nothing: each device of ${provider.id} has its own`, places));
    }
    devices.push(await resolved(own, { owner, device: device.written.device, path: device.path, problems }));
  }
  return { isUsable: account !== undefined, account: account ?? {}, devices, problems, findings };
}

function fromEnvironment(names: readonly string[], block: Block | undefined): Secrets {
  return block === undefined ? {} : Object.fromEntries(names.filter((name) => ENVIRONMENT_NAME.test(name)).map((name) => [name, `env:${name}`]));
}

function checkNames(secrets: Secrets, known: readonly string[], { path, places, findings, needs }: { readonly path: FieldPath; readonly places: Places; readonly findings: Finding[]; readonly needs: string }): void {
  for (const name of Object.keys(secrets)) {
    if (known.includes(name)) continue;
    findings.push(finding([...path, "secrets", name], known.length === 0 ? `is unknown here: ${needs} needs no secrets` : `is unknown here${suggestion(name, known)}`, places));
  }
}

async function resolved(references: Secrets, { owner, device, path, problems }: { readonly owner: Owner; readonly device: string | undefined; readonly path: FieldPath; readonly problems: AccountProblem[] }): Promise<Secrets | undefined> {
  const secrets: Record<string, string> = {};
  let isWhole = true;
  for (const [name, reference] of Object.entries(references)) {
    const secret = await owner.resolveSecret(reference);
    if (secret !== undefined && secret !== "") {
      secrets[name] = secret;
      continue;
    }
    isWhole = false;
    const next = reference.startsWith("env:") ? `set the environment variable ${reference.slice("env:".length)}` : `write it to ${reference.slice("file:".length)}, where the program may read it`;
    problems.push({ account: owner.written.id, device, line: owner.places.lineOf([...path, "secrets", name]), detail: `the secret ${name} (${reference}) has no value: ${next}` });
  }
  return isWhole ? secrets : undefined;
}
