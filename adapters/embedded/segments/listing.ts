import { readdir } from "node:fs/promises";
import { join } from "node:path";

export interface ListQuery {
  readonly prefix: string;
  /** Only names after it. */
  readonly after: string;
  readonly limit: number;
}

/** Names of the files below a folder, in order of their code units. Looks only into folders that can hold an answer. */
export async function listNames(directory: string, query: ListQuery): Promise<string[]> {
  const names: string[] = [];
  const top = query.prefix.slice(0, query.prefix.lastIndexOf("/") + 1);
  await collect(directory, top, query, names);
  return names;
}

/** `folder` is the name of the folder with its `/`, or empty. */
async function collect(directory: string, folder: string, query: ListQuery, names: string[]): Promise<void> {
  for (const { name, isFolder } of await entries(join(directory, folder))) {
    if (names.length >= query.limit) return;
    const full = folder + name;
    if (isFolder) {
      const below = `${full}/`;
      const mayMatch = below.startsWith(query.prefix) || query.prefix.startsWith(below);
      const mayFollow = below > query.after || query.after.startsWith(below);
      if (mayMatch && mayFollow) await collect(directory, below, query, names);
    } else if (full.startsWith(query.prefix) && full > query.after) {
      names.push(full);
    }
  }
}

/** In the order of full names: a folder counts with its `/`, so that "a.b" comes before what is in "a/". */
async function entries(path: string): Promise<{ name: string; isFolder: boolean }[]> {
  const found = await readdir(path, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT" || error.code === "ENOTDIR") return [];
    throw error;
  });
  return found
    .filter((entry) => !entry.name.startsWith("+"))
    .map((entry) => ({ name: entry.name, isFolder: entry.isDirectory(), sort: entry.isDirectory() ? `${entry.name}/` : entry.name }))
    .sort((a, b) => (a.sort < b.sort ? -1 : 1));
}
