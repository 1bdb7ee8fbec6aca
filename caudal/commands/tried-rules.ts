import { readFile } from "node:fs/promises";
import { parse } from "yaml";
import type { CommandContext } from "../commandline/command.ts";
import { CommandFailure } from "../commandline/command-failure.ts";

interface Tried {
  readonly [name: string]: unknown;
  readonly variables?: unknown;
  readonly settings?: unknown;
}

const MAX_BYTES = 4 * 1024 * 1024;
const SET = /^(?:(?<variable>[a-z][a-z0-9_]*)\.)?(?<name>[A-Za-z][A-Za-z0-9]*)=(?<value>.+)$/;

/** The rules that a person tries: of a YAML or JSON file, and over them those written as `--set level.max=40` (a limit) and `--set pulseFactorL=10` (a setting). Whether they can be is for the replay to say. */
export async function triedRulesOf({ arguments: args, say, usageError }: CommandContext, file: string | undefined): Promise<Tried> {
  const fromFile = file === undefined ? {} : await read(file, say);
  const limits = new Map<string, Record<string, unknown>>();
  const settings: Record<string, unknown> = {};
  for (const written of args.all("--set")) {
    const { variable, name, value } = SET.exec(written)?.groups ?? {};
    if (name === undefined || value === undefined) throw usageError(say("rules.set", { written }));
    const meant = valueOf(value);
    if (variable === undefined) settings[name] = meant;
    else limits.set(variable, { ...limits.get(variable), [name]: meant });
  }
  const variables = isObject(fromFile.variables) ? { ...fromFile.variables } : {};
  for (const [variable, given] of limits) variables[variable] = { ...(isObject(variables[variable]) ? variables[variable] : {}), ...given };
  return {
    ...fromFile,
    ...(limits.size === 0 ? {} : { variables }),
    ...(Object.keys(settings).length === 0 ? {} : { settings: [...(Array.isArray(fromFile.settings) ? (fromFile.settings as unknown[]) : []), { values: settings }] }),
  };
}

function valueOf(written: string): number | string | null {
  if (written === "null") return null;
  const number = Number(written);
  return written.trim() === "" || Number.isNaN(number) ? written : number;
}

async function read(path: string, say: CommandContext["say"]): Promise<Tried> {
  const next = say("rules.file.next");
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw new CommandFailure("bad-request", say("rules.no-file", { path }), { next, cause });
  });
  if (bytes.length > MAX_BYTES) throw new CommandFailure("too-large", say("rules.file-size", { path }), { next });
  let content: unknown;
  try {
    content = parse(bytes.toString());
  } catch (cause) {
    throw new CommandFailure("bad-request", say("rules.no-yaml", { path, why: cause instanceof Error ? (cause.message.split("\n")[0] ?? "") : "" }), { next, cause });
  }
  if (!isObject(content)) throw new CommandFailure("bad-request", say("rules.no-object", { path }), { next });
  return content;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
