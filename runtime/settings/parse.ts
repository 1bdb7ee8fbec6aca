import { CaudalError } from "@caudal/core";
import { readFileSync } from "node:fs";
import { REDACTED } from "../log/redact.ts";
import type { SettingRow, SettingsOf, SettingsSpec } from "./spec.ts";

/** Where settings come from; only the composition root reads the process. */
export interface SettingSources {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** By the flag with its dashes: `{ "--mqtt": "off" }`. */
  readonly flags?: Readonly<Record<string, string | undefined>>;
  /** Reads a secret's file; `node:fs` when absent. */
  readonly readFile?: (path: string) => string;
}

export type SettingOrigin = "flag" | "env" | "file" | "default" | "none";

interface Found {
  readonly origin: SettingOrigin;
  /** Undefined when nobody gave it. */
  readonly written: string | undefined;
  /** The name that the person used, for messages. */
  readonly name: string;
}

/** The spec's values. An environment variable that is empty counts as absent. CaudalError "setting" names the variable, what was given and what is expected. */
export function parseSettings<Spec extends SettingsSpec>(spec: Spec, sources: SettingSources): SettingsOf<Spec> {
  const values: Record<string, unknown> = {};
  for (const [key, row] of Object.entries(spec.rows)) values[key] = parseRow(row, find(row, sources));
  return values as SettingsOf<Spec>;
}

/** Who decided each setting of a spec: a default port may move, one that was asked for may not. */
export function settingOrigins<Spec extends SettingsSpec>(spec: Spec, sources: SettingSources): { readonly [K in keyof Spec["rows"]]: SettingOrigin } {
  const origins = Object.entries(spec.rows).map(([key, row]) => [key, find(row, sources).origin]);
  return Object.fromEntries(origins) as { readonly [K in keyof Spec["rows"]]: SettingOrigin };
}

function find(row: SettingRow, sources: SettingSources): Found {
  const flag = row.flag === undefined ? undefined : sources.flags?.[row.flag];
  if (flag !== undefined && row.flag !== undefined) return { origin: "flag", written: flag, name: row.flag };
  const env = sources.env[row.env];
  if (env !== undefined && env !== "") return { origin: "env", written: env, name: row.env };
  const file = row.secret === true ? sources.env[`${row.env}_FILE`] : undefined;
  if (file !== undefined && file !== "") return { origin: "file", written: contentOf(file, row, sources), name: `${row.env}_FILE` };
  if (row.default !== undefined) return { origin: "default", written: row.default, name: row.env };
  return { origin: "none", written: undefined, name: row.env };
}

function contentOf(path: string, row: SettingRow, sources: SettingSources): string {
  const readFile = sources.readFile ?? ((from: string) => readFileSync(from, "utf8"));
  try {
    return readFile(path).replace(/\r?\n$/, "");
  } catch (cause) {
    const why = cause instanceof Error && "code" in cause ? String(cause.code) : "unknown reason";
    throw new CaudalError("setting", `${row.env}_FILE names ${path}, which cannot be read (${why})`, { cause });
  }
}

function parseRow(row: SettingRow, found: Found): unknown {
  if (found.written === undefined) {
    if (row.required === true) throw new CaudalError("setting", `${row.env} is not set: ${row.doc.en}`);
    return undefined;
  }
  const result = row.schema.safeParse(found.written);
  if (result.success) return result.data;
  const given = row.secret === true ? REDACTED : JSON.stringify(found.written);
  const expected = result.error.issues.map((issue) => issue.message).join("; ");
  throw new CaudalError("setting", `${found.name} is ${given}: ${expected}`);
}
