import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { CaudalError } from "@caudal/core";
import type { Account, SecretResolver } from "../account.ts";
import type { Provider } from "../provider.ts";
import { fileShape, readBlocks, type Block } from "./blocks.ts";
import { readDocument } from "./document.ts";
import { finding, findingsOf, type Finding, type Places } from "./finding.ts";
import { readAccounts } from "./read-accounts.ts";
import type { AccountProblem } from "./secrets.ts";

/** What `config/providers.yaml` says. */
export interface ProvidersFile {
  readonly accounts: readonly Account[];
  /** Accounts and devices that are not polled, because a secret is missing. */
  readonly problems: readonly AccountProblem[];
  /** Blocks under `providers:`, in use or not. */
  readonly blocks: readonly Block[];
}

export interface ReadProvidersOptions {
  readonly resolveSecret: SecretResolver;
  /** All that an account may name besides the file's own blocks. */
  readonly providers: readonly Provider[];
}

/** `config/providers.yaml`, wherever the program was started from. */
export const shippedProvidersFile = fileURLToPath(new URL("../../../config/providers.yaml", import.meta.url));

/** Reads a file of providers. CaudalError "setting" lists all that is wrong with it: file, line, field, what is expected and what was met. */
export async function readProvidersFile(path: string, options: ReadProvidersOptions): Promise<ProvidersFile> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (cause) {
    throw new CaudalError("setting", `${path} cannot be read`, { cause });
  }
  return parseProviders(text, path, options);
}

/** The same of a text; `name` stands in errors. */
export async function parseProviders(text: string, name: string, options: ReadProvidersOptions): Promise<ProvidersFile> {
  const document = readDocument(text);
  if (!document.ok) throw wrong(name, document.findings);
  const { places, content } = document;
  const shape = fileShape.safeParse(content ?? {});
  // What can be read of a file is read, so that all findings come at once.
  const lists = shape.success ? shape.data : listsOf(content);
  const { blocks, findings: ofBlocks } = readBlocks(lists.providers ?? [], options.providers, places);
  const read = await readAccounts(lists.accounts ?? [], { blocks, places, ...options, providers: [...options.providers, ...brokenBlocks(lists.providers ?? [], blocks, options.providers)] });
  const findings = [...(shape.success ? [] : findingsOf(shape.error, fileShape, { at: [], places })), ...ofBlocks, ...read.findings, ...secretsInBlocks(lists.providers ?? [], places)];
  if (findings.length > 0) throw wrong(name, findings);
  return { accounts: read.accounts, problems: read.problems, blocks };
}

function wrong(name: string, findings: readonly Finding[]): CaudalError {
  const lines = findings.toSorted((a, b) => a.line - b.line).map(({ line, field, detail }) => `${name}:${line}: ${field === "" ? "" : `${field}: `}${detail}`);
  return new CaudalError("setting", [...new Set(lines)].join("\n"));
}

function listsOf(content: unknown): { readonly providers?: readonly unknown[]; readonly accounts?: readonly unknown[] } {
  if (typeof content !== "object" || content === null) return {};
  const { providers, accounts } = content as { readonly providers?: unknown; readonly accounts?: unknown };
  return { ...(Array.isArray(providers) ? { providers } : {}), ...(Array.isArray(accounts) ? { accounts } : {}) };
}

/** A block that cannot be read has its own finding: accounts that name it need not say again that there is none. */
function brokenBlocks(rows: readonly unknown[], read: readonly Block[], providers: readonly Provider[]): readonly Provider[] {
  const [stand] = providers;
  if (stand === undefined) return [];
  return rows.flatMap((row) => {
    const id = typeof row === "object" && row !== null ? (row as { readonly id?: unknown }).id : undefined;
    const isRead = typeof id !== "string" || read.some(({ provider }) => provider.id === id) || providers.some((each) => each.id === id || each.aliases.includes(id));
    return isRead ? [] : [{ ...stand, id, aliases: [], settings: anything, secrets: { account: [], device: [] } }];
  });
}

const anything = fileShape.catchall(fileShape).transform(() => ({})) as unknown as Provider["settings"];

/** Where a secret could be written out by mistake: headers, parameters, and what is sent. */
function secretsInBlocks(rows: readonly unknown[], places: Places): readonly Finding[] {
  return rows.flatMap((_, at) => ["request", "history", "auth"].flatMap((part) => ["headers", "query", "json", "form"].flatMap((field) => {
    const path = ["providers", at, part, field];
    const fields = places.valueAt(path);
    if (typeof fields !== "object" || fields === null) return [];
    const written = Object.entries(fields).filter(([name, value]) => LOOKS_SECRET.test(name) && typeof value === "string" && !/\{[^{}]+\}/.test(value));
    return written.map(([name]) => finding([...path, name], "expected the secret by its name, such as {secret.API_KEY}: a secret never stands in this file", places));
  })));
}

const LOOKS_SECRET = /authorization|api-?_?key|token|secret|password/i;
