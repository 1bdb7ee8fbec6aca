import type { CommandContext } from "./command.ts";

/** A list as every API answers it. */
export interface ListPage<T> {
  readonly items: readonly T[];
  readonly next?: string | null;
}

export const pagingFlags = ["--limit", "--cursor"] as const;

/** Query string of a listing: paging, and the filters that were given. */
export function listQuery(flags: Readonly<Record<string, string>>, filters: readonly string[]): string {
  const query = new URLSearchParams();
  for (const name of [...filters, "limit", "cursor"]) {
    const value = flags[`--${name}`];
    if (value !== undefined) query.set(name, value);
  }
  return query.size === 0 ? "" : `?${query}`;
}

/** A table for people, the page as it came for programs. */
export function printPage<T>({ json, terminal, say }: CommandContext, page: ListPage<T>, row: (item: T) => readonly string[]): void {
  if (json) return terminal.json(page);
  if (page.items.length === 0) terminal.line(say("cli.none"));
  terminal.table(page.items.map(row));
  if (page.next) terminal.line(say("cli.more", { cursor: page.next }));
}
