import type { FormatOptions } from "./decoded.ts";

/** A key's name and unit after what a person said about the source; own entries only, whatever the key is called. */
export function named(key: string, unit: string | null, { keys, units }: FormatOptions): { readonly key: string; readonly unit: string | null } {
  return { key: own(keys, key) ?? key, unit: unit ?? own(units, key) ?? null };
}

function own(table: Readonly<Record<string, string>> | undefined, key: string): string | undefined {
  return table !== undefined && Object.hasOwn(table, key) ? table[key] : undefined;
}
